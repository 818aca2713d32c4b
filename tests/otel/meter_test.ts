/** Instruments of OpenTelemetry's API that record at once. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type Meter, metrics, ValueType } from "@opentelemetry/api";
import { metrics as metrics9 } from "@opentelemetry/api-1.9";
import {
  asMeterProvider,
  type OtelCounter,
  type OtelRecorder,
} from "../../src/otel/mod.ts";
import { rejectionsOf } from "../metrics/fixtures.ts";
import {
  forgetApi,
  headOf,
  linesOf,
  meters,
  openTextOf,
  warnings,
} from "./meters.ts";

const warned = warnings();

afterEach(forgetApi);

/** Calls a method with any arguments. */
function call(
  instrument: OtelCounter | OtelRecorder,
  ...args: readonly unknown[]
): void {
  const { add, record } = instrument as unknown as Record<
    "add" | "record",
    (...args: readonly unknown[]) => void
  >;
  (add ?? record).apply(instrument, args as unknown[]);
}

for (const [version, api] of [["1.10", metrics], ["1.9", metrics9]] as const) {
  test(`API ${version} takes the provider, and all instruments record`, () => {
    const { registry, provider } = meters();
    assert.equal(api.setGlobalMeterProvider(provider), true);
    const meter: Meter = api.getMeter("test") as Meter;
    meter.createCounter("a").add(1, { x: "1" });
    meter.createUpDownCounter("b").add(-2);
    meter.createGauge("c").record(3);
    meter.createHistogram("d", { advice: { explicitBucketBoundaries: [1] } })
      .record(4);
    meter.createObservableCounter("e").addCallback((it) => it.observe(5));
    meter.createObservableUpDownCounter("f").addCallback((it) =>
      it.observe(-6)
    );
    const g = meter.createObservableGauge("g");
    meter.addBatchObservableCallback((it) => it.observe(g, 7), [g]);
    assert.deepEqual(linesOf(registry), [
      'a_total{x="1"} 1',
      "b -2",
      "c 3",
      'd_bucket{le="1.0"} 0',
      'd_bucket{le="+Inf"} 1',
      "d_sum 4",
      "d_count 1",
      "e_total 5",
      "f -6",
      "g 7",
    ]);
    assert.deepEqual(warned, []);
  });
}

test("the same meter has the same instrument", () => {
  const { provider } = meters();
  const meter = provider.getMeter("test", "1", { schemaUrl: "s" });
  assert.equal(provider.getMeter("test", "1", { schemaUrl: "s" }), meter);
  assert.notEqual(provider.getMeter("test", "2", { schemaUrl: "s" }), meter);
  const one = meter.createCounter("a", { unit: "s", description: "One." });
  assert.equal(
    meter.createCounter("A", { unit: "s", description: "Other." }),
    one,
  );
  assert.deepEqual(warned, []);
});

for (const name of ["1bad", "", "x".repeat(256), "a b", "ä", undefined, {}]) {
  test(`an instrument of the name ${String(name).slice(0, 20)} does nothing`, () => {
    const { registry, meter } = meters();
    meter.createCounter(name as string).add(1);
    meter.createObservableGauge(name as string).addCallback(() => {});
    assert.deepEqual(linesOf(registry), []);
    assert.equal(warned.length, 1);
    assert.match(warned[0]!, /^barograph: instrument name .* is illegal: give/);
  });
}

test("an instrument may have 255 characters", () => {
  const { registry, meter } = meters();
  meter.createCounter("x".repeat(255)).add(1);
  assert.deepEqual(linesOf(registry), [`${"x".repeat(255)}_total 1`]);
});

test("the first description holds, and nothing is lost", () => {
  const { registry, provider } = meters();
  provider.getMeter("a").createCounter("x", { description: "One." }).add(1);
  provider.getMeter("b").createCounter("x", { description: "Other." }).add(2);
  assert.deepEqual(linesOf(registry), ["x_total 3"]);
  assert.deepEqual(headOf(registry), [
    "# HELP x_total One.",
    "# TYPE x_total counter",
  ]);
  assert.deepEqual(warned, []);
});

test("an instrument of another kind does nothing if the names clash", () => {
  const { registry, meter } = meters();
  meter.createCounter("x").add(1);
  meter.createGauge("x").record(2);
  meter.createHistogram("x").record(2);
  meter.createGauge("x").record(3);
  assert.deepEqual(linesOf(registry), ["x_total 1"]);
  assert.equal(warned.length, 2);
  assert.match(
    warned[0]!,
    /"x" records nothing: .* counter "x_total" already writes "x"/,
  );
});

test("an instrument of another unit is another metric", () => {
  const { registry, meter } = meters();
  meter.createCounter("x", { unit: "s" }).add(1);
  meter.createCounter("x", { unit: "By" }).add(2);
  assert.deepEqual(linesOf(registry), [
    "x_seconds_total 1",
    "x_bytes_total 2",
  ]);
  assert.deepEqual(warned, [
    'barograph: instrument "x" is created with another kind or unit: it is ' +
    "another metric",
  ]);
});

test("an instrument does not touch a metric that the program declares", () => {
  const { registry, meter } = meters();
  registry.counter({ name: "x_total", help: "Own.", labels: ["a"] })
    .with({ a: "1" }).inc();
  meter.createCounter("x").add(5);
  assert.deepEqual(linesOf(registry), ['x_total{a="1"} 1']);
  assert.match(warned[0]!, /"x" records nothing: Cannot declare counter/);
  assert.match(warned[0]!, /recording direct and not by a meter of Open/);
  assert.match(
    warned[0]!,
    /; rename it, drop it or give .* asMeterProvider\(\)$/,
  );
  meter.createCounter("y").add(1);
  assert.throws(
    () => registry.counter({ name: "y_total", help: "Own." }),
    /"y_total": it is declared already, with recording by a meter of Open/,
  );
});

test("a metric that is unregistered is no longer exposed, and its name is free", () => {
  const { registry, meter } = meters();
  const counter = meter.createCounter("x");
  counter.add(1, { a: "1" });
  assert.equal(registry.unregister("x_total"), true);
  counter.add(1, { a: "1", b: "2" });
  assert.deepEqual(linesOf(registry), []);
  registry.counter({ name: "x_total", help: "Own." }).inc(7);
  counter.add(1, { c: "3" });
  assert.deepEqual(linesOf(registry), ["x_total 7"]);
});

test("two providers of one registry share metrics", () => {
  const { registry, meter } = meters();
  meter.createCounter("x").add(1, { a: "1" });
  const other = asMeterProvider(registry, { scope: false }).getMeter("test");
  other.createCounter("x").add(1, { b: "2" });
  other.createCounter("x").add(1, { a: "1" });
  assert.deepEqual(linesOf(registry), ['x_total{a="1"} 2', 'x_total{b="2"} 1']);
});

const ILLEGAL: readonly (readonly [unknown, string])[] = [
  [-1, "negative"],
  [NaN, "not_a_number"],
  [Infinity, "infinite"],
  [-Infinity, "negative"],
  ["1", "not_a_number"],
  [undefined, "not_a_number"],
  [null, "not_a_number"],
  [1n, "not_a_number"],
  [Symbol("1"), "not_a_number"],
  [{ valueOf: () => 1 }, "not_a_number"],
];

for (const [value, reason] of ILLEGAL) {
  test(`counter.add(${String(value)}) is dropped and counted`, () => {
    for (const strict of [false, true]) {
      const { registry, meter } = meters({}, strict);
      const counter = meter.createCounter("x");
      counter.add(2);
      call(counter, value);
      call(counter, value, { a: "1" });
      assert.deepEqual(linesOf(registry), ["x_total 2"]);
      assert.equal(rejectionsOf(registry)[reason], 2);
    }
  });
}

test("an up-down counter drops what would stay for ever", () => {
  const { registry, meter } = meters();
  const counter = meter.createUpDownCounter("x");
  for (const value of [5, NaN, Infinity, -Infinity, "1", -7]) {
    call(counter, value);
  }
  assert.deepEqual(linesOf(registry), ["x -2"]);
  const { not_a_number, infinite } = rejectionsOf(registry);
  assert.deepEqual([not_a_number, infinite], [2, 2]);
});

test("a gauge takes any number", () => {
  const { registry, meter } = meters();
  const gauge = meter.createGauge("x");
  for (const value of [5, NaN, -Infinity, "1", undefined]) call(gauge, value);
  assert.deepEqual(linesOf(registry), ["x -Inf"]);
  assert.equal(rejectionsOf(registry)["not_a_number"], 2);
});

test("a histogram drops negative values and NaN, and takes Infinity", () => {
  const { registry, meter } = meters();
  const advice = { explicitBucketBoundaries: [1] };
  const histogram = meter.createHistogram("x", { advice });
  for (const value of [-1, NaN, "1", undefined, 0.5]) call(histogram, value);
  assert.deepEqual(linesOf(registry), [
    'x_bucket{le="1.0"} 1',
    'x_bucket{le="+Inf"} 1',
    "x_sum 0.5",
    "x_count 1",
  ]);
  histogram.record(Infinity);
  assert.deepEqual(linesOf(registry).slice(1), [
    'x_bucket{le="+Inf"} 2',
    "x_sum +Inf",
    "x_count 2",
  ]);
  const { negative, not_a_number } = rejectionsOf(registry);
  assert.deepEqual([negative, not_a_number], [1, 3]);
});

test("valueType INT truncates fractions with one warning", () => {
  const { registry, meter } = meters();
  const counter = meter.createCounter("x", { valueType: ValueType.INT });
  counter.add(1.9);
  counter.add(2.9);
  counter.add(3);
  meter.createUpDownCounter("y", { valueType: ValueType.INT }).add(-1.9);
  meter.createCounter("z", { valueType: ValueType.DOUBLE }).add(1.5);
  assert.deepEqual(linesOf(registry), ["x_total 6", "y -1", "z_total 1.5"]);
  assert.equal(warned.length, 2);
  assert.match(warned[0]!, /"x" takes whole numbers: 1.9 and others are trunc/);
});

test("odd attributes cost themselves only", () => {
  const { registry, meter } = meters();
  const counter = meter.createCounter("x");
  for (const attributes of [null, undefined, {}, 7, () => {}]) {
    call(counter, 1, attributes);
  }
  call(counter, 1, {
    none: null,
    left: undefined,
    "": "no key",
    list: [1, "a", null],
    object: { a: 1 },
    yes: true,
    number: 0.5,
    big: 10n,
    symbol: Symbol("x"),
    function() {},
    get thrown() {
      throw new Error("attribute");
    },
  });
  assert.deepEqual(linesOf(registry), [
    "x_total 5",
    'x_total{big="10",list="[1,\\"a\\",null]",number="0.5",' +
    'object="{\\"a\\":1}",yes="true"} 1',
  ]);
});

test("attributes that cannot be listed are left out of the record", () => {
  const { registry, meter } = meters();
  const hostile = new Proxy({}, {
    ownKeys() {
      throw new Error("keys");
    },
  });
  meter.createCounter("x").add(1, hostile);
  meter.createUpDownCounter("y").add(1, hostile);
  assert.deepEqual(linesOf(registry), ["x_total 1", "y 1"]);
});

test("the order of attributes and the type of a value do not matter", () => {
  const { registry, meter } = meters();
  const counter = meter.createCounter("x");
  for (let round = 0; round < 2; round++) {
    counter.add(1, { a: "1", b: "true" });
    counter.add(1, { b: true, a: 1 });
    counter.add(1, { a: "1", b: "true", c: undefined, d: null });
  }
  assert.deepEqual(linesOf(registry), ['x_total{a="1",b="true"} 6']);
});

test("attributes that change are read at each record", () => {
  const { registry, meter } = meters();
  const counter = meter.createCounter("x");
  const attributes: Record<string, unknown> = { a: [1] };
  counter.add(1, attributes);
  (attributes["a"] as number[]).push(2);
  counter.add(2, attributes);
  attributes["b"] = "new";
  counter.add(4, attributes);
  assert.deepEqual(linesOf(registry), [
    'x_total{a="[1]"} 1',
    'x_total{a="[1,2]"} 2',
    'x_total{a="[1,2]",b="new"} 4',
  ]);
});

test("inherited attributes are no attributes", () => {
  const { registry, meter } = meters();
  const counter = meter.createCounter("x");
  const attributes = Object.assign(Object.create({ inherited: "1" }), {
    own: "1",
  });
  counter.add(1, attributes);
  counter.add(1, attributes);
  assert.deepEqual(linesOf(registry), ['x_total{own="1"} 2']);
});

test("series of a new label appear in OpenMetrics, too", () => {
  const { registry, meter } = meters();
  const counter = meter.createCounter("x");
  counter.add(1);
  assert.match(openTextOf(registry), /^x_total 1$/m);
  counter.add(1, { a: "1" });
  assert.match(openTextOf(registry), /^x_total 1\nx_total\{a="1"\} 1$/m);
});

test("attributes whose getters throw are left out of their record", () => {
  const fail = () => {
    throw new Error("trap");
  };
  const { registry, meter } = meters();
  const odd = {
    get a() {
      return fail();
    },
    b: "1",
  };
  const counter = meter.createCounter("a");
  for (const attributes of [odd, odd]) call(counter, 1, attributes);
  const gauge = meter.createObservableGauge("g");
  gauge.addCallback((result) => {
    result.observe(1, odd);
    result.observe(2, { c: "1" });
  });
  assert.deepEqual(linesOf(registry), [
    'a_total{b="1"} 2',
    "g 1",
    'g{c="1"} 2',
  ]);
});
