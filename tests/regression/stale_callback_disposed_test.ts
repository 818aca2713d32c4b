// A reloaded module declares its callback again, then the old copy disposes of
// its handle. That removed the family of the new copy and, if disposed of twice,
// any other family that had the name by then.
import assert from "node:assert/strict";
import { test } from "node:test";
import { namesOf, setUp, valueOf } from "../metrics/fixtures.ts";

test("disposing of a replaced callback does not remove the new one", () => {
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

test("disposing of a callback twice removes no other family", () => {
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
