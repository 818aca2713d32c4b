/** The span of a request: what it says, and that it ends exactly once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import {
  activeBaggage,
  activeSpanContext,
  alwaysOff,
  createTracer,
  type Span,
  spanFromContext,
} from "../../src/trace/mod.ts";
import { request, setUp, traced } from "./fixtures.ts";

const CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

test("a request is a span by OpenTelemetry's names", () => {
  const clock = new FakeClock();
  const { tracer, spans } = traced({ clock });
  const handler = instrumentHandler(() => {
    clock.advance(0.25);
    return new Response("hi", { status: 201 });
  }, {
    registry: createRegistry(),
    tracer,
    clock,
    route: "/users/:id",
  });
  handler(request({ method: "POST", body: "x" }, "/users/7?token=secret"));
  const [span] = spans;
  assert.equal(spans.length, 1);
  assert.equal(span?.name, "POST /users/:id");
  assert.equal(span.kind, "server");
  assert.deepEqual({ ...span.attributes }, {
    "http.request.method": "POST",
    "http.response.status_code": 201,
    "http.route": "/users/:id",
    "url.path": "/users/7",
    "url.scheme": "http",
  });
  assert.equal(span.status.code, "unset");
  assert.equal(span.parentSpanId, "");
  assert.equal(span.start, 1_700_000_000);
  assert.equal(span.end, 1_700_000_000.25);
});

test("without a route the span has the name of the method alone", () => {
  const { tracer, spans } = traced();
  const registry = createRegistry();
  instrumentHandler(() => new Response(), { registry, tracer })(request());
  assert.equal(spans[0]?.name, "GET");
  assert.equal(spans[0].attributes["http.route"], "");
});

test("a route that is known only in the end names the span", () => {
  const { tracer, spans } = traced();
  let known: string | undefined;
  const handler = instrumentHandler(() => {
    known = "/late/:id";
    return new Response();
  }, { registry: createRegistry(), tracer, route: () => known });
  handler(request());
  assert.equal(spans[0]?.name, "GET /late/:id");
});

test("a method that a client makes up names no span", () => {
  const { tracer, spans } = traced();
  const handler = instrumentHandler(() => new Response(), {
    registry: createRegistry(),
    tracer,
  });
  const made = { ...fake(), method: "EXFILTRATE" } as Request;
  handler(made);
  assert.equal(spans[0]?.name, "_OTHER");
  assert.equal(spans[0].attributes["http.request.method"], "_OTHER");
});

function fake(): Partial<Request> {
  return { method: "GET", url: "http://localhost/a", headers: new Headers() };
}

test("the span is part of its caller's trace, and baggage comes along", () => {
  const { tracer, spans } = traced();
  let tenant: string | undefined;
  const handler = instrumentHandler(() => {
    tenant = activeBaggage().get("tenant")?.value;
    return new Response();
  }, { registry: createRegistry(), tracer });
  handler(
    request({ headers: { traceparent: CALLER, baggage: "tenant=blue" } }),
  );
  assert.equal(spans[0]?.context.traceId, CALLER.slice(3, 35));
  assert.equal(spans[0].parentSpanId, CALLER.slice(36, 52));
  assert.equal(spans[0].parentIsRemote, true);
  assert.equal(tenant, "blue");
});

test("whatever ends a request ends its span, once", async () => {
  const boom = new RangeError("boom");
  const ways: Record<string, () => Response | undefined | Promise<Response>> = {
    returns: () => new Response(),
    throws: () => {
      throw boom;
    },
    resolves: () => Promise.resolve(new Response()),
    rejects: () => Promise.reject(boom),
    upgrades: () => undefined,
    streams: () => new Response(new ReadableStream({ pull() {} })),
  };
  for (const [name, way] of Object.entries(ways)) {
    const { tracer, spans } = traced();
    const { registry, requests } = setUp();
    const handler = instrumentHandler(way, { registry, tracer });
    try {
      await handler(request());
      assert.ok(!/throws|rejects/.test(name));
    } catch (error) {
      assert.equal(error, boom);
    }
    assert.equal(spans.length, 1, name);
    const failed = /throws|rejects/.test(name);
    const status = failed ? 500 : name === "upgrades" ? 101 : 200;
    const [span] = spans;
    assert.equal(span!.attributes["http.response.status_code"], status, name);
    assert.equal(span!.status.code, failed ? "error" : "unset", name);
    assert.equal(span!.events.length, failed ? 1 : 0, name);
    assert.equal(requests("GET", `${status}`[0] + "xx"), 1, name);
    if (!failed) continue;
    assert.equal(span!.attributes["error.type"], "RangeError");
    assert.equal(span!.status.message, "boom");
    assert.equal(span!.events[0]!.attributes["exception.message"], "boom");
  }
});

test("a server's fault makes the span failed, a client's does not", () => {
  for (const [status, code] of [[404, "unset"], [503, "error"]] as const) {
    const { tracer, spans } = traced();
    const registry = createRegistry();
    instrumentHandler(() => new Response(null, { status }), {
      registry,
      tracer,
    })(request());
    assert.equal(spans[0]?.status.code, code);
  }
});

test("the body that a handler streams is its own, and goes on after the span", async () => {
  const { tracer, spans } = traced();
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("part"));
      controller.close();
    },
  });
  const response = new Response(body);
  const handler = instrumentHandler(() => response, {
    registry: createRegistry(),
    tracer,
  });
  assert.equal(handler(request()), response);
  assert.equal(spans.length, 1);
  assert.equal(response.bodyUsed, false);
  assert.equal(await response.text(), "part");
  assert.equal(spans.length, 1);
});

test("a client that gives up changes nothing about the end of the span", async () => {
  const { tracer, spans } = traced();
  const { registry, inFlight } = setUp();
  const stop = new AbortController();
  const handler = instrumentHandler(async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    signal.throwIfAborted();
    return new Response();
  }, { registry, tracer });
  const answer = handler(request({ signal: stop.signal }));
  stop.abort();
  await assert.rejects(answer, { name: "AbortError" });
  assert.equal(spans.length, 1);
  assert.equal(spans[0]?.attributes["error.type"], "AbortError");
  assert.equal(inFlight(), 0);
});

test("the span is active in all that the handler starts, and not after", async () => {
  const { tracer, spans } = traced();
  const seen: (Span | undefined)[] = [];
  const handler = instrumentHandler(async () => {
    seen.push(spanFromContext());
    await Promise.resolve();
    seen.push(spanFromContext());
    await new Promise((resolve) => setTimeout(resolve));
    seen.push(spanFromContext());
    return new Response();
  }, { registry: createRegistry(), tracer });
  await handler(request());
  assert.equal(spanFromContext(), undefined);
  assert.deepEqual(
    seen.map((span) => span?.context.spanId),
    Array(3).fill(spans[0]?.context.spanId),
  );
});

test("a request is part of nothing that its server was started in", () => {
  const { tracer, spans } = traced();
  const handler = instrumentHandler(() => new Response(), {
    registry: createRegistry(),
    tracer,
  });
  tracer.run("start-up", () => handler(request()));
  const [served] = spans;
  assert.equal(served?.kind, "server");
  assert.equal(served.parentSpanId, "");
});

test("what the filter turns away has no span, hides the one outside, and is counted", () => {
  const { tracer, spans } = traced();
  const { registry, requests } = setUp();
  let inside: Span | undefined;
  const handler = instrumentHandler(() => {
    inside = spanFromContext();
    return new Response();
  }, { registry, tracer, filter: ({ url }) => !url.endsWith("/healthz") });
  tracer.run("outside", () => handler(request({}, "/healthz")));
  assert.equal(inside, undefined);
  assert.equal(requests("GET", "2xx"), 1);
  assert.deepEqual(spans.map(({ name }) => name), ["outside"]);
  handler(request({}, "/other"));
  assert.equal(spans.length, 2);
});

test("who asks is recorded only where a selector says who", () => {
  const { tracer, spans } = traced();
  const registry = createRegistry();
  const plain = instrumentHandler(() => new Response(), { registry, tracer });
  const named = instrumentHandler(() => new Response(), {
    registry,
    tracer,
    userId: ({ headers }) => headers.get("x-user") ?? undefined,
  });
  const asked = request({ headers: { "x-user": "u1", authorization: "z" } });
  plain(asked);
  named(asked);
  named(request());
  assert.deepEqual(spans.map(({ attributes }) => attributes["user.id"]), [
    undefined,
    "u1",
    undefined,
  ]);
  for (const { attributes } of spans) {
    assert.ok(!Object.values(attributes).includes("z"));
  }
});

test("further facts are asked for once a recorded span", () => {
  let asked = 0;
  const attributes = () => {
    asked++;
    return { tenant: "blue", "http.route": "/mine" };
  };
  const { tracer, spans } = traced();
  const registry = createRegistry();
  instrumentHandler(() => new Response(), { registry, tracer, attributes })(
    request(),
  );
  assert.equal(spans[0]?.attributes["tenant"], "blue");
  const unsampled = traced({ sampler: alwaysOff });
  instrumentHandler(() => new Response(), {
    registry,
    tracer: unsampled.tracer,
    attributes,
  })(request());
  assert.equal(asked, 1);
  assert.equal(unsampled.spans.length, 0);
});

test("choices that throw or say nonsense spoil nothing", () => {
  const fail = (): never => {
    throw new Error("choice");
  };
  const nonsense = (() => 42) as never;
  for (const choice of [fail, nonsense]) {
    const { tracer, spans } = traced();
    const { registry, requests } = setUp();
    const handler = instrumentHandler(() => new Response("fine"), {
      registry,
      tracer,
      filter: choice,
      attributes: choice,
      userId: choice,
      route: choice,
    });
    assert.equal(handler(request()).status, 200);
    assert.equal(spans.length, 1);
    assert.equal(spans[0]?.attributes["user.id"], undefined);
    assert.equal(requests("GET", "2xx"), 1);
  }
});

test("spans can be made under the name of a part of the program", () => {
  const { tracer, spans } = traced({ name: "shop", version: "2" });
  const registry = createRegistry();
  const handler = instrumentHandler(() => new Response(), {
    registry,
    tracer,
    tracerName: "shop.http",
  });
  handler(request());
  assert.equal(spans[0]?.scope.name, "shop.http");
});

test("where nobody listens, a caller's trace is passed on as it is", () => {
  const tracer = createTracer();
  const registry = createRegistry();
  const seen: (string | undefined)[] = [];
  const handler = instrumentHandler(() => {
    seen.push(activeSpanContext()?.spanId);
    return new Response();
  }, { registry, tracer });
  handler(request({ headers: { traceparent: CALLER } }));
  handler(request());
  assert.deepEqual(seen, [CALLER.slice(36, 52), undefined]);
});

test("what is not sampled is said to be so, and keeps its trace", () => {
  const { tracer, spans } = traced({ sampler: alwaysOff });
  const registry = createRegistry();
  let sampled: boolean | undefined;
  let traceId: string | undefined;
  const handler = instrumentHandler(() => {
    ({ sampled, traceId } = activeSpanContext()!);
    return new Response();
  }, { registry, tracer });
  handler(request({ headers: { traceparent: CALLER } }));
  assert.equal(sampled, false);
  assert.equal(traceId, CALLER.slice(3, 35));
  assert.equal(spans.length, 0);
});

test("a WebSocket handshake is named as such", () => {
  const { tracer, spans } = traced();
  const registry = createRegistry();
  const headers = new Headers({ upgrade: "WebSocket" });
  const asked = { ...fake(), headers } as Request;
  instrumentHandler(() => undefined, { registry, tracer })(asked);
  assert.equal(spans[0]?.attributes["network.protocol.name"], "websocket");
  assert.equal(spans[0].attributes["http.response.status_code"], 101);
});

test("wrong choices are refused where they are made", () => {
  const wrong = { tracer: 1, tracerName: 1, filter: 1, userId: 1 };
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(
      () => instrumentHandler(() => new Response(), { [name]: value }),
      new RegExp(`${name}.*give`),
    );
  }
});
