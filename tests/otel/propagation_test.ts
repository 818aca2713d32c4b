/** OpenTelemetry's API: contexts that a propagator sends and extracts. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import {
  activeBaggage,
  activeSpanContext,
  createTracer,
  inject,
  withBaggage,
} from "../../src/trace/mod.ts";
import { CALLER, SPAN_ID, TRACE_ID, traced } from "../trace/fixtures.ts";
import { injected, register, registerPropagator, unregister } from "./api.ts";

afterEach(unregister);

test("asPropagator() sends the span and the baggage of a context", () => {
  const { tracer } = traced();
  register(tracer);
  assert.deepEqual(propagation.fields(), [
    "traceparent",
    "tracestate",
    "baggage",
  ]);
  assert.deepEqual(injected(), {});
  const parent = {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    sampled: true,
    traceState: "a=1",
  };
  tracer.run("ours", (ours) => {
    assert.equal(
      injected()["traceparent"],
      `00-${TRACE_ID}-${ours.context.spanId}-01`,
    );
    trace.getTracer("library").startActiveSpan("theirs", (theirs) => {
      withBaggage({ tenant: "blue sky" }, () => {
        assert.deepEqual(injected(), {
          traceparent: `00-${TRACE_ID}-${theirs.spanContext().spanId}-01`,
          tracestate: "a=1",
          baggage: "tenant=blue%20sky",
        });
      });
      theirs.end();
    });
    assert.deepEqual(injected(ROOT_CONTEXT), {});
  }, { parent });
});

test("asPropagator() extracts a caller into a context", () => {
  const { tracer, spans } = traced();
  register(tracer);
  const caller = propagation.extract(ROOT_CONTEXT, {
    traceparent: CALLER,
    tracestate: ["a=1", "b=2"],
    baggage: "tenant=blue;ttl=3",
  });
  const span = trace.getSpan(caller)!;
  assert.equal(span.isRecording(), false);
  span.setAttribute("a", 1).setAttributes({}).addEvent("e").addLinks([])
    .addLink({ context: span.spanContext() }).setStatus({ code: 2 })
    .updateName("b");
  span.recordException(new Error("x"));
  span.end();
  const { traceState, ...ids } = span.spanContext();
  assert.deepEqual(ids, {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    traceFlags: 1,
    isRemote: true,
  });
  assert.equal(traceState?.serialize(), "a=1,b=2");
  const entry = propagation.getBaggage(caller)?.getEntry("tenant");
  assert.equal(entry?.value, "blue");
  assert.equal(String(entry.metadata), "ttl=3");
  context.with(caller, () => {
    assert.equal(activeBaggage().get("tenant")?.value, "blue");
    assert.equal(activeSpanContext()?.spanId, SPAN_ID);
    tracer.run("ours", () => {
      assert.equal(injected()["baggage"], "tenant=blue;ttl=3");
    });
    trace.getTracer("library").startSpan("theirs").end();
  });
  trace.getTracer("library").startSpan("explicit", {}, caller).end();
  assert.deepEqual(
    spans.map(({ name, parentSpanId, parentIsRemote }) => [
      name,
      parentSpanId,
      parentIsRemote,
    ]),
    [
      ["ours", SPAN_ID, true],
      ["theirs", SPAN_ID, true],
      ["explicit", SPAN_ID, true],
    ],
  );
});

test("asPropagator() passes an extracted context on byte for byte", () => {
  register(createTracer());
  const later = `cc${CALLER.slice(2)}-what-comes-later`;
  for (const traceparent of [CALLER, CALLER.slice(0, -2) + "ff", later]) {
    const caller = propagation.extract(ROOT_CONTEXT, { traceparent });
    assert.deepEqual(injected(caller), { traceparent });
    context.with(caller, () => {
      const headers = new Headers();
      inject(headers);
      assert.equal(headers.get("traceparent"), traceparent);
    });
  }
});

test("asPropagator() changes no context without a valid header", () => {
  registerPropagator();
  for (const traceparent of [undefined, "", "00", [CALLER, CALLER], 42]) {
    const carrier = { traceparent, baggage: "=", tracestate: "a=1" };
    assert.equal(propagation.extract(ROOT_CONTEXT, carrier), ROOT_CONTEXT);
  }
  assert.equal(propagation.extract(ROOT_CONTEXT, undefined), ROOT_CONTEXT);
});

test("asPropagator() reads and writes any carrier by getters and setters", () => {
  const { tracer } = traced();
  register(tracer);
  const message: [string, Uint8Array][] = [];
  const setter = {
    set: (carrier: typeof message, name: string, value: string) =>
      void carrier.push([name, new TextEncoder().encode(value)]),
  };
  tracer.run("send", (span) => {
    propagation.inject(context.active(), message, setter);
    const read = propagation.extract(ROOT_CONTEXT, message, {
      keys: (carrier) => carrier.map(([name]) => name),
      get: (carrier, name) =>
        carrier.filter(([key]) => key === name)
          .map(([, value]) => new TextDecoder().decode(value)),
    });
    const { spanId } = trace.getSpanContext(read)!;
    assert.equal(spanId, span.context.spanId);
  });
});

test("asPropagator() survives getters and setters that throw or reject", async () => {
  const { tracer } = traced();
  register(tracer);
  const fail = () => {
    throw new Error("broken");
  };
  tracer.run("work", () => {
    propagation.inject(context.active(), {}, { set: fail });
    propagation.inject(context.active(), {}, {
      set: () => Promise.reject(new Error("broken")) as never,
    });
  });
  for (const get of [fail, () => Promise.reject(new Error("broken"))]) {
    const getter = { keys: () => [], get: get as unknown as () => string };
    assert.equal(propagation.extract(ROOT_CONTEXT, {}, getter), ROOT_CONTEXT);
  }
  await new Promise((resolve) => setTimeout(resolve));
});

test("asPropagator() uses the active context where no manager is registered", () => {
  registerPropagator();
  const { tracer } = traced();
  tracer.run("work", (span) => {
    withBaggage({ tenant: "blue" }, () => {
      const headers = injected();
      assert.ok(headers["traceparent"]?.includes(span.context.spanId));
      assert.equal(headers["baggage"], "tenant=blue");
    });
  });
});

test("startSpan() in an explicit root context starts a new trace", () => {
  const { tracer, spans } = traced();
  register(tracer);
  tracer.run("outer", () => {
    trace.getTracer("library").startSpan("alone", {}, ROOT_CONTEXT).end();
  });
  assert.equal(spans[0]?.name, "alone");
  assert.equal(spans[0].parentSpanId, "");
});

test("a handler in the extracted context of a caller has a span of its own", async () => {
  const { tracer, spans } = traced();
  register(tracer);
  const handler = instrumentHandler(() => new Response(), {
    tracer,
    registry: createRegistry(),
  });
  const headers = { traceparent: CALLER };
  const caller = propagation.extract(context.active(), headers);
  await context.with(
    caller,
    () => handler(new Request("http://localhost/", { headers })),
  );
  assert.equal(spans[0]?.kind, "server");
  assert.equal(spans[0].parentSpanId, SPAN_ID);
});

test("the random flag of a caller reaches all spans of its trace", () => {
  for (const record of [true, false]) {
    const tracer = createTracer({ sampler: () => record });
    tracer.onEnd(() => {});
    register(tracer);
    const caller = propagation.extract(ROOT_CONTEXT, {
      traceparent: CALLER.slice(0, -2) + "03",
    });
    context.with(caller, () => {
      tracer.run("a", () => {
        tracer.run("b", () => {
          const flags = record ? "03" : "02";
          assert.equal(injected()["traceparent"]?.slice(-2), flags);
          const { traceFlags } = trace.getActiveSpan()!.spanContext();
          assert.equal(traceFlags, Number(flags));
        });
      });
    });
    unregister();
  }
});

test("headers that another tracer made are checked before they are sent", () => {
  register(traced().tracer);
  const span = trace.wrapSpanContext({
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    traceFlags: 1,
    traceState: { serialize: () => "a=1\r\nx: y" } as never,
  });
  const metadata = { toString: () => "a\r\nx: y" } as never;
  const theirs = propagation.setBaggage(
    trace.setSpan(ROOT_CONTEXT, span),
    propagation.createBaggage({ a: { value: "1", metadata } }),
  );
  assert.deepEqual(injected(theirs), { traceparent: CALLER, baggage: "a=1" });
  context.with(theirs, () => {
    const headers = new Headers();
    inject(headers); // throws for what is no header
    assert.deepEqual([...headers.keys()], ["baggage", "traceparent"]);
  });
});
