// An info that was added repeatedly expired nevertheless, because finding its
// series did not count as a record.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf, setUp } from "../metrics/fixtures.ts";

test("an info that is added repeatedly does not expire", () => {
  const { registry, clock } = setUp();
  const info = registry.info({
    name: "x_info",
    help: "X.",
    labels: ["v"],
    expireAfter: 60,
  });
  for (let i = 0; i < 5; i++) {
    info.add({ v: "1" });
    assert.deepEqual(rowsOf(registry, "x_info"), [["1", 1]]);
    clock.advance(45);
  }
  clock.advance(60);
  rowsOf(registry, "x_info");
  assert.equal(info.size, 0);
});
