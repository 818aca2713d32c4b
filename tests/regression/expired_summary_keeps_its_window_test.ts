// A series that comes back after its expiry keeps its data. Its cells came back,
// but its exemplars and its quantile window did not, even where expireAfter was
// shorter than maxAge.
import assert from "node:assert/strict";
import { test } from "node:test";
import { capture } from "../../src/model/mod.ts";
import { familyOf, setUp } from "../metrics/fixtures.ts";

test("an expired summary comes back with its quantiles", () => {
  const { registry, clock } = setUp();
  const summary = registry.summary({
    name: "x",
    help: "X.",
    quantiles: [1],
    maxAge: 600,
    expireAfter: 60,
  });
  summary.observe(1000);
  capture(registry);
  clock.advance(60);
  capture(registry);
  summary.observe(1);
  const [highest] = familyOf(registry, "x")!.summaries[0]!.values;
  assert.ok(highest! > 980, `${highest}`);
});

test("an expired counter comes back with its exemplar", () => {
  const { registry, clock } = setUp();
  const counter = registry.counter({
    name: "x_total",
    help: "X.",
    expireAfter: 60,
  });
  counter.inc(1, { trace_id: "a" });
  capture(registry);
  clock.advance(60);
  capture(registry);
  counter.inc();
  const { exemplars } = familyOf(registry, "x_total")!;
  assert.deepEqual(exemplars.get(0)?.labels, { trace_id: "a" });
});
