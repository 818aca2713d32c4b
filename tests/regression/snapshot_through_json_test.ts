// A snapshot that went through JSON lost its typed arrays and maps: a replay of it
// threw "exemplars.get is not a function" in each scrape.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { capture, merge, replay, type Snapshot } from "../../src/model/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";

function snapshot(): Snapshot {
  const registry = createRegistry({ selfMetrics: false });
  registry.counter({ name: "jobs_total", help: "Jobs." }).inc(3);
  registry.histogram({ name: "job_seconds", help: "Jobs." }).observe(1);
  return capture(registry);
}

test("replay() and merge() say that JSON does not keep a snapshot", () => {
  const copy = JSON.parse(JSON.stringify(snapshot())) as Snapshot;
  const words =
    /jobs_total: its starts must be a Float64Array.*structuredClone.*JSON/;
  assert.throws(() => replay(copy), { name: "TypeError", message: words });
  assert.throws(() => merge([copy]), { name: "TypeError", message: words });
  assert.equal(valueOf(replay(structuredClone(snapshot())), "jobs_total"), 3);
});

test("replay() and merge() refuse snapshots of another shape", () => {
  const [family, histogram] = snapshot().families;
  const shapes: unknown[] = [
    null,
    {},
    5,
    { families: [null] },
    { families: [{}] },
    { families: [{ ...family, desc: null }] },
    { families: [{ ...family, desc: { ...family!.desc, type: "toString" } }] },
    { families: [{ ...family, numbers: new Float64Array(0) }] },
    { families: [{ ...family, times: [0] }] },
    { families: [{ ...family, labelValues: ["x"] }] },
    { families: [{ ...family, exemplars: new Map([[0, null]]) }] },
    { families: [{ ...histogram, histograms: [] }] },
    { families: [{ ...histogram, histograms: [{ count: 1 }] }] },
  ];
  for (const shape of shapes) {
    for (const take of [replay, (one: Snapshot) => merge([one])]) {
      assert.throws(() => take(shape as Snapshot), { name: "TypeError" });
    }
  }
});
