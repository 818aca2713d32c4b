/** The span of a request: its data, and that it ends exactly once. */
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

test("instrumentHandler() records a span by OpenTelemetry's conventions", () => {
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
    "server.address": "localhost",
    "server.port": 80,
    "url.path": "/users/7",
    "url.scheme": "http",
  });
  assert.equal(span.status.code, "unset");
  assert.equal(span.parentSpanId, "");
  assert.equal(span.start, 1_700_000_000);
  assert.equal(span.end, 1_700_000_000.25);
});

test("instrumentHandler() records scheme and path without the query", () => {
  const urls: Readonly<Record<string, readonly [string, string]>> = {
    "http://localhost/a/b?c=/d": ["http", "/a/b"],
    "https://localhost/": ["https", "/"],
    "http://localhost": ["http", "/"],
    "http://localhost?to=/home": ["http", "/"],
    "http://localhost/?to=http://b/c": ["http", "/"],
    "unix:/socket": ["", "/socket"],
  };
  for (const [url, [scheme, path]] of Object.entries(urls)) {
    const { tracer, spans } = traced();
    const registry = createRegistry();
    instrumentHandler(() => new Response(), { registry, tracer })(
      { ...fake(), url } as Request,
    );
    const attributes = spans[0]?.attributes;
    assert.equal(attributes?.["url.scheme"], scheme, url);
    assert.equal(attributes["url.path"], path, url);
  }
});

test("instrumentHandler() names the span by the method if there is no route", () => {
  const { tracer, spans } = traced();
  const registry = createRegistry();
  instrumentHandler(() => new Response(), { registry, tracer })(request());
  assert.equal(spans[0]?.name, "GET");
  assert.ok(!("http.route" in spans[0].attributes));
});

test("instrumentHandler() renames the span if the route is known only at the end", () => {
  const { tracer, spans } = traced();
  let known: string | undefined;
  const handler = instrumentHandler(() => {
    known = "/late/:id";
    return new Response();
  }, { registry: createRegistry(), tracer, route: () => known });
  handler(request());
  assert.equal(spans[0]?.name, "GET /late/:id");
});

test("instrumentHandler() names an unknown method HTTP and records it as _OTHER", () => {
  const { tracer, spans } = traced();
  const handler = instrumentHandler(() => new Response(), {
    registry: createRegistry(),
    tracer,
  });
  const unknown = { ...fake(), method: "EXFILTRATE" } as Request;
  handler(unknown);
  assert.equal(spans[0]?.name, "HTTP");
  assert.equal(spans[0].attributes["http.request.method"], "_OTHER");
  assert.equal(
    spans[0].attributes["http.request.method_original"],
    "EXFILTRATE",
  );
});

function fake(): Partial<Request> {
  return { method: "GET", url: "http://localhost/a", headers: new Headers() };
}

test("instrumentHandler() continues the caller's trace and activates its baggage", () => {
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

test("instrumentHandler() ends the span once, however the request ends", async () => {
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

test("instrumentHandler() marks the span as failed from status 500 on", () => {
  const failed: Readonly<Record<number, boolean>> = {
    399: false,
    400: false,
    404: false,
    499: false,
    500: true,
    503: true,
    599: true,
  };
  for (const [status, isFailed] of Object.entries(failed)) {
    const { tracer, spans } = traced();
    const registry = createRegistry();
    const response = new Response(null, { status: Number(status) });
    instrumentHandler(() => response, { registry, tracer })(request());
    const [span] = spans;
    assert.equal(span?.status.code, isFailed ? "error" : "unset", status);
    const type = isFailed ? status : undefined;
    assert.equal(span.attributes["error.type"], type, status);
  }
});

test("instrumentHandler() ends the span before a streamed body, and does not read the body", async () => {
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

test("instrumentHandler() ends the span of an aborted request once", async () => {
  const { tracer, spans } = traced();
  const { registry, inFlight, requests } = setUp();
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
  assert.deepEqual(spans[0]?.status, { code: "unset", message: "" });
  assert.equal(spans[0].attributes["http.response.status_code"], 499);
  assert.equal(spans[0].attributes["error.type"], undefined);
  assert.deepEqual(spans[0].events, []);
  assert.equal(requests("GET", "4xx"), 1);
  assert.equal(inFlight(), 0);
});

test("instrumentHandler() keeps the span active in everything that the handler starts", async () => {
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

test("instrumentHandler() starts a root span if the server was started within a span", () => {
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

test("instrumentHandler() hides the outer span from a request that `filter` excludes, and counts it", () => {
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

test("instrumentHandler() records a user only if `userId` returns one", () => {
  const { tracer, spans } = traced();
  const registry = createRegistry();
  const plain = instrumentHandler(() => new Response(), { registry, tracer });
  const named = instrumentHandler(() => new Response(), {
    registry,
    tracer,
    userId: ({ headers }) => headers.get("x-user") ?? undefined,
  });
  const sent = request({ headers: { "x-user": "u1", authorization: "z" } });
  plain(sent);
  named(sent);
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

test("instrumentHandler() calls `attributes` once per recorded span", () => {
  let calls = 0;
  const attributes = () => {
    calls++;
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
  assert.equal(calls, 1);
  assert.equal(unsampled.spans.length, 0);
});

test("instrumentHandler() ignores option functions that throw or return a wrong type", () => {
  const fail = (): never => {
    throw new Error("choice");
  };
  const wrongType = (() => 42) as never;
  for (const choice of [fail, wrongType]) {
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

test("instrumentHandler() takes `tracerName` as the scope of its spans", () => {
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

test("instrumentHandler() propagates the caller's context unchanged without a listener", () => {
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

test("instrumentHandler() keeps the trace id of an unsampled request", () => {
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

test("instrumentHandler() records the protocol of a WebSocket handshake", () => {
  const { tracer, spans } = traced();
  const registry = createRegistry();
  const headers = new Headers({ upgrade: "WebSocket" });
  const handshake = { ...fake(), headers } as Request;
  instrumentHandler(() => undefined, { registry, tracer })(handshake);
  assert.equal(spans[0]?.attributes["network.protocol.name"], "websocket");
  assert.equal(spans[0].attributes["http.response.status_code"], 101);
});

test("instrumentHandler() throws on wrong span options", () => {
  const wrong = { tracer: 1, tracerName: 1, filter: 1, userId: 1 };
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(
      () => instrumentHandler(() => new Response(), { [name]: value }),
      new RegExp(`${name}.*give`),
    );
  }
});
