/** Exemplars sampled from a source that knows the current trace. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, openMetrics } from "../../src/encode/mod.ts";
import {
  createRegistry,
  followExemplars,
  type Registry,
} from "../../src/metrics/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";

const scrape = (registry: Registry) =>
  new TextDecoder().decode(expose(registry, openMetrics));

/** Returns sample name and trace id of each exemplar in a scrape. */
function exemplars(registry: Registry): string[] {
  return scrape(registry).split("\n").flatMap((line) => {
    const found = /^(\S+) \S+ # {trace_id="([^"]*)"}/.exec(line);
    return found === null ? [] : [`${found[1]} ${found[2]}`];
  });
}

function setUp() {
  let trace: string | undefined;
  let calls = 0;
  const registry = createRegistry({
    exemplars: () => {
      calls++;
      return trace === undefined ? undefined : { trace_id: trace };
    },
  });
  return {
    registry,
    counter: registry.counter({ name: "done_total", help: "Done." }),
    enter: (id: string | undefined) => void (trace = id),
    calls: () => calls,
  };
}

test("ExemplarSampler gives an exemplar to a record within a trace only", () => {
  const { registry, counter, enter } = setUp();
  counter.inc();
  assert.deepEqual(exemplars(registry), []);
  enter("t1");
  counter.inc();
  assert.deepEqual(exemplars(registry), ["done_total t1"]);
});

test("ExemplarSampler calls the source once per cell and scrape interval", () => {
  const { registry, counter, enter, calls } = setUp();
  enter("t1");
  for (let i = 0; i < 1000; i++) counter.inc();
  assert.equal(calls(), 1);
  enter("t2");
  counter.inc();
  assert.deepEqual(exemplars(registry), ["done_total t1"]);
  counter.inc();
  assert.deepEqual(exemplars(registry), ["done_total t2"]);
  assert.equal(calls(), 2);
});

test("ExemplarSampler gives each bucket of each series its own exemplar", () => {
  const { registry, enter } = setUp();
  const seconds = registry.histogram({
    name: "took_seconds",
    help: "Took.",
    unit: "seconds",
    labels: ["path"],
    buckets: [1, 2],
  });
  for (
    const [trace, path, value] of [
      ["t1", "a", 0.5],
      ["t2", "a", 1.5],
      ["t3", "a", 1.6],
      ["t4", "b", 9],
    ] as const
  ) {
    enter(trace);
    seconds.at(path).observe(value);
  }
  assert.deepEqual(exemplars(registry), [
    'took_seconds_bucket{path="a",le="1.0"} t1',
    'took_seconds_bucket{path="a",le="2.0"} t2',
    'took_seconds_bucket{path="b",le="+Inf"} t4',
  ]);
});

test("ExemplarSampler does not replace an exemplar that is passed to inc()", () => {
  const { registry, counter, enter, calls } = setUp();
  enter("active");
  counter.inc(1, { trace_id: "passed" });
  assert.equal(calls(), 0);
  assert.deepEqual(exemplars(registry), ["done_total passed"]);
});

test("ExemplarSampler ignores a source that throws or returns illegal labels", () => {
  const sources: (() => unknown)[] = [
    () => {
      throw new Error("source");
    },
    () => ({ "bad name": "x" }),
    () => ({ trace_id: "x".repeat(500) }),
    () => 42,
    () => null,
  ];
  for (const source of sources) {
    const registry = createRegistry({ exemplars: source as never });
    const counter = registry.counter({ name: "done_total", help: "Done." });
    counter.inc();
    assert.equal(counter.value, 1);
    assert.match(scrape(registry), /^done_total 1$/m);
  }
});

test("ExemplarSampler counts illegal labels once per scrape interval", () => {
  const registry = createRegistry({
    exemplars: () => ({ trace_id: "x".repeat(500) }),
  });
  const counter = registry.counter({ name: "done_total", help: "Done." });
  for (let i = 0; i < 100; i++) counter.inc();
  const name = "barograph_rejected_observations_total";
  assert.equal(valueOf(registry, name, { reason: "exemplar" }), 1);
});

test("followExemplars() starts and stops sampling of existing families", () => {
  const registry = createRegistry();
  const early = registry.counter({ name: "early_total", help: "Early." });
  early.inc();
  const following = followExemplars(registry, () => ({ trace_id: "t" }));
  const late = registry.scope({ prefix: "app_" })
    .counter({ name: "late_total", help: "Late." });
  early.inc();
  late.inc();
  assert.deepEqual(
    exemplars(registry),
    [
      "app_late_total t",
      "early_total t",
    ].toSorted((a, b) => a < b ? 1 : -1),
  );
  following[Symbol.dispose]();
  following[Symbol.dispose]();
  const after = registry.counter({ name: "after_total", help: "After." });
  after.inc();
  assert.ok(!exemplars(registry).some((line) => line.startsWith("after")));
});

test("followExemplars() replaces the earlier source, whose disposal does nothing", () => {
  const registry = createRegistry();
  const counter = registry.counter({ name: "done_total", help: "Done." });
  const first = followExemplars(registry, () => ({ trace_id: "first" }));
  followExemplars(registry, () => ({ trace_id: "second" }));
  first[Symbol.dispose]();
  counter.inc();
  assert.deepEqual(exemplars(registry), ["done_total second"]);
});

test("followExemplars() of the same source twice survives the first disposal", () => {
  const registry = createRegistry();
  const counter = registry.counter({ name: "done_total", help: "Done." });
  const source = () => ({ trace_id: "t" });
  const first = followExemplars(registry, source);
  followExemplars(registry, source);
  first[Symbol.dispose]();
  counter.inc();
  assert.deepEqual(exemplars(registry), ["done_total t"]);
});

test("followExemplars() refuses a source that is not a function", () => {
  assert.throws(
    () => followExemplars(createRegistry(), 7 as never),
    /Cannot take exemplars from a number: give a function/,
  );
});

test("ExemplarSampler does not call a source for the source's own records", () => {
  const registry = createRegistry({
    exemplars: () => {
      sampled.inc();
      return { trace_id: "t" };
    },
  });
  const sampled = registry.counter({ name: "sampled_total", help: "S." });
  const done = registry.counter({ name: "done_total", help: "Done." });
  sampled.inc();
  assert.equal(sampled.value, 2, "once here, once by the source");
  done.inc();
  assert.equal(sampled.value, 3);
  assert.deepEqual(exemplars(registry).toSorted(), [
    "done_total t",
    "sampled_total t",
  ]);
});

test("ExemplarSampler gives a native histogram up to ten exemplars per scrape", () => {
  let calls = 0;
  const registry = createRegistry({
    exemplars: () => ({ trace_id: `t${++calls}` }),
  });
  const seconds = registry.histogram({
    name: "took_seconds",
    help: "Took.",
    unit: "seconds",
    native: true,
  });
  for (let i = 0; i < 1000; i++) seconds.observe(1 + i);
  assert.ok(calls > 0 && calls <= 10, `${calls} calls in one scrape`);
  const before = calls;
  scrape(registry);
  seconds.observe(1);
  assert.equal(calls, before + 1);
});

test("followExemplars() stops calling the source when it is disposed", () => {
  let calls = 0;
  const registry = createRegistry();
  const counter = registry.counter({ name: "done_total", help: "Done." });
  const following = followExemplars(registry, () => {
    calls++;
    return { trace_id: "t" };
  });
  following[Symbol.dispose]();
  for (let i = 0; i < 1000; i++) counter.inc();
  assert.equal(calls, 0);
  assert.deepEqual(exemplars(registry), []);
  counter.inc(1, { trace_id: "passed" });
  assert.deepEqual(exemplars(registry), ["done_total passed"]);
});
