// A callback that reported maxSeries series with other labels than in the pass
// before was refused: the series of the previous pass were still counted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { overflowsOf, rowsOf, setUp } from "../metrics/fixtures.ts";

test("a callback may report maxSeries new series in each pass", () => {
  const { registry } = setUp();
  let pass = 0;
  registry.callbackGauge({
    name: "x",
    help: "X.",
    labels: ["job"],
    maxSeries: 2,
    read(report): void {
      report(1, { job: pass });
      report(2, { job: pass + 1 });
    },
  });
  for (; pass < 6; pass++) {
    assert.deepEqual(
      rowsOf(registry, "x").toSorted(),
      [[`${pass}`, 1], [`${pass + 1}`, 2]],
    );
  }
  assert.deepEqual(overflowsOf(registry), {});
});
