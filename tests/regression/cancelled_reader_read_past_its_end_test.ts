/**
 * A cancelled reader that the ring had overtaken reported events as missed that
 * were published after the cancellation.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../src/bus/mod.ts";

test("a cancelled reader does not count later events as missed", () => {
  const bus = createBus<{ a: number }>({ capacity: 1 });
  const reader = bus.subscribe({ buffer: 1, topics: ["a"] });
  bus.publish("a", 1);
  bus.publish("a", 2);
  reader.cancel();
  bus.publish("a", 3);
  bus.publish("a", 4);
  assert.deepEqual(reader.read(), {
    gap: "lagged",
    from: 1,
    to: 2,
    missed: 2,
  });
  assert.equal(reader.read(), undefined);
  assert.equal(reader.lost, 2);
});
