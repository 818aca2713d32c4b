/** The cost of a recorded and of an unsampled span, compared with OpenTelemetry. */
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  type SpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { alwaysOff, createTracer, type SpanOptions } from "../src/trace/mod.ts";
import type { Case, Question } from "./harness.ts";

const attributes = { "http.request.method": "GET", "url.path": "/items" };
const OPTIONS: SpanOptions = { kind: "server", attributes };
const OTEL_OPTIONS = { kind: 1, attributes };

function ours(sampled: boolean, listens = true): Case {
  const tracer = createTracer(sampled ? {} : { sampler: alwaysOff });
  let ended = 0;
  if (listens) tracer.onEnd(() => void ended++);
  return {
    name: listens ? "barograph" : "without listeners",
    role: listens ? "barograph" : "reference",
    run: (times) => {
      for (let i = 0; i < times; i++) tracer.start("GET", OPTIONS).end();
      return ended;
    },
  };
}

function theirs(sampled: boolean): Case {
  let ended = 0;
  const processor: SpanProcessor = {
    onStart() {},
    onEnd: () => void ended++,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const tracer = new TracerProvider({
    sampler: sampled ? new AlwaysOnSampler() : new AlwaysOffSampler(),
    spanProcessors: [processor],
  }).getTracer("bench");
  return {
    name: "@opentelemetry/sdk-trace",
    role: "rival",
    run: (times) => {
      for (let i = 0; i < times; i++) {
        tracer.startSpan("GET", OTEL_OPTIONS).end();
      }
      return ended;
    },
  };
}

export function traceQuestions(): Question[] {
  return [{
    title: "a recorded span, start and end",
    unit: "ns",
    times: 50_000,
    cases: [ours(true), theirs(true)],
  }, {
    title: "a span that is not sampled",
    unit: "ns",
    times: 50_000,
    cases: [ours(false), theirs(false), ours(true, false)],
  }];
}
