/** Options of the meter provider: bounds, limits, and the function for views. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBareRegistry, noopRegistry } from "../../src/metrics/mod.ts";
import { asMeterProvider } from "../../src/otel/mod.ts";
import { distributionOf } from "../../src/testing/mod.ts";
import { rejectionsOf } from "../metrics/fixtures.ts";
import { linesOf, meters, warnings } from "./meters.ts";

const warned = warnings();

test("histograms have the bounds of the advice, sorted and copied", () => {
  const { registry, meter } = meters();
  const bounds = [5, 1, NaN, 3, 1, Infinity];
  const advice = { explicitBucketBoundaries: bounds };
  meter.createHistogram("x", { advice }).record(2);
  bounds.length = 0;
  assert.deepEqual(linesOf(registry).slice(0, 4), [
    'x_bucket{le="1.0"} 0',
    'x_bucket{le="3.0"} 1',
    'x_bucket{le="5.0"} 1',
    'x_bucket{le="+Inf"} 1',
  ]);
});

test("histograms without advice have bounds that fit their unit", () => {
  const { registry, meter } = meters();
  for (const unit of ["", "ms", "By", "s"]) {
    meter.createHistogram(`x${unit}`, { unit }).record(1);
  }
  const boundsOf = (name: string) => {
    const view = distributionOf(registry, name)!;
    return "bounds" in view ? [...view.bounds] : undefined;
  };
  const wide = "0 5 10 25 50 75 100 250 500 750 1000 2500 5000 7500 10000";
  const expected = wide.split(" ").map(Number);
  assert.deepEqual(boundsOf("x"), expected);
  assert.deepEqual(boundsOf("xms_milliseconds"), expected);
  assert.deepEqual(boundsOf("xBy_bytes"), expected);
  assert.deepEqual(boundsOf("xs_seconds"), [
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
  ]);
});

test("an instrument has maxSeries series, then the overflow series", () => {
  const { registry, meter } = meters({ maxSeries: 2 });
  const counter = meter.createCounter("x");
  for (let i = 0; i < 10; i++) counter.add(1, { i });
  counter.add(1, { i: 0 });
  assert.deepEqual(linesOf(registry), [
    'x_total{i="0"} 2',
    'x_total{i="1"} 1',
    'x_total{i="overflow"} 8',
  ]);
});

test("an attribute set leaves the overflow series when there is room", () => {
  const { registry, meter, clock } = meters({ maxSeries: 1, expireAfter: 60 });
  const counter = meter.createCounter("x");
  counter.add(1, { i: 0 });
  for (let round = 0; round < 2; round++) counter.add(1, { i: 1 });
  linesOf(registry);
  clock.advance(61);
  linesOf(registry);
  counter.add(5, { i: 1 });
  assert.ok(linesOf(registry).includes('x_total{i="1"} 5'));
});

test("any number of ways to write an attribute set is one series", () => {
  const { registry, meter } = meters({ maxSeries: 2 });
  const counter = meter.createCounter("x");
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 20; i++) {
      const odd = Object.fromEntries(
        Array.from({ length: i }, (_, at) => [`none${at}`, undefined]),
      );
      counter.add(1, { a: "1", ...odd });
      counter.add(1, { ...odd, a: 1 });
    }
  }
  assert.deepEqual(linesOf(registry), ['x_total{a="1"} 120']);
});

test("an instrument has 128 attribute keys, then the overflow series", () => {
  const { registry, meter } = meters();
  const counter = meter.createCounter("x");
  for (let i = 0; i < 130; i++) counter.add(1, { [`key${i}`]: "1" });
  const lines = linesOf(registry);
  assert.equal(lines.length, 129);
  assert.match(lines.at(-1)!, /overflow.* 2$/);
  assert.equal(rejectionsOf(registry)["label_name"], 2);
});

test("series expire after expireAfter seconds, and come back", () => {
  const { registry, meter, clock } = meters({ expireAfter: 60 });
  const counter = meter.createCounter("x");
  counter.add(1, { a: "1" });
  linesOf(registry);
  clock.advance(61);
  counter.add(1, { b: "1" });
  linesOf(registry);
  clock.advance(30);
  counter.add(1, { b: "1" });
  clock.advance(40);
  assert.deepEqual(linesOf(registry), ['x_total{b="1"} 2']);
  counter.add(1, { a: "1" });
  assert.ok(linesOf(registry).includes('x_total{a="1"} 2'));
});

test("one function stands in for views", () => {
  const { registry, meter } = meters({
    instruments: ({ name, kind, unit, scope }) => {
      assert.equal(scope.name, "test");
      if (name === "dropped") return { drop: true };
      if (name === "renamed") return { name: "other.name" };
      if (kind === "histogram" && unit === "s") return { buckets: [2, 1] };
      if (name === "native") return { native: { schema: 2 } };
      if (name === "filtered") {
        return { attributes: ({ keep }) => ({ keep, added: 1 }) };
      }
      return undefined;
    },
  });
  meter.createCounter("dropped").add(1);
  meter.createObservableCounter("dropped").addCallback(() => {});
  meter.createCounter("renamed").add(1);
  meter.createHistogram("h", { unit: "s" }).record(1.5);
  meter.createHistogram("native").record(1);
  const filtered = meter.createCounter("filtered");
  filtered.add(1, { keep: "a", user: "1" });
  filtered.add(1, { keep: "a", user: "2" });
  assert.deepEqual(linesOf(registry), [
    "other_name_total 1",
    'h_seconds_bucket{le="1.0"} 0',
    'h_seconds_bucket{le="2.0"} 1',
    'h_seconds_bucket{le="+Inf"} 1',
    "h_seconds_sum 1.5",
    "h_seconds_count 1",
    'native_bucket{le="+Inf"} 1',
    "native_sum 1",
    "native_count 1",
    'filtered_total{added="1",keep="a"} 2',
  ]);
  const native = distributionOf(registry, "native")!;
  assert.equal("native" in native && native.native?.schema, 2);
});

test("a list of attributes keeps these, as labels from the start", () => {
  const { registry, meter } = meters({
    instruments: () => ({ attributes: ["b.c", "a", "le"] }),
  });
  const counter = meter.createCounter("x");
  counter.add(1, { user: "1", a: "1" });
  counter.add(1, { user: "2", a: "1", "b.c": "2" });
  meter.createHistogram("y");
  assert.deepEqual(linesOf(registry), [
    'x_total{a="1"} 1',
    'x_total{a="1",b_c="2"} 1',
  ]);
  const labels = registry.descs.filter(({ name }) => /^[xy]/.test(name))
    .map(({ labelNames }) => [...labelNames].sort());
  assert.deepEqual(labels, [["a", "b_c", "le"], ["a", "b_c", "exported_le"]]);
});

test("a function in place of views that fails changes nothing", () => {
  const { registry, meter } = meters({
    instruments: ({ name }) => {
      if (name === "a") throw new Error("views");
      return { attributes: () => JSON.parse("x") };
    },
  });
  meter.createCounter("a").add(1, { x: "1" });
  meter.createCounter("b").add(1, { secret: "1" });
  assert.deepEqual(linesOf(registry), ['a_total{x="1"} 1', "b_total 1"]);
  assert.deepEqual(warned, ['barograph: instruments("a") failed: views']);
});

test("changes that are illegal make the instrument do nothing", () => {
  const { registry, meter } = meters({
    instruments: ({ name }) =>
      name === "a" ? { native: { schema: 99 } } : { name: 7 as never },
  });
  meter.createHistogram("a").record(1);
  meter.createCounter("b").add(1);
  assert.deepEqual(linesOf(registry), []);
  assert.equal(warned.length, 2);
});

test("a warning about changes that are unknown says which there are", () => {
  const wrong: Record<string, object> = {
    a: { rename: "other" },
    b: { attributes: "http.route" },
    c: { drop: 1 },
    d: Promise.resolve({ drop: true }),
  };
  const { registry, meter } = meters({
    instruments: ({ name }) => wrong[name],
  });
  for (const name of Object.keys(wrong)) meter.createCounter(name).add(1);
  assert.deepEqual(linesOf(registry), []);
  const text = warned.join("\n");
  assert.match(text, /"rename"; give any of name, buckets, native, attributes/);
  assert.match(text, /attributes is of type string; give a list, such as/);
  assert.match(text, /drop is of type number; give true or false/);
  assert.equal(warned.length, 4);
});

test("a registry of no effect, and what is no registry", () => {
  const meter = asMeterProvider(noopRegistry).getMeter("a");
  meter.createCounter("x").add(1);
  meter.createHistogram("x").record(1);
  const observable = meter.createObservableGauge("x");
  observable.addCallback(() => {});
  observable.removeCallback(() => {});
  meter.addBatchObservableCallback(() => {}, [observable]);
  meter.removeBatchObservableCallback(() => {}, [observable]);
  assert.throws(
    () => asMeterProvider({} as never),
    /Cannot make a meter provider: give a registry/,
  );
  const bare = createBareRegistry({ selfMetrics: false });
  asMeterProvider(bare).getMeter("a").createCounter("x").add(1);
  assert.deepEqual(linesOf(bare), ['x_total{otel_scope_name="a"} 1']);
});

test("asMeterProvider() refuses wrong options with advice", () => {
  const { registry } = meters();
  const make = (options: object) => () => asMeterProvider(registry, options);
  assert.throws(make({ name: "x" }), /there is no option "name"/);
  assert.throws(
    make({ translation: "dots" }),
    /UnderscoreEscapingWithSuffixes/,
  );
  assert.throws(make({ maxSeries: 0 }), /maxSeries/);
  assert.throws(make({ expireAfter: 0 }), /seconds above 0/);
});
