/** Names, labels, scopes, resources and exemplars of OpenTelemetry's metrics. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import {
  asMeterProvider,
  type OtelMetricOptions,
  type OtelTranslation,
} from "../../src/otel/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { SPAN_ID, TRACE_ID, traced } from "../trace/fixtures.ts";
import { ourContexts, register, unregister } from "./api.ts";
import { headOf, linesOf, meters, openTextOf, warnings } from "./meters.ts";

const warned = warnings();

afterEach(unregister);

const NAMES: Readonly<Record<OtelTranslation, readonly [string, string]>> = {
  UnderscoreEscapingWithSuffixes: [
    "foo_bar_bytes_total",
    "foo_bar_bytes_total",
  ],
  UnderscoreEscapingWithoutSuffixes: ["foo_bar_total", "foo_bar_total"],
  NoUTF8EscapingWithSuffixes: ["foo_bar_bytes_total", '"foo.bar_bytes_total"'],
  NoTranslation: ["foo_bar_total", '"foo.bar_total"'],
};

for (const [translation, [escaped, utf8]] of Object.entries(NAMES)) {
  test(`translation: ${translation}`, () => {
    const { registry, meter } = meters({
      translation: translation as OtelTranslation,
    });
    meter.createCounter("foo.bar", { unit: "By" }).add(1, { "a.b": "1" });
    assert.deepEqual(linesOf(registry), [`${escaped}{a_b="1"} 1`]);
    const label = utf8.startsWith('"') ? '"a.b"' : "a_b";
    assert.deepEqual(linesOf(registry, "allow-utf-8"), [
      utf8.startsWith('"')
        ? `{${utf8},${label}="1"} 1`
        : `${utf8}{${label}="1"} 1`,
    ]);
  });
}

const UNITS: readonly (readonly [
  kind: "Counter" | "Gauge" | "UpDownCounter",
  name: string,
  unit: string,
  expected: string,
])[] = [
  ["Gauge", "x", "s", "x_seconds"],
  ["Gauge", "x.seconds", "s", "x_seconds"],
  ["Gauge", "x", "m/s", "x_meters_per_second"],
  ["Gauge", "x", "{request}/s", "x_per_second"],
  ["Gauge", "x", "{request}", "x"],
  ["Gauge", "x", "1", "x_ratio"],
  ["UpDownCounter", "x", "1", "x"],
  ["Counter", "x", "1", "x_total"],
  ["Counter", "x.total", "By", "x_bytes_total"],
  ["Counter", "x_bytes", "By", "x_bytes_total"],
  ["Gauge", "x", "%", "x_percent"],
  ["Gauge", "x", "furlong", "x_furlong"],
  ["Gauge", "a//b..c", "", "a_b_c"],
  ["Gauge", "x", "ä", "x"],
  ["Gauge", "x", "x".repeat(64), "x"],
];

for (const [kind, name, unit, expected] of UNITS) {
  test(`a ${kind} "${name}" in "${unit.slice(0, 20)}" is ${expected}`, () => {
    const { registry, meter } = meters();
    const options: OtelMetricOptions = { unit, description: "X." };
    if (kind === "Gauge") meter.createGauge(name, options).record(1);
    else meter[`create${kind}`](name, options).add(1);
    assert.deepEqual(linesOf(registry), [`${expected} 1`]);
    assert.deepEqual(headOf(registry)[0], `# HELP ${expected} X.`);
  });
}

test("the unit is in the metadata if the name ends in it", () => {
  const { registry, meter } = meters();
  meter.createCounter("x", { unit: "By" }).add(1);
  assert.match(openTextOf(registry), /^# UNIT x_bytes bytes$/m);
  const plain = meters({ translation: "UnderscoreEscapingWithoutSuffixes" });
  plain.meter.createCounter("x", { unit: "By" }).add(1);
  assert.doesNotMatch(openTextOf(plain.registry), /^# UNIT x/m);
});

test("attributes that meet are joined in the order of their keys", () => {
  const { registry, meter } = meters();
  meter.createCounter("x").add(1, {
    http_route: "/b",
    "http.route": "/a",
    "1x": true,
    _y: 1,
    "ä": "2",
  });
  assert.deepEqual(linesOf(registry), [
    'x_total{http_route="/a;/b",key_="2",key_1x="true",key_y="1"} 1',
  ]);
});

test("keys that meet in different points are one label", () => {
  for (const translation of Object.keys(NAMES) as OtelTranslation[]) {
    const { registry, provider, meter } = meters({ translation });
    const counter = meter.createCounter("x");
    counter.add(1, { "a.b": "1" });
    counter.add(1, { "a_b": "1" });
    counter.add(1, { "a/b": "1" });
    const other = provider.getMeter("other").createCounter("x");
    other.add(1, { "a-b": "1" });
    assert.deepEqual(linesOf(registry), ['x_total{a_b="1"} 4'], translation);
  }
});

test("labels are sorted, whoever comes first", () => {
  const bodies = [["a", "b", "c"], ["c", "a", "b"]].map((keys) => {
    const { registry, meter } = meters();
    const counter = meter.createCounter("x");
    for (const key of keys) counter.add(1, { [key]: "1", z: "2" });
    counter.add(1, Object.fromEntries(keys.map((key) => [key, "1"])));
    return [...linesOf(registry)].sort();
  });
  assert.deepEqual(bodies[0], [
    'x_total{a="1",b="1",c="1"} 1',
    'x_total{a="1",z="2"} 1',
    'x_total{b="1",z="2"} 1',
    'x_total{c="1",z="2"} 1',
  ]);
  assert.deepEqual(bodies[1], bodies[0]);
});

test("labels that others write get a prefix", () => {
  const registry = createRegistry();
  const inner = registry.scope({ prefix: "p_", labels: { region: "eu" } });
  const meter = asMeterProvider(inner).getMeter("lib", "1.0", {
    schemaUrl: "http://a.test",
  });
  const histogram = meter.createHistogram("x", {
    advice: { explicitBucketBoundaries: [] },
  });
  histogram.record(1, {
    le: "1",
    region: "us",
    "otel.scope.name": "mine",
    job: "j",
  });
  assert.deepEqual(linesOf(registry).slice(1), [
    'p_x_sum{region="eu",otel_scope_name="lib",otel_scope_version="1.0",' +
    'otel_scope_schema_url="http://a.test",exported_le="1",' +
    'exported_otel_scope_name="mine",exported_region="us",job="j"} 1',
    'p_x_count{region="eu",otel_scope_name="lib",otel_scope_version="1.0",' +
    'otel_scope_schema_url="http://a.test",exported_le="1",' +
    'exported_otel_scope_name="mine",exported_region="us",job="j"} 1',
  ]);
});

test("the labels of a scope are on each point, unless scope: false", () => {
  const { registry, provider } = meters({ scope: true });
  provider.getMeter("a").createCounter("x").add(1);
  provider.getMeter("b", "2").createCounter("x").add(1);
  provider.getMeter("").createCounter("x").add(1);
  assert.deepEqual(linesOf(registry), [
    'x_total{otel_scope_name="a"} 1',
    'x_total{otel_scope_name="b",otel_scope_version="2"} 1',
    "x_total 1",
  ]);
});

test("the resource becomes target_info, which comes first", () => {
  const registry = createRegistry();
  registry.counter({ name: "a_total", help: "A." });
  const resource = { "service.name": "shop", list: [1], none: undefined };
  asMeterProvider(registry, { resource }).getMeter("a").createCounter("x");
  assert.deepEqual(linesOf(registry).slice(0, 1), [
    'target_info{list="[1]",service_name="shop"} 1',
  ]);
  asMeterProvider(registry, { resource });
  assert.equal(warned.length, 1);
  assert.match(warned[0]!, /target_info is left out/);
});

test("the span of the context argument is the exemplar", () => {
  register(traced().tracer, ourContexts());
  const { registry, meter } = meters();
  const counter = meter.createCounter("x");
  const histogram = meter.createHistogram("y", {
    advice: { explicitBucketBoundaries: [] },
  });
  const of = (traceFlags: number, spanId = SPAN_ID) =>
    trace.setSpanContext(ROOT_CONTEXT, {
      traceId: TRACE_ID,
      spanId,
      traceFlags,
    });
  counter.add(1, {}, of(0));
  assert.doesNotMatch(openTextOf(registry), /trace_id/);
  counter.add(1, { a: "1" }, of(1));
  histogram.record(1, {}, of(1));
  meter.createCounter("z").add(1); // without the context of the last record
  const exemplar = `# {trace_id="${TRACE_ID}",span_id="${SPAN_ID}"} 1`;
  const lines = openTextOf(registry).split("\n");
  const found = lines.filter((line) => line.includes(exemplar));
  assert.deepEqual(found.map((line) => line.split(" ")[0]), [
    'x_total{a="1"}',
    'y_bucket{le="+Inf"}',
  ]);
});

test("an exemplar has attributes that the series leaves out, while they fit", () => {
  const { registry, meter } = meters({
    instruments: () => ({ attributes: ["kept"] }),
  });
  const of = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    traceFlags: 1,
  });
  meter.createCounter("x").add(1, {
    kept: "1",
    trace_id: "mine",
    "user.id": 7,
    long: "x".repeat(100),
    last: "1",
  }, of);
  assert.match(
    openTextOf(registry),
    /^x_total\{kept="1"\} 1 # \{trace_id="4bf\w+",span_id="\w+",user_id="7"\} 1/m,
  );
});

test("the span of the context argument is marked, and not the active one", () => {
  const { tracer, spans } = traced();
  register(tracer, ourContexts());
  const counter = meters().meter.createCounter("x");
  const other = trace.getTracer("a").startSpan("other");
  trace.getTracer("a").startActiveSpan("active", (active) => {
    counter.add(1, {}, trace.setSpan(ROOT_CONTEXT, other));
    active.end();
  });
  other.end();
  assert.deepEqual(spans.map(({ attributes }) => attributes["exemplar"]), [
    undefined,
    true,
  ]);
});

test("attributes are left out without a context argument, too", () => {
  const { registry, meter } = meters({
    instruments: () => ({ attributes: [] }),
  });
  const { tracer } = traced();
  tracer.run("work", () => meter.createCounter("x").add(1, { user: "7" }));
  assert.match(openTextOf(registry), /^x_total 1 # \{.*,user="7"\} 1/m);
});

test("without a context argument the active span is the exemplar", () => {
  const { tracer, spans } = traced();
  register(tracer, ourContexts());
  const { registry, meter } = meters();
  const counter = meter.createCounter("x");
  trace.getTracer("a").startActiveSpan("work", (span) => {
    counter.add(1, {}, ROOT_CONTEXT); // a context without a span
    assert.doesNotMatch(openTextOf(registry), /trace_id/);
    counter.add(1, {}, context.active());
    span.end();
  });
  const { traceId } = spans[0]!.context;
  assert.match(openTextOf(registry), new RegExp(`trace_id="${traceId}"`));
  assert.equal(spans[0]?.attributes["exemplar"], true);
});

test("the active span of Barograph is the exemplar, without any registration", () => {
  const { tracer } = traced();
  const { registry, meter } = meters();
  const off = meters({ exemplars: false });
  tracer.run("work", () => {
    meter.createCounter("x").add(1);
    off.meter.createCounter("x").add(1);
  });
  assert.match(openTextOf(registry), /x_total 1 # \{trace_id=/);
  assert.doesNotMatch(openTextOf(off.registry), /trace_id/);
});
