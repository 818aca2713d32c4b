/** OpenTelemetry's API: libraries instrumented with it, and other tracers. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
  context,
  type ContextManager,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider as OtherProvider,
} from "@opentelemetry/sdk-trace";
import { spanExemplars } from "../../src/bridge/mod.ts";
import {
  instrumentFetch,
  instrumentHandler,
} from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { asOtelContextManager, asOtelProvider } from "../../src/otel/mod.ts";
import {
  activeBaggage,
  activeSpanContext,
  createTracer,
  inject,
  spanFromContext,
  traceContext,
  type Tracer,
  withBaggage,
} from "../../src/trace/mod.ts";
import { SPAN_ID, TRACE_ID, traced } from "../trace/fixtures.ts";

afterEach(() => {
  trace.disable();
  context.disable();
  propagation.disable();
});

/** Registers our tracer with the API, as the docs describe. */
function register(tracer: Tracer): void {
  trace.setGlobalTracerProvider(
    asOtelProvider(tracer),
  );
  context.setGlobalContextManager(
    asOtelContextManager(),
  );
}

test("asOtelProvider() records the status of a library's span", () => {
  const { tracer, spans } = traced();
  register(tracer);
  const library = trace.getTracer("library");
  library.startSpan("a").setStatus({ code: SpanStatusCode.OK }).end();
  library.startSpan("b").setStatus({ code: SpanStatusCode.UNSET }).end();
  library.startSpan("c")
    .setStatus({ code: SpanStatusCode.ERROR, message: "locked" }).end();
  assert.deepEqual(spans.map(({ status }) => status), [
    { code: "ok", message: "" },
    { code: "unset", message: "" },
    { code: "error", message: "locked" },
  ]);
});

test("asOtelProvider() records all data of a library's span", () => {
  const { tracer, spans } = traced({ name: "app" });
  register(tracer);
  const span = trace.getTracer("library", "1.2").startSpan("query", {
    kind: SpanKind.CLIENT,
    attributes: { "db.system": "sqlite" },
    startTime: new Date(1_000_000_000),
    links: [{
      context: { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 },
      attributes: { why: "batch" },
    }, {
      context: { traceId: "0", spanId: "0", traceFlags: 0 },
    }],
  });
  assert.equal(span.isRecording(), true);
  span.setAttribute("rows", 3).setAttributes({ cached: false })
    .addEvent("plan", { steps: 2 }, [1_000_001, 500_000_000])
    .addEvent("bare", 1_000_002_000_000_000 / 1e6)
    .addLink({
      context: { traceId: TRACE_ID, spanId: "1".repeat(16), traceFlags: 0 },
    })
    .updateName("select")
    .setStatus({ code: SpanStatusCode.ERROR, message: "locked" });
  span.recordException(new Error("locked"), new Date(1_000_003_000));
  span.end(new Date(1_000_004_000));
  assert.equal(span.isRecording(), false);
  const [record] = spans;
  assert.equal(record?.name, "select");
  assert.equal(record.kind, "client");
  assert.deepEqual({ ...record.scope }, { name: "library", version: "1.2" });
  assert.equal(record.start, 1_000_000);
  assert.equal(record.end, 1_000_004);
  assert.deepEqual({ ...record.attributes }, {
    "db.system": "sqlite",
    rows: 3,
    cached: false,
  });
  assert.deepEqual(
    record.events.map(({ name }) => name),
    ["plan", "bare", "exception"],
  );
  assert.equal(record.events[0]?.time, 1_000_001.5);
  assert.equal(record.events[2]?.time, 1_000_003);
  assert.deepEqual(
    record.links.map(({ context: { spanId, sampled } }) => [spanId, sampled]),
    [[SPAN_ID, true], ["1".repeat(16), false]],
  );
  assert.deepEqual(record.status, { code: "error", message: "locked" });
});

test("startActiveSpan() activates its span in all overloads, in the API and in this module", async () => {
  const { tracer, spans } = traced();
  register(tracer);
  const library = trace.getTracer("library");
  const seen: boolean[] = [];
  const check = (span: ReturnType<typeof library.startSpan>) => {
    const { spanId } = span.spanContext();
    seen.push(trace.getActiveSpan()?.spanContext().spanId === spanId);
    seen.push(spanFromContext()?.context.spanId === spanId);
    span.end();
    return spanId;
  };
  library.startActiveSpan("a", check);
  library.startActiveSpan("b", { kind: SpanKind.SERVER }, check);
  library.startActiveSpan("c", {}, ROOT_CONTEXT, check);
  await library.startActiveSpan("d", async (span) => {
    await null;
    check(span);
  });
  assert.deepEqual(seen, Array(8).fill(true));
  assert.equal(spans.length, 4);
  assert.equal(trace.getActiveSpan(), undefined);
});

test("spans of a library and of this module nest in one trace", () => {
  const { tracer, spans } = traced();
  register(tracer);
  const library = trace.getTracer("library");
  tracer.run("ours", () => {
    library.startActiveSpan("theirs", (span) => {
      tracer.run("ours within", () => {});
      library.startSpan("alone", { root: true }).end();
      span.end();
    });
  });
  const [within, alone, theirs, ours] = spans;
  assert.equal(theirs?.parentSpanId, ours?.context.spanId);
  assert.equal(within?.parentSpanId, theirs?.context.spanId);
  assert.equal(within?.context.traceId, ours?.context.traceId);
  assert.equal(alone?.parentSpanId, "");
  assert.equal(ours?.parentIsRemote, false);
});

test("startSpan() takes a remote span context of the API as parent", () => {
  const { tracer, spans } = traced();
  register(tracer);
  const parent = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    traceFlags: 1,
    isRemote: true,
  });
  trace.getTracer("library").startSpan("work", {}, parent).end();
  assert.equal(spans[0]?.parentSpanId, SPAN_ID);
  assert.equal(spans[0].context.traceId, TRACE_ID);
});

test("asOtelContextManager() restores values, span and baggage of a context", () => {
  const { tracer } = traced();
  register(tracer);
  const key = createContextKey("key");
  const other = tracer.start("other");
  const [captured, own] = tracer.run(
    "work",
    (span) =>
      withBaggage({ tenant: "blue" }, () => {
        const inner = context.active().setValue(key, 42);
        return [inner, span] as const;
      }),
  );
  tracer.run("elsewhere", () => {
    context.with(captured, () => {
      assert.equal(context.active().getValue(key), 42);
      assert.equal(spanFromContext(), own);
      assert.equal(activeBaggage().get("tenant")?.value, "blue");
      tracer.run("inner", (inner) => {
        assert.equal(context.active().getValue(key), 42);
        assert.equal(
          trace.getActiveSpan()?.spanContext().spanId,
          inner.context.spanId,
        );
      });
    });
    assert.equal(activeBaggage().size, 0);
    assert.notEqual(spanFromContext(), own);
  });
  assert.equal(context.active().deleteValue(key).getValue(key), undefined);
  const bound = context.bind(captured, function (this: unknown, n: number) {
    return [this, n, spanFromContext() === own];
  });
  assert.deepEqual(bound.call("self", 7), ["self", 7, true]);
  assert.equal(context.bind(captured, 7 as never), 7);
  other.end();
});

test("spanContext().traceState can be read and changed", () => {
  const { tracer } = traced();
  register(tracer);
  const parent = {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    sampled: true,
    traceState: "a=1,b=2",
  };
  tracer.run("work", () => {
    const state = trace.getActiveSpan()!.spanContext().traceState!;
    assert.equal(state.serialize(), "a=1,b=2");
    assert.equal(state.get("b"), "2");
    assert.equal(state.get("c"), undefined);
    assert.equal(state.set("b", "3").serialize(), "b=3,a=1");
    assert.equal(state.unset("a").serialize(), "b=2");
  }, { parent });
});

/** A synchronous context manager, such as another tracer may register. */
class Stack implements ContextManager {
  #stack = [ROOT_CONTEXT];
  active = () => this.#stack.at(-1)!;
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    inner: typeof ROOT_CONTEXT,
    work: F,
    self?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    this.#stack.push(inner);
    try {
      return work.apply(self, args);
    } finally {
      this.#stack.pop();
    }
  }
  bind = <T>(_context: unknown, target: T): T => target;
  enable = () => this;
  disable = () => this;
}

function otherTracer() {
  const exporter = new InMemorySpanExporter();
  const provider = new OtherProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new Stack());
  return { exporter, library: trace.getTracer("other") };
}

test("the active span of another tracer is parent, exemplar and propagated context", () => {
  const { tracer, spans } = traced();
  const { library } = otherTracer();
  library.startActiveSpan("theirs", (span) => {
    const { traceId, spanId } = span.spanContext();
    assert.equal(activeSpanContext()?.spanId, spanId);
    assert.deepEqual(spanExemplars(), { trace_id: traceId, span_id: spanId });
    const headers = new Headers();
    inject(headers);
    assert.equal(headers.get("traceparent"), `00-${traceId}-${spanId}-01`);
    tracer.start("ours").end();
    assert.equal(spans[0]?.parentSpanId, spanId);
    assert.equal(spans[0].context.traceId, traceId);
    span.end();
  });
  assert.equal(activeSpanContext(), undefined);
  assert.equal(spanExemplars(), undefined);
});

test("instrumentHandler() creates no span within a span of another tracer", async () => {
  const { tracer, spans } = traced();
  const { library } = otherTracer();
  const registry = createRegistry();
  const sent: (string | null)[] = [];
  const call = instrumentFetch({
    registry,
    tracer,
    fetch: (_input, init) => {
      sent.push(new Headers(init?.headers).get("traceparent"));
      return Promise.resolve(new Response());
    },
  });
  const handler = instrumentHandler(() => call("http://b.example"), {
    registry,
    tracer,
  });
  await library.startActiveSpan("server", async (span) => {
    const answer = handler(new Request("http://localhost/"));
    const { traceId, spanId } = span.spanContext();
    assert.equal(sent[0], `00-${traceId}-${spanId}-01`);
    await answer;
    span.end();
  });
  assert.equal(spans.length, 0);
});

test("activeSpanContext() ignores broken contexts of the API", () => {
  const { tracer, spans } = traced();
  const broken: unknown[] = [
    { getValue: () => ({ spanContext: () => ({ traceId: 1, spanId: 2 }) }) },
    { getValue: () => ({ spanContext: () => null }) },
    { getValue: () => 42 },
    { getValue: () => ({}) },
    {},
    null,
  ];
  for (const active of broken) {
    context.setGlobalContextManager({
      ...new Stack(),
      active: () => active,
    } as never);
    tracer.start("work").end();
    assert.equal(activeSpanContext(), undefined);
    context.disable();
  }
  context.setGlobalContextManager({
    ...new Stack(),
    active: () => {
      throw new Error("broken");
    },
  } as never);
  tracer.start("work").end();
  assert.deepEqual(
    spans.map(({ parentSpanId }) => parentSpanId),
    Array(broken.length + 1).fill(""),
  );
});

test("the API without our provider returns unrecorded spans", () => {
  const span = trace.getTracer("library").startSpan("work");
  assert.equal(span.isRecording(), false);
  span.end();
  assert.equal(activeSpanContext(), undefined);
});

test("traceContext() keeps the values of an API context", () => {
  const { tracer } = traced();
  register(tracer);
  const key = createContextKey("key");
  const captured = context.with(
    context.active().setValue(key, 42),
    () => traceContext(),
  );
  assert.equal(captured.run(() => context.active().getValue(key)), 42);
});

test("asOtelContextManager() does not propagate an unrecorded span", () => {
  register(createTracer());
  trace.getTracer("library").startActiveSpan("work", (span) => {
    assert.equal(span.isRecording(), false);
    assert.equal(activeSpanContext(), undefined);
    const headers = new Headers();
    inject(headers);
    assert.deepEqual([...headers], []);
  });
});

test("asOtelContextManager() returns the same adapter for a span", () => {
  const { tracer } = traced();
  register(tracer);
  tracer.run("work", () => {
    assert.ok(trace.getActiveSpan() !== undefined);
    assert.equal(trace.getActiveSpan(), trace.getActiveSpan());
  });
});

test("startSpan() in an API context without a span starts a new trace", () => {
  const { tracer, spans } = traced();
  register(tracer);
  const library = trace.getTracer("library");
  tracer.run("outer", () => {
    library.startSpan("child", {}, context.active()).end();
    const without = trace.deleteSpan(context.active());
    library.startSpan("alone", {}, without).end();
  });
  const [child, alone, outer] = spans;
  assert.equal(child?.parentSpanId, outer?.context.spanId);
  assert.equal(alone?.parentSpanId, "");
  assert.notEqual(alone?.context.traceId, outer?.context.traceId);
});
