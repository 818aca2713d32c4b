/** The tracing checks of reference 000: UI events through middleware. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  errorCategory,
  instrumentEvents,
  instrumentFetch,
} from "../../src/instrument/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";
import {
  createTracer,
  spanFromContext,
  type SpanRecord,
} from "../../src/trace/mod.ts";
import { serve } from "../runtimes/server.ts";

/** An event of a session. */
interface UiEvent {
  readonly path: string;
  readonly session?: string;
  readonly type?: string;
  readonly target?: string;
  readonly user?: string;
  patches: number;
}

interface Chain {
  readonly registry: Registry;
  readonly spans: readonly SpanRecord[];
  run<T>(event: UiEvent, work: () => T): T;
}

/** Returns the middleware chain of the reference, built with `instrumentEvents`. */
function chain(): Chain {
  const registry = createRegistry();
  const tracer = createTracer({ name: "vango" });
  const spans: SpanRecord[] = [];
  tracer.onEnd((span) => void spans.push(span));
  const measure = instrumentEvents<UiEvent>({
    registry,
    tracer,
    namespace: "vango",
    route: ({ path }) => path,
    spanName: ({ type, path }) =>
      type === undefined ? `vango ${path || "/"}` : `vango.${type}`,
    filter: ({ path }) => path !== "/healthz",
    attributes: ({ path, session, type, target, user }) => ({
      "vango.path": path,
      "vango.route": path,
      ...(session !== undefined && { "vango.session_id": session }),
      ...(type !== undefined && { "vango.event_type": type }),
      ...(target !== undefined && { "vango.event_target": target }),
      ...(user !== undefined && { "vango.user_id": user }),
      "test.attr": "ok",
    }),
    outcome: ({ patches }) => ({ "vango.patch_count": patches }),
  });
  return { registry, spans, run: measure };
}

const click = (): UiEvent => ({
  path: "/cart",
  session: "sess-1",
  type: "Click",
  target: "btn-1",
  user: "u-7",
  patches: 0,
});

test("000.3 error messages map to categories", () => {
  const table = {
    "rate limit exceeded": "rate_limit",
    "resource not found": "not_found",
    "unauthorized access": "unauthorized",
    "forbidden action": "forbidden",
    "validation error": "validation",
    "websocket error": "websocket",
    "some other error": "internal",
    "": "unknown",
    "Timeout": "timeout",
  };
  for (const [message, category] of Object.entries(table)) {
    assert.equal(errorCategory(new Error(message)), category, message);
  }
});

test("000.10 an event has a span with all its attributes", async () => {
  const { spans, run } = chain();
  const event = click();
  await run(event, async () => {
    await Promise.resolve();
    event.patches = 3;
  });
  const [span] = spans;
  assert.equal(span?.name, "vango.Click");
  assert.equal(span.kind, "server");
  assert.equal(span.status.code, "ok");
  assert.equal(span.scope.name, "vango");
  assert.deepEqual({ ...span.attributes }, {
    "vango.path": "/cart",
    "vango.route": "/cart",
    "vango.session_id": "sess-1",
    "vango.event_type": "Click",
    "vango.event_target": "btn-1",
    "vango.user_id": "u-7",
    "test.attr": "ok",
    "vango.patch_count": 3,
  });
});

test("000.11 a failed event fails its span, and its error is passed on", async () => {
  const { spans, run } = chain();
  const boom = new Error("boom");
  const event = { ...click(), patches: 2 };
  await assert.rejects(run(event, () => Promise.reject(boom)), boom);
  const [span] = spans;
  assert.deepEqual(span?.status, { code: "error", message: "boom" });
  assert.deepEqual(span.events.map(({ name }) => name), ["exception"]);
  assert.equal(span.attributes["vango.patch_count"], 2);
});

test("000.12 an event that the filter excludes runs without a span", () => {
  const { spans, registry, run } = chain();
  let inside: unknown = "never ran";
  run({ path: "/healthz", patches: 0 }, () => {
    inside = spanFromContext();
  });
  assert.equal(inside, undefined);
  assert.equal(spans.length, 0);
  const at = { path: "/healthz", status: "success" };
  assert.equal(valueOf(registry, "vango_events_total", at), 1);
});

test("000.13 a call within an event propagates its trace", async () => {
  const { spans, run } = chain();
  const received: string[] = [];
  const server = serve(({ headers }) => {
    received.push(headers.get("traceparent") ?? "none");
    return new Response();
  });
  const call = instrumentFetch({ registry: createRegistry() });
  try {
    await run(click(), async () => void await (await call(server.url)).text());
    await (await call(server.url)).text();
  } finally {
    await server.stop();
  }
  const { traceId, spanId } = spans[0]!.context;
  assert.deepEqual(received, [`00-${traceId}-${spanId}-01`, "none"]);
  const after = await new Promise((resolve) =>
    setTimeout(() => resolve(spanFromContext()))
  );
  assert.equal(after, undefined);
});

test("000.14 a throw and a rejection count as errors and end their spans", async () => {
  const { registry, spans, run } = chain();
  const boom = new Error("timeout exceeded");
  assert.throws(() =>
    run(click(), () => {
      throw boom;
    }), boom);
  await assert.rejects(run(click(), () => Promise.reject(boom)), boom);
  const at = { path: "/cart", status: "error" };
  assert.equal(valueOf(registry, "vango_events_total", at), 2);
  assert.deepEqual(spans.map(({ status }) => status.code), ["error", "error"]);
});
