// A callback that reported undefined or a string was exposed with the value 0,
// which nothing had reported.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loose, rejectionsOf, rowsOf, setUp } from "../metrics/fixtures.ts";

for (const method of ["callbackGauge", "callbackCounter"]) {
  test(`${method}() does not expose a value that is not a number`, () => {
    const { registry } = setUp();
    const bad = [undefined, "5", 5n, null, {}, true];
    loose(registry)[method]!({
      name: "x_total",
      help: "X.",
      labels: ["a"],
      read(report: (value: unknown, labels: object) => void): void {
        report(7, { a: "good" });
        bad.forEach((value, a) => report(value, { a }));
      },
    });
    assert.deepEqual(rowsOf(registry, "x_total"), [["good", 7]]);
    assert.deepEqual(rowsOf(registry, "x_total"), [["good", 7]]);
    assert.deepEqual(rejectionsOf(registry), { not_a_number: 3 * bad.length });
  });
}
