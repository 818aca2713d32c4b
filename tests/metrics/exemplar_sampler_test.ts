/** Exemplars that are sampled from a source that knows the current trace. */
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

/** The trace ids of the exemplars in a scrape, by sample name. */
function exemplars(registry: Registry): string[] {
  return scrape(registry).split("\n").flatMap((line) => {
    const found = /^(\S+) \S+ # {trace_id="([^"]*)"}/.exec(line);
    return found === null ? [] : [`${found[1]} ${found[2]}`];
  });
}

function setUp() {
  let next: string | undefined;
  let asked = 0;
  const registry = createRegistry({
    exemplars: () => {
      asked++;
      return next === undefined ? undefined : { trace_id: next };
    },
  });
  return {
    registry,
    counter: registry.counter({ name: "done_total", help: "Done." }),
    at: (trace: string | undefined) => void (next = trace),
    asked: () => asked,
  };
}

test("a record within a trace gets its exemplar, one outside gets none", () => {
  const { registry, counter, at } = setUp();
  counter.inc();
  assert.deepEqual(exemplars(registry), []);
  at("t1");
  counter.inc();
  assert.deepEqual(exemplars(registry), ["done_total t1"]);
});

test("a cell takes one exemplar per scrape interval and calls the source once", () => {
  const { registry, counter, at, asked } = setUp();
  at("t1");
  for (let i = 0; i < 1000; i++) counter.inc();
  assert.equal(asked(), 1);
  at("t2");
  counter.inc();
  assert.deepEqual(exemplars(registry), ["done_total t1"]);
  counter.inc();
  assert.deepEqual(exemplars(registry), ["done_total t2"]);
  assert.equal(asked(), 2);
});

test("each bucket of each series takes its own exemplar", () => {
  const { registry, at } = setUp();
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
    at(trace);
    seconds.at(path).observe(value);
  }
  assert.deepEqual(exemplars(registry), [
    'took_seconds_bucket{path="a",le="1.0"} t1',
    'took_seconds_bucket{path="a",le="2.0"} t2',
    'took_seconds_bucket{path="b",le="+Inf"} t4',
  ]);
});

test("an exemplar given by hand takes precedence", () => {
  const { registry, counter, at, asked } = setUp();
  at("active");
  counter.inc(1, { trace_id: "mine" });
  assert.equal(asked(), 0);
  assert.deepEqual(exemplars(registry), ["done_total mine"]);
});

test("an exemplar source that throws or returns nonsense is ignored", () => {
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

test("an illegal sampled exemplar is counted once per scrape interval", () => {
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

test("followExemplars(): the last source counts, and disposal ends only it", () => {
  const registry = createRegistry();
  const counter = registry.counter({ name: "done_total", help: "Done." });
  const first = followExemplars(registry, () => ({ trace_id: "first" }));
  followExemplars(registry, () => ({ trace_id: "second" }));
  first[Symbol.dispose]();
  counter.inc();
  assert.deepEqual(exemplars(registry), ["done_total second"]);
});

test("followExemplars() twice with one source ends with the second disposal", () => {
  const registry = createRegistry();
  const counter = registry.counter({ name: "done_total", help: "Done." });
  const source = () => ({ trace_id: "t" });
  const first = followExemplars(registry, source);
  followExemplars(registry, source);
  first[Symbol.dispose]();
  counter.inc();
  assert.deepEqual(exemplars(registry), ["done_total t"]);
});

test("an exemplar source that is not a function is refused", () => {
  assert.throws(
    () => followExemplars(createRegistry(), 7 as never),
    /Cannot take exemplars from a number: give a function/,
  );
});

test("a source that records is not called for its own records", () => {
  const registry = createRegistry({
    exemplars: () => {
      asked.inc();
      return { trace_id: "t" };
    },
  });
  const asked = registry.counter({ name: "asked_total", help: "Asked." });
  const done = registry.counter({ name: "done_total", help: "Done." });
  asked.inc();
  assert.equal(asked.value, 2, "by hand, and by the source");
  done.inc();
  assert.equal(asked.value, 3);
  assert.deepEqual(exemplars(registry).toSorted(), [
    "asked_total t",
    "done_total t",
  ]);
});

test("a native histogram samples exemplars too", () => {
  let asked = 0;
  const registry = createRegistry({
    exemplars: () => ({ trace_id: `t${++asked}` }),
  });
  const seconds = registry.histogram({
    name: "took_seconds",
    help: "Took.",
    unit: "seconds",
    native: true,
  });
  for (let i = 0; i < 1000; i++) seconds.observe(1 + i);
  assert.ok(asked > 0 && asked <= 10, `${asked} questions in one scrape`);
  const once = asked;
  scrape(registry);
  seconds.observe(1);
  assert.equal(asked, once + 1);
});

test("without a source nothing is called and nothing is kept", () => {
  let asked = 0;
  const registry = createRegistry();
  const counter = registry.counter({ name: "done_total", help: "Done." });
  const following = followExemplars(registry, () => {
    asked++;
    return { trace_id: "t" };
  });
  following[Symbol.dispose]();
  for (let i = 0; i < 1000; i++) counter.inc();
  assert.equal(asked, 0);
  assert.deepEqual(exemplars(registry), []);
  counter.inc(1, { trace_id: "mine" });
  assert.deepEqual(exemplars(registry), ["done_total mine"]);
});
