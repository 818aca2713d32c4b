/** B3 beside OpenTelemetry's own propagator, and in place of W3C trace context. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type TextMapPropagator,
  trace,
} from "@opentelemetry/api";
import { B3InjectEncoding, B3Propagator } from "@opentelemetry/propagator-b3";
import {
  instrumentFetch,
  instrumentHandler,
} from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { asPropagator } from "../../src/otel/mod.ts";
import {
  b3,
  b3multi,
  extract,
  inject,
  w3cBaggage,
  w3cTraceContext,
  withBaggage,
} from "../../src/trace/mod.ts";
import * as fc from "../support/property.ts";
import { CALLER, SPAN_ID, TRACE_ID, traced } from "../trace/fixtures.ts";

type Carrier = Record<string, string>;

const SINGLE = `${TRACE_ID}-${SPAN_ID}-1`;
const theirs = {
  b3: new B3Propagator(),
  b3multi: new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
};

function ours(name: "b3" | "b3multi"): TextMapPropagator {
  return asPropagator([name]);
}

function extractedBy(propagator: TextMapPropagator, carrier: Carrier) {
  const context = propagator.extract(
    ROOT_CONTEXT,
    carrier,
    defaultTextMapGetter,
  );
  const span = trace.getSpanContext(context);
  if (span === undefined) return undefined;
  const { traceId, spanId, traceFlags } = span;
  return { traceId, spanId, traceFlags };
}

function injectedBy(propagator: TextMapPropagator, context: Context): Carrier {
  const carrier: Carrier = {};
  propagator.inject(context, carrier, defaultTextMapSetter);
  return carrier;
}

const hex = (length: number) =>
  fc.string({
    unit: fc.constantFrom(..."0123456789abcdef"),
    minLength: length,
    maxLength: length,
  });

const spans = fc.record({
  traceId: hex(32).filter((id) => /[^0]/.test(id)),
  spanId: hex(16).filter((id) => /[^0]/.test(id)),
  traceFlags: fc.constantFrom(0, 1),
});

for (const name of ["b3", "b3multi"] as const) {
  test(`${name}: both propagators write the same headers`, () => {
    fc.check(fc.property(spans, (span) => {
      const context = trace.setSpanContext(ROOT_CONTEXT, span);
      const headers = injectedBy(ours(name), context);
      assert.deepEqual(headers, injectedBy(theirs[name], context));
      assert.deepEqual(extractedBy(theirs[name], headers), span);
      assert.deepEqual(extractedBy(ours(name), headers), span);
    }));
  });

  test(`${name}: nothing is written without a span`, () => {
    assert.deepEqual(injectedBy(ours(name), ROOT_CONTEXT), {});
  });

  test(`${name}: its fields are the headers that it writes`, () => {
    const context = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      traceFlags: 1,
    });
    assert.deepEqual(
      ours(name).fields(),
      Object.keys(injectedBy(ours(name), context)),
    );
  });
}

const SHORT = TRACE_ID.slice(16);

const legal: readonly Carrier[] = [
  { b3: SINGLE },
  { b3: `${TRACE_ID}-${SPAN_ID}-0` },
  { b3: `${TRACE_ID}-${SPAN_ID}-d` },
  { b3: `${TRACE_ID}-${SPAN_ID}` },
  { b3: `${SHORT}-${SPAN_ID}-1` },
  { b3: `${TRACE_ID}-${SPAN_ID}-1-${SPAN_ID}` },
  { "x-b3-traceid": TRACE_ID, "x-b3-spanid": SPAN_ID, "x-b3-sampled": "1" },
  { "x-b3-traceid": SHORT, "x-b3-spanid": SPAN_ID, "x-b3-sampled": "true" },
  { "x-b3-traceid": TRACE_ID, "x-b3-spanid": SPAN_ID, "x-b3-sampled": "0" },
  { "x-b3-traceid": TRACE_ID, "x-b3-spanid": SPAN_ID },
  {
    "x-b3-traceid": TRACE_ID,
    "x-b3-spanid": SPAN_ID,
    "x-b3-flags": "1",
    "x-b3-parentspanid": SPAN_ID,
  },
  { b3: SINGLE, "x-b3-traceid": SHORT, "x-b3-spanid": SPAN_ID },
];

for (const carrier of legal) {
  test(`b3 reads ${JSON.stringify(carrier)} as OpenTelemetry does`, () => {
    const expected = extractedBy(theirs.b3, carrier);
    assert.notEqual(expected, undefined);
    assert.deepEqual(extractedBy(ours("b3"), carrier), expected);
    assert.deepEqual(extractedBy(ours("b3multi"), carrier), expected);
  });
}

const illegal: readonly Carrier[] = [
  {},
  { b3: "0" },
  { b3: "" },
  { b3: `${"0".repeat(32)}-${SPAN_ID}-1` },
  { b3: `${TRACE_ID}-${"0".repeat(16)}-1` },
  { b3: `x${SINGLE}` },
  { b3: `${SINGLE}0` },
  { b3: SINGLE.toUpperCase() },
  { b3: SINGLE.repeat(100) },
  { "x-b3-traceid": TRACE_ID },
  { "x-b3-spanid": SPAN_ID },
  { "x-b3-traceid": "x", "x-b3-spanid": SPAN_ID },
];

for (const carrier of illegal) {
  const title = JSON.stringify(carrier).slice(0, 80);
  test(`b3 ignores ${title}`, () => {
    assert.equal(extractedBy(ours("b3"), carrier), undefined);
  });
}

test("extract() and inject() take propagators", () => {
  const headers = new Headers({ b3: SINGLE, traceparent: CALLER });
  assert.equal(extract(headers, []).parent, undefined);
  assert.equal(extract(headers, [b3multi]).parent?.traceId, TRACE_ID);
  const { tracer } = traced();
  const sent = new Headers();
  withBaggage({ user: "1" }, () =>
    tracer.run("work", (span) => {
      inject(sent, [b3, b3multi, w3cBaggage]);
      const { traceId, spanId } = span.context;
      assert.deepEqual(Object.fromEntries(sent), {
        b3: `${traceId}-${spanId}-1`,
        baggage: "user=1",
        "x-b3-sampled": "1",
        "x-b3-spanid": spanId,
        "x-b3-traceid": traceId,
      });
    }));
});

test("of several propagators that find a span, the last one counts", () => {
  const other = "b".repeat(32);
  const headers = new Headers({
    b3: `${other}-${SPAN_ID}-1`,
    traceparent: CALLER,
  });
  const found = (...formats: Parameters<typeof extract>[1] & object) =>
    extract(headers, formats).parent?.traceId;
  assert.equal(found(b3, w3cTraceContext), TRACE_ID);
  assert.equal(found(w3cTraceContext, b3), other);
  headers.delete("b3");
  assert.equal(found(w3cTraceContext, b3), TRACE_ID);
});

test("instrumentHandler() continues the trace of a B3 header", async () => {
  const { tracer, spans } = traced();
  const handler = instrumentHandler(() => new Response(), {
    registry: createRegistry(),
    tracer,
    propagators: [b3],
  });
  const headers = {
    b3: SINGLE,
    traceparent: `00-${"b".repeat(32)}-${SPAN_ID}-01`,
  };
  await (await handler(new Request("http://a.test/", { headers }))).text();
  assert.equal(spans[0]?.context.traceId, TRACE_ID);
  assert.equal(spans[0]?.parentSpanId, SPAN_ID);
});

test("instrumentFetch() sends the headers of its propagators", async () => {
  const { tracer } = traced();
  let sent = new Headers();
  const call = instrumentFetch({
    registry: createRegistry(),
    tracer,
    propagators: [b3multi],
    fetch: (input, init) => {
      sent = new Headers(init?.headers ?? (input as Request).headers);
      return Promise.resolve(new Response());
    },
  });
  await call("http://a.test/");
  assert.equal(sent.get("x-b3-sampled"), "1");
  assert.match(sent.get("x-b3-traceid") ?? "", /^[0-9a-f]{32}$/);
  assert.equal(sent.has("traceparent"), false);
});

test("propagators that are none are refused", () => {
  assert.throws(
    () => asPropagator(["jaeger" as "b3"]),
    /format "jaeger" is unknown; give any of "tracecontext", "baggage", "b3"/,
  );
  assert.throws(() => asPropagator("b3" as never), /give a list of formats/);
  assert.throws(
    () => instrumentFetch({ propagators: [{} as never] }),
    /propagators .*give a list of propagators, such as \[b3, w3cBaggage\]/,
  );
});
