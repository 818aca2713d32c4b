import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BAD_STEPS,
  familyOf,
  loose,
  rejectionsOf,
  rowsOf,
  setUp,
  valueOf,
} from "./fixtures.ts";

const HITS = { name: "hits_total", help: "Hits." } as const;

test("counter() without labels is exposed at zero from the declaration on", () => {
  const { registry } = setUp();
  const hits = registry.counter(HITS);
  assert.equal(hits.value, 0);
  assert.equal(valueOf(registry, "hits_total"), 0);
});

test("Counter.inc() adds the step, 1 by default", () => {
  const { registry } = setUp();
  const hits = registry.counter(HITS);
  hits.inc();
  hits.inc(2.5);
  hits.inc(0);
  hits.inc(-0);
  hits.inc(undefined);
  assert.equal(hits.value, 4.5);
  assert.equal(valueOf(registry, "hits_total"), 4.5);
  assert.deepEqual(rejectionsOf(registry), {});
});

test("Counter.inc() adds the largest and the smallest number", () => {
  const { registry } = setUp();
  const hits = registry.counter(HITS);
  hits.inc(Number.MIN_VALUE);
  assert.equal(hits.value, Number.MIN_VALUE);
  hits.inc(Number.MAX_VALUE);
  assert.equal(hits.value, Number.MAX_VALUE);
});

test("Counter.inc() drops and counts an illegal step", () => {
  for (const [step, reason] of BAD_STEPS) {
    const { registry } = setUp();
    const hits = registry.counter(HITS);
    hits.inc(3);
    loose(hits).inc!(step);
    assert.equal(hits.value, 3, String(reason));
    assert.deepEqual(rejectionsOf(registry), { [reason]: 1 });
  }
});

test("Counter.inc() throws on an illegal step in a strict registry", () => {
  for (const [step] of BAD_STEPS) {
    const { registry } = setUp({ strict: true });
    const hits = registry.counter(HITS);
    assert.throws(() => loose(hits).inc!(step), {
      name: "RangeError",
      message: /^Cannot record .* in counter "hits_total": /s,
    });
    assert.equal(hits.value, 0);
  }
});

test("Counter.inc() throws an error with the reason and advice", () => {
  const { registry } = setUp({ strict: true });
  const hits = registry.counter(HITS);
  assert.throws(() => hits.inc(-1), {
    message: 'Cannot record -1 in counter "hits_total": negative, ' +
      "counts cannot go down; use a gauge for values that can",
  });
  assert.throws(() => loose(hits).inc!({ a: 1 }), {
    message: 'Cannot record {"a":1} in counter "hits_total": not a number, ' +
      "give a finite number",
  });
  const loop: Record<string, unknown> = {};
  loop.self = loop; // has no JSON
  assert.throws(() => loose(hits).inc!(loop), { name: "RangeError" });
});

test("Counter.inc() also counts rejections in a strict registry", () => {
  const { registry } = setUp({ strict: true });
  const hits = registry.counter(HITS);
  assert.throws(() => hits.inc(NaN));
  assert.deepEqual(rejectionsOf(registry), { not_a_number: 1 });
});

test("Counter exposes the start of each series", () => {
  const { registry, clock } = setUp();
  clock.advance(50);
  const hits = registry.counter({ ...HITS, labels: ["page"] });
  hits.at("a").inc();
  clock.advance(10);
  hits.at("b").inc();
  hits.at("a").inc();
  const starts = familyOf(registry, "hits_total")!.starts;
  assert.deepEqual(starts, Float64Array.of(1_700_000_050, 1_700_000_060));
});

test("Counter.inc() keeps the exemplar of its last step", () => {
  const { registry, clock } = setUp();
  const hits = registry.counter(HITS);
  hits.inc(1, { trace_id: "a" });
  clock.advance(3);
  hits.inc(4, { trace_id: "b" });
  hits.inc();
  assert.deepEqual(
    familyOf(registry, "hits_total")!.exemplars,
    new Map([[0, {
      labels: { trace_id: "b" },
      value: 4,
      timestamp: 1_700_000_003,
    }]]),
  );
});

test("Counter.inc() stores no exemplar of an illegal step", () => {
  const { registry } = setUp();
  const hits = registry.counter(HITS);
  hits.inc(-1, { trace_id: "a" });
  assert.equal(familyOf(registry, "hits_total")!.exemplars.size, 0);
});

test("Counter has no exemplar of a removed series in a reused row", () => {
  const { registry } = setUp();
  const hits = registry.counter({ ...HITS, labels: ["page"] });
  hits.at("a").inc(1, { trace_id: "of a" });
  hits.remove({ page: "a" });
  hits.at("b").inc(); // in the free row
  assert.deepEqual(rowsOf(registry, "hits_total"), [["b", 1]]);
  assert.equal(familyOf(registry, "hits_total")!.exemplars.size, 0);
});
