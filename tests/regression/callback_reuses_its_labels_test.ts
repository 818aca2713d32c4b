// A callback that filled one object of labels again for each report lost all series
// but the last, and the overflow series of a callback counter became infinite.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";

const help = "Help.";

test("labels that a callback reports may be reused for the next report", () => {
  const registry = createRegistry();
  registry.callbackGauge({
    name: "depth",
    help,
    labels: ["queue"],
    read(report) {
      const labels = { queue: "" };
      for (const [i, queue] of ["mail", "sms"].entries()) {
        labels.queue = queue;
        report(i, labels);
      }
    },
  });
  assert.equal(valueOf(registry, "depth", { queue: "mail" }), 0);
  assert.equal(valueOf(registry, "depth", { queue: "sms" }), 1);
});

test("labels that a callback reports may be getters of a class", () => {
  class Queue {
    readonly #name: string;
    constructor(name: string) {
      this.#name = name;
    }
    get queue() {
      return this.#name;
    }
  }
  const registry = createRegistry();
  registry.callbackGauge({
    name: "depth",
    help,
    labels: ["queue"],
    read: (report) => report(1, new Queue("mail")),
  });
  assert.equal(valueOf(registry, "depth", { queue: "mail" }), 1);
});

test("the overflow series of a callback counter stays finite", () => {
  const registry = createRegistry();
  registry.callbackCounter({
    name: "jobs_total",
    help,
    labels: ["queue"],
    maxSeries: 1,
    read(report) {
      for (const queue of ["a", "b", "c"]) report(1e308, { queue });
    },
  });
  assert.equal(valueOf(registry, "jobs_total", { queue: "overflow" }), 1e308);
  const rejected = "barograph_rejected_observations_total";
  assert.ok(valueOf(registry, rejected, { reason: "infinite" })! > 0);
});
