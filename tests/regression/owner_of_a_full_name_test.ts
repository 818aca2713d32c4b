// The registrar knew owners by the name without namespace and subsystem: services
// of two namespaces were in conflict, and no metric of a namespace could be
// unregistered.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { createRegistrar } from "../../src/recorders/mod.ts";
import { namesOf } from "../metrics/fixtures.ts";

const MAILS = { name: "mails_total", help: "Mails." };

test("createRegistrar() keeps metrics of two namespaces apart", () => {
  const registry = createRegistry({ selfMetrics: false });
  const registrar = createRegistrar(registry);
  registrar.counter("mailer", { ...MAILS, namespace: "shop" });
  registrar.counter("spammer", { ...MAILS, namespace: "spam" });
  assert.deepEqual(namesOf(registry), ["shop_mails_total", "spam_mails_total"]);
});

test("createRegistrar() refuses one full name in other parts", () => {
  const registrar = createRegistrar(createRegistry());
  registrar.counter("mailer", { ...MAILS, namespace: "a", subsystem: "b" });
  assert.throws(
    () => registrar.counter("spammer", { ...MAILS, namespace: "a_b" }),
    { name: "OwnerConflictError", metric: "a_b_mails_total" },
  );
});

test("MetricsRegistrar.unregister() takes the full name", () => {
  const registry = createRegistry({ selfMetrics: false });
  const registrar = createRegistrar(registry.scope({ prefix: "eu_" }));
  registrar.counter("mailer", { ...MAILS, namespace: "shop" });
  assert.equal(registrar.unregister("mailer", "mails_total"), false);
  assert.equal(registrar.unregister("mailer", "eu_shop_mails_total"), true);
  assert.deepEqual(namesOf(registry), []);
});
