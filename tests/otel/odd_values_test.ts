/**
 * OpenTelemetry's API called with anything: it never throws into the library
 * that calls it, and the work it is given runs once.
 */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { context, propagation, trace } from "@opentelemetry/api";
import { inject, type SpanRecord, withBaggage } from "../../src/trace/mod.ts";
import { CALLER, traced } from "../trace/fixtures.ts";
import { register, unregister } from "./api.ts";

afterEach(unregister);

const fail = () => {
  throw new Error("trap");
};
const trap = new Proxy({}, { get: fail, has: fail, ownKeys: fail });

/** Values that no declaration of the API allows. */
const ODD: readonly unknown[] = [
  null,
  42,
  NaN,
  10n,
  "x",
  Symbol("x"),
  {},
  [],
  [null],
  [{}],
  [1],
  [trap],
  trap,
  new Date(NaN),
  () => {},
  { context: trap },
  { getValue: () => undefined },
  [{ context: null }],
  [{ context: { traceId: "a", traceState: trap } }],
];

type Methods = Readonly<
  Record<string, (...args: readonly unknown[]) => unknown>
>;

const SPAN_METHODS = [
  "setAttribute",
  "setAttributes",
  "addEvent",
  "addLink",
  "addLinks",
  "setStatus",
  "updateName",
  "recordException",
];

function use(odd: unknown): SpanRecord[] {
  const { tracer, spans } = traced();
  register(tracer);
  const any = odd as never;
  trace.getTracer(any, any).startSpan("tracer").end();
  const library = trace.getTracer("library");
  library.startSpan(any).end();
  library.startSpan("options", any).end();
  for (const name of ["links", "attributes", "startTime", "kind", "root"]) {
    library.startSpan(name, { [name]: odd }).end();
  }
  library.startSpan("context", {}, any).end();
  let calls = 0;
  library.startActiveSpan("active", {}, any, (span) => {
    calls++;
    span.end();
  });
  const span = library.startSpan("span");
  for (const name of SPAN_METHODS) {
    const methods = span as unknown as Methods;
    methods[name]!(odd);
    methods[name]!("x", odd);
    methods[name]!("x", {}, odd);
  }
  span.end(any);
  const work = () => {
    calls++;
    tracer.run("inner", () => inject(new Headers()));
    propagation.inject(context.active(), {});
  };
  context.with(any, work);
  context.bind(any, work)();
  context.with(trace.setSpan(context.active(), any), work);
  context.with(propagation.setBaggage(context.active(), any), work);
  const entries = { a: odd, b: { value: "1", metadata: odd } } as never;
  const baggage = propagation.createBaggage(entries);
  context.with(propagation.setBaggage(context.active(), baggage), work);
  withBaggage({ a: odd as string }, () => {
    work();
    propagation.getActiveBaggage()?.setEntry("k", any).getAllEntries();
  });
  propagation.inject(any, {});
  propagation.inject(context.active(), odd);
  propagation.extract(any, { traceparent: CALLER });
  propagation.extract(context.active(), odd);
  unregister();
  assert.equal(calls, 7);
  return spans;
}

test("the API never throws for odd values, and records the rest", () => {
  for (const odd of ODD) {
    const names = use(odd).map(({ name }) => name);
    for (const name of ["tracer", "options", "links", "context"]) {
      assert.ok(names.includes(name), name);
    }
    assert.equal(names.filter((name) => name === "inner").length, 6);
  }
});

test("startActiveSpan() without a function starts no span", () => {
  const { tracer, spans } = traced();
  register(tracer);
  trace.getTracer("library").startActiveSpan("a", 42 as never);
  assert.equal(tracer.stats().recorded, 0);
  assert.deepEqual(spans, []);
});

test("odd links are counted", () => {
  const { tracer, spans } = traced();
  register(tracer);
  const links = [null, {}, { context: null }] as never;
  trace.getTracer("library").startSpan("a", { links }).addLink(null as never)
    .end();
  assert.equal(spans[0]?.dropped.links, 4);
});
