// A module that is reloaded declares its callback again, and then the old copy
// disposes of its handle. That took the new copy's family out, and, disposed
// of twice, any other family that had the name by then.
import assert from "node:assert/strict";
import { test } from "node:test";
import { namesOf, setUp, valueOf } from "../metrics/fixtures.ts";

test("disposing of a replaced callback leaves the new one alone", () => {
  const { registry } = setUp();
  const declare = (value: number) =>
    registry.callbackGauge({
      name: "x",
      help: "X.",
      read: (report) => report(value),
    });
  const old = declare(1);
  const fresh = declare(2);
  old[Symbol.dispose]();
  assert.equal(valueOf(registry, "x"), 2);
  fresh[Symbol.dispose]();
  assert.deepEqual(namesOf(registry), []);
});

test("disposing of a callback twice takes out nothing else", () => {
  const { registry } = setUp();
  const callback = registry.callbackGauge({
    name: "x",
    help: "X.",
    read: (report) => report(1),
  });
  callback[Symbol.dispose]();
  registry.gauge({ name: "x", help: "Another." }).set(7);
  callback[Symbol.dispose]();
  assert.equal(valueOf(registry, "x"), 7);
});
