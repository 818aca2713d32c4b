/** OpenTelemetry's API: suppressed tracing. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
  context,
  createContextKey,
  propagation,
  trace,
} from "@opentelemetry/api";
import {
  instrumentFetch,
  instrumentHandler,
} from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import {
  inject,
  traceContext,
  withBaggage,
  withSpan,
} from "../../src/trace/mod.ts";
import { CALLER, SPAN_ID, TRACE_ID, traced } from "../trace/fixtures.ts";
import {
  foreignContexts,
  injected,
  ourContexts,
  register,
  unregister,
} from "./api.ts";

/** The key of `suppressTracing` in the packages of OpenTelemetry's SDK. */
const SUPPRESS = createContextKey(
  "OpenTelemetry SDK Context Key SUPPRESS_TRACING",
);
const suppressed = () => context.active().setValue(SUPPRESS, true);

afterEach(unregister);

for (
  const [kind, contexts] of [
    ["our", ourContexts],
    ["another", foreignContexts],
  ] as const
) {
  test(`suppressTracing() in ${kind} context manager holds for all spans and headers`, async () => {
    const { tracer, spans } = traced();
    register(tracer, contexts());
    const registry = createRegistry();
    const sent: string[][] = [];
    const call = instrumentFetch({
      registry,
      tracer,
      fetch: (_input, init) => {
        sent.push([...new Headers(init?.headers).keys()]);
        return Promise.resolve(new Response());
      },
    });
    const handler = instrumentHandler(() => call("http://b.example"), {
      registry,
      tracer,
    });
    await context.with(suppressed(), async () => {
      trace.getTracer("library").startActiveSpan("theirs", (span) => {
        assert.equal(span.isRecording(), false);
        assert.deepEqual(injected(), {});
      });
      tracer.run("ours", (span) => {
        assert.equal(span.recording, false);
        assert.equal(span.propagates, false);
        withSpan(tracer.start("inner"), new Map(), () => {
          tracer.start("innermost").end();
          withBaggage({ tenant: "blue" }, () => {
            assert.deepEqual(injected(), {});
            const headers = new Headers();
            inject(headers);
            assert.deepEqual([...headers], []);
          });
        });
      });
      await call("http://a.example");
      const headers = { traceparent: CALLER };
      await handler(new Request("http://localhost/", { headers }));
    });
    assert.deepEqual(spans, []);
    assert.deepEqual(sent, [[], []]);
    tracer.run("after", () => {});
    assert.equal(spans.length, 1);
  });
}

test("a request without a trace stays suppressed, and sees no outer span", async () => {
  const { tracer, spans } = traced();
  register(tracer);
  const handler = instrumentHandler(() => {
    tracer.start("inner").end();
    const seen = trace.getActiveSpan() ?? propagation.getActiveBaggage();
    return Response.json(seen === undefined);
  }, { tracer, registry: createRegistry(), filter: () => false });
  const visit = () => handler(new Request("http://localhost/"));
  const answer = await tracer.run(
    "outer",
    () => withBaggage({ a: "b" }, () => context.with(suppressed(), visit)),
  );
  assert.equal(await answer.json(), true);
  assert.deepEqual(spans.map(({ name }) => name), ["outer"]);
});

test("traceContext() keeps a suppressed context, and that of another tracer", () => {
  const { tracer, spans } = traced();
  register(tracer);
  const headers = new Headers();
  tracer.run("work", () => {
    const captured = context.with(suppressed(), traceContext);
    captured.inject(headers);
    captured.run(() => tracer.start("suppressed").end());
  });
  assert.deepEqual([...headers], []);
  assert.deepEqual(spans.map(({ name }) => name), ["work"]);

  const caller = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 };
  const theirs = trace.setSpanContext(context.active(), caller);
  context.with(theirs, traceContext).inject(headers);
  assert.equal(headers.get("traceparent"), CALLER);
});

test("suppressTracing() is decided by the context that is given", () => {
  const { tracer, spans } = traced();
  register(tracer);
  const library = trace.getTracer("library");
  const open = context.active();
  library.startSpan("suppressed", {}, suppressed()).end();
  context.with(suppressed(), () => {
    library.startSpan("open", {}, open).end();
    library.startSpan("root", { root: true }).end();
  });
  assert.deepEqual(spans.map(({ name }) => name), ["open"]);
});
