// A declaration threw because its known series could not be made, but its family
// stayed registered: the corrected declaration was then refused as a conflict.
import assert from "node:assert/strict";
import { test } from "node:test";
import { namesOf, rowsOf, setUp } from "../metrics/fixtures.ts";

const X = { name: "x_total", help: "X.", labels: ["a"] } as const;

test("a declaration with too many known series registers no family", () => {
  const { registry } = setUp();
  const known = [{ a: 1 }, { a: 2 }];
  assert.throws(
    () => registry.counter({ ...X, known, maxSeries: 1 }),
    RangeError,
  );
  assert.deepEqual(namesOf(registry), []);
  registry.counter({ ...X, known, maxSeries: 2 });
  assert.deepEqual(rowsOf(registry, "x_total"), [["1", 0], ["2", 0]]);
});

test('a declaration with known: "all" and no closed sets registers no family', () => {
  const { registry } = setUp();
  assert.throws(() => registry.gauge({ ...X, known: "all" }), RangeError);
  assert.throws(
    () => registry.info({ ...X, name: "x_info", known: "all" }),
    RangeError,
  );
  assert.deepEqual(namesOf(registry), []);
  registry.counter({ ...X, values: { a: ["1"] }, known: "all" });
  assert.deepEqual(namesOf(registry), ["x_total"]);
});

test("a refused known series does not remove an earlier family", () => {
  const { registry } = setUp();
  const family = registry.counter({ ...X, maxSeries: 1 });
  family.at("before").inc();
  const known = [{ a: 1 }, { a: 2 }];
  assert.throws(() => registry.counter({ ...X, maxSeries: 1, known }));
  assert.deepEqual(rowsOf(registry, "x_total"), [["before", 1]]);
});
