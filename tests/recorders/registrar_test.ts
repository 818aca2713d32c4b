/** Registration of metrics by the services that own them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import {
  createRegistrar,
  OwnerConflictError,
} from "../../src/recorders/mod.ts";

const MAILS = { name: "mails_total", help: "Mails." };

test("createRegistrar() returns the metric of the same service again", () => {
  const registrar = createRegistrar(createRegistry());
  const mails = registrar.counter("mailer", MAILS);
  assert.equal(registrar.counter("mailer", MAILS), mails);
});

test("createRegistrar() refuses the metric of another service", () => {
  const registrar = createRegistrar(createRegistry());
  registrar.counter("mailer", MAILS);
  assert.throws(() => registrar.counter("spammer", MAILS), (error: Error) => {
    assert.ok(error instanceof OwnerConflictError);
    const { metric, owner, requester } = error;
    const names = ["mails_total", "mailer", "spammer"];
    assert.deepEqual([metric, owner, requester], names);
    return true;
  });
});

test("createRegistrar() stores no owner for a failed declaration", () => {
  const registrar = createRegistrar(createRegistry());
  const wrong = { name: "mails_total", help: "" };
  assert.throws(() => registrar.counter("mailer", wrong));
  registrar.counter("spammer", MAILS).inc();
});

test("MetricsRegistrar.unregister() removes only metrics of the service", () => {
  const registry = createRegistry();
  const registrar = createRegistrar(registry);
  registrar.counter("mailer", MAILS).inc();
  assert.equal(registrar.unregister("spammer", "mails_total"), false);
  assert.equal(registry.descs.some(({ name }) => name === MAILS.name), true);
  assert.equal(registrar.unregister("mailer", "mails_total"), true);
  assert.equal(registry.descs.some(({ name }) => name === MAILS.name), false);
  assert.equal(registrar.unregister("mailer", "mails_total"), false);
  registrar.counter("spammer", MAILS);
});

test("createRegistrar() refuses an empty service", () => {
  const registrar = createRegistrar(createRegistry());
  for (const service of ["", undefined as never]) {
    assert.throws(() => registrar.counter(service, MAILS), {
      name: "TypeError",
      message:
        /^Cannot register "mails_total" for .*give the name of a service/,
    });
  }
});
