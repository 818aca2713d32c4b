/**
 * Tests of metrics with `node:test`: a change, a duration under a fake clock, and
 * `lint()`. Each test has its own registry.
 *
 *     deno test examples/testing.ts
 *     bun test ./examples/testing.ts
 *     node --test examples/testing.ts
 *
 * Runs on Deno, Bun and Node.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, type Registry } from "../mod.ts";
import { changeOf, distributionOf, lint } from "../src/testing/mod.ts";
import { FakeClock } from "../src/testing/mod.ts";

/** The code under test: its metrics are in the registry that it is given. */
function createMailer(registry: Registry, send: () => Promise<void>) {
  const failures = registry.counter({
    name: "mail_failures_total",
    help: "Mails that could not be sent.",
  });
  const duration = registry.histogram({
    name: "mail_duration_seconds",
    help: "Time to send a mail.",
    unit: "seconds",
  });
  return () => failures.countErrors(() => duration.time(send));
}

test("a mail that cannot be sent is counted as a failure", async () => {
  const registry = createRegistry({ strict: true }); // a rejected value throws
  const mail = createMailer(registry, () => Promise.reject(new Error("down")));
  const failures = changeOf(registry, "mail_failures_total");
  await assert.rejects(mail());
  assert.equal(failures(), 1);
});

test("the duration is that of the sending", async () => {
  const clock = new FakeClock();
  const registry = createRegistry({ clock, strict: true });
  await createMailer(registry, () => {
    clock.advance(1.5);
    return Promise.resolve();
  })();
  assert.equal(distributionOf(registry, "mail_duration_seconds")?.sum, 1.5);
});

test("names, units and help texts follow the conventions", () => {
  const registry = createRegistry();
  createMailer(registry, () => Promise.resolve());
  assert.deepEqual(lint(registry), []);
});
