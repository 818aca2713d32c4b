/** How a publisher reads callbacks and added sources. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { familyDesc, Labels, type Source } from "../../../src/model/mod.ts";
import { world } from "./set_up.ts";

test("callbacks are taken with all, and a source that restarts continues", () => {
  const { registry, image, publisher, take } = world();
  let total: number | undefined = 5;
  registry.callbackCounter({
    name: "jobs_total",
    help: "Jobs.",
    read(report) {
      if (total !== undefined) report(total);
    },
  });
  registry.callbackGauge({
    name: "depth",
    help: "Depth.",
    read(report) {
      if (total !== undefined) report(total);
    },
  });
  publisher.take({ all: false });
  assert.equal(image.shown().size, 0);
  take();
  assert.deepEqual(image.row("jobs_total").cells, [5]);
  total = 2;
  take();
  assert.deepEqual(image.row("jobs_total").cells, [7]);
  assert.deepEqual(image.row("depth").cells, [2]);
  total = undefined;
  take();
  assert.deepEqual(image.row("jobs_total").cells, [7]);
  assert.equal(image.row("jobs_total").state, "absent");
  assert.equal(image.row("depth").state, "absent");
  total = 3;
  take();
  assert.deepEqual(image.row("jobs_total").cells, [8]);
  assert.equal(image.row("jobs_total").state, "held");
  assert.deepEqual(image.tombstones, []);
});

test("a callback counter that is disposed keeps its row", () => {
  const { registry, image, publisher, take } = world();
  const jobs = registry.callbackCounter({
    name: "jobs_total",
    help: "Jobs.",
    read: (report) => report(5),
  });
  take();
  jobs[Symbol.dispose]();
  take();
  assert.equal(image.row("jobs_total").state, "absent");
  assert.deepEqual(publisher.declared, []);
});

test("a part that throws keeps counters, drops gauges, and is reported", () => {
  const { registry, image, publisher, take } = world();
  let fails = false;
  const counted = familyDesc({ name: "c_total", type: "counter", help: "C." });
  const gauged = familyDesc({ name: "g", type: "gauge", help: "G." });
  const source: Source = {
    descs: [counted, gauged],
    collect(sink) {
      sink.family(counted);
      sink.number(new Labels([], []), fails ? 9 : 1, 0);
      if (fails) throw new Error("down");
      sink.family(gauged);
      sink.number(new Labels([], []), 2, 0);
    },
  };
  registry.add(source);
  take();
  fails = true;
  const failed: unknown[] = [];
  publisher.take({
    all: true,
    failed: (part, error) => failed.push(part, `${error}`),
  });
  assert.deepEqual(failed, [source, "Error: down"]);
  assert.deepEqual(image.row("c_total").cells, [1]);
  assert.equal(image.row("c_total").state, "held");
  assert.equal(image.row("g").state, "absent");
  fails = false;
  take();
  assert.equal(image.row("g").state, "held");
  publisher.take({ all: true, absent: new Set([source]) });
  assert.equal(image.row("c_total").state, "held");
  assert.equal(image.row("g").state, "absent");
});
