/** The oldest API that is supported takes all adapters. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { context, propagation, trace } from "@opentelemetry/api-1.9";
import {
  asOtelContextManager,
  asOtelProvider,
  asPropagator,
} from "../../src/otel/mod.ts";
import { traced } from "../trace/fixtures.ts";
import { forgetApi } from "./meters.ts";

afterEach(forgetApi);

test("API 1.9 takes tracer provider, context manager and propagator", async () => {
  forgetApi();
  const { tracer, spans } = traced();
  const provider = asOtelProvider(tracer);
  const contexts = asOtelContextManager();
  const propagator = asPropagator(["b3"]);
  assert.equal(trace.setGlobalTracerProvider(provider), true);
  assert.equal(context.setGlobalContextManager(contexts), true);
  assert.equal(propagation.setGlobalPropagator(propagator), true);
  const carrier: Record<string, string> = {};
  await trace.getTracer("library").startActiveSpan("outer", async (outer) => {
    await Promise.resolve();
    propagation.inject(context.active(), carrier);
    trace.getTracer("library").startSpan("inner").end();
    outer.end();
  });
  const [inner, outer] = spans;
  assert.equal(inner?.parentSpanId, outer?.context.spanId);
  assert.equal(
    carrier["b3"],
    `${outer?.context.traceId}-${outer?.context.spanId}-1`,
  );
  const extracted = propagation.extract(context.active(), carrier);
  assert.equal(
    trace.getSpanContext(extracted)?.traceId,
    outer?.context.traceId,
  );
});
