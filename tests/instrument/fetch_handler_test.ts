import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import type { HistogramView } from "../../src/model/mod.ts";
import { distributionOf, valueOf } from "../../src/testing/mod.ts";

function request(init: RequestInit = {}, path = "/secret/42"): Request {
  return new Request(`http://localhost${path}`, init);
}

function setUp() {
  const registry = createRegistry();
  const requests = (
    method: string,
    status: string,
    route = "unknown",
  ): number | undefined =>
    valueOf(registry, "http_requests_total", {
      method,
      route,
      status_class: status,
    });
  const inFlight = (method = "GET") =>
    valueOf(registry, "http_requests_in_flight", { method });
  return { registry, requests, inFlight };
}

test("a request is counted and timed by method, route and status class", () => {
  const { registry, requests, inFlight } = setUp();
  const handler = instrumentHandler(() => new Response("hi"), {
    registry,
    route: "/users/:id",
  });
  handler(request());
  handler(request({ method: "POST" }));
  assert.equal(requests("GET", "2xx", "/users/:id"), 1);
  assert.equal(requests("POST", "2xx", "/users/:id"), 1);
  assert.equal(inFlight(), 0);
  const duration = distributionOf(registry, "http_request_duration_seconds", {
    method: "GET",
    route: "/users/:id",
    status_class: "2xx",
  });
  assert.equal(duration?.count, 1);
});

test("each status has its class", () => {
  const { registry, requests } = setUp();
  for (const status of [200, 302, 404, 599]) {
    instrumentHandler(() => new Response(null, { status }), { registry })(
      request(),
    );
    assert.equal(requests("GET", `${Math.floor(status / 100)}xx`), 1);
  }
});

test("what the handler returns passes through, the same object", async () => {
  const { registry } = setUp();
  const body = new ReadableStream();
  const stream = new Response(body);
  assert.equal(
    instrumentHandler(() => stream, { registry })(request()),
    stream,
  );
  assert.equal(stream.body, body);
  assert.equal(stream.bodyUsed, false);
  const wrapped = instrumentHandler(() => Promise.resolve(stream), {
    registry,
  });
  assert.equal(await wrapped(request()), stream);
});

test("a streaming response is counted before its body ends", () => {
  const { registry, requests, inFlight } = setUp();
  const endless = new ReadableStream({ pull: () => new Promise(() => {}) });
  instrumentHandler(() => new Response(endless), { registry })(request());
  assert.equal(requests("GET", "2xx"), 1);
  assert.equal(inFlight(), 0);
});

test("an upgrade that returns nothing counts as 1xx", async () => {
  const { registry, requests } = setUp();
  const sync = instrumentHandler(() => undefined, { registry });
  assert.equal(sync(request()), undefined);
  const later = instrumentHandler(async () => {}, { registry });
  assert.equal(await later(request()), undefined);
  assert.equal(requests("GET", "1xx"), 2);
});

test("a handler that throws or rejects counts as 5xx and still fails", async () => {
  const { registry, requests, inFlight } = setUp();
  const error = new Error("broken");
  const throws = instrumentHandler((): Response => {
    throw error;
  }, { registry });
  assert.throws(() => throws(request()), error);
  const rejects = instrumentHandler(
    (): Promise<Response> => Promise.reject(error),
    { registry },
  );
  await assert.rejects(rejects(request()), error);
  assert.equal(requests("GET", "5xx"), 2);
  assert.equal(inFlight(), 0);
});

test("in flight is exact while requests overlap", async () => {
  const { registry, inFlight } = setUp();
  const gates = [1, 2, 3].map(() => Promise.withResolvers<Response>());
  let next = 0;
  const handler = instrumentHandler(() => gates[next++]!.promise, { registry });
  const answers = gates.map(() => handler(request()));
  assert.equal(inFlight(), 3);
  gates[1]!.resolve(new Response());
  await answers[1];
  assert.equal(inFlight(), 2);
  gates[0]!.reject(new Error("broken"));
  await assert.rejects(answers[0]!);
  gates[2]!.resolve(new Response());
  await answers[2];
  assert.equal(inFlight(), 0);
});

test("no raw path becomes a label, whatever the route function does", () => {
  const { registry, requests } = setUp();
  const routes: readonly (() => string | undefined)[] = [
    () => undefined,
    () => "",
    () => {
      throw new Error("no route");
    },
  ];
  for (const route of routes) {
    instrumentHandler(() => new Response(), { registry, route })(request());
  }
  instrumentHandler(() => new Response(), { registry })(request());
  assert.equal(requests("GET", "2xx"), 4);
});

test("the route is asked for when the handler has answered", () => {
  const { registry, requests } = setUp();
  const matched = new WeakMap<Request, string>();
  const handler = instrumentHandler((asked: Request) => {
    matched.set(asked, "/users/:id");
    return new Response();
  }, { registry, route: (asked) => matched.get(asked) });
  handler(request());
  assert.equal(requests("GET", "2xx", "/users/:id"), 1);
});

test("a method that nobody knows is OTHER", () => {
  const { registry, requests, inFlight } = setUp();
  const handler = instrumentHandler(() => new Response(), { registry });
  handler(request({ method: "PROPFIND" }));
  handler(request({ method: "MKCALENDAR" }));
  assert.equal(requests("OTHER", "2xx"), 2);
  assert.equal(inFlight("OTHER"), 0);
});

test("sizes are observed where they are declared, and nowhere else", () => {
  const { registry } = setUp();
  const handler = instrumentHandler(
    () => new Response("hello", { headers: { "content-length": "5" } }),
    { registry },
  );
  handler(request({ method: "POST", headers: { "content-length": "300" } }));
  handler(request({ method: "POST", headers: { "content-length": "-1" } }));
  handler(request({ method: "POST", headers: { "content-length": "1e9" } }));
  handler(request({ method: "POST" }));
  const labels = { method: "POST", route: "unknown" };
  const sent = distributionOf(
    registry,
    "http_request_body_size_bytes",
    labels,
  ) as HistogramView;
  assert.equal(sent.count, 1);
  assert.equal(sent.sum, 300);
  const answered = distributionOf(registry, "http_response_body_size_bytes", {
    ...labels,
    status_class: "2xx",
  }) as HistogramView;
  assert.equal(answered.count, 4);
  assert.equal(answered.sum, 20);
});

test("what is ignored leaves no trace, and a broken filter ignores nothing", () => {
  const { registry, requests } = setUp();
  const ignore = (asked: Request) => {
    if (asked.url.endsWith("/broken")) throw new Error("broken");
    return asked.url.endsWith("/metrics");
  };
  const handler = instrumentHandler(() => new Response(), { registry, ignore });
  handler(request({}, "/metrics"));
  assert.equal(requests("GET", "2xx"), undefined);
  handler(request({}, "/broken"));
  assert.equal(requests("GET", "2xx"), 1);
});

test("this and further parameters reach the handler", () => {
  const { registry } = setUp();
  const server = {
    name: "server",
    fetch: instrumentHandler(function (
      this: { readonly name: string },
      _request: Request,
      info: { readonly port: number },
    ) {
      return new Response(`${this.name}:${info.port}`);
    }, { registry }),
  };
  const response: Response = server.fetch(request(), { port: 8000 });
  assert.equal(response.status, 200);
});

test("several handlers on one registry add to the same metrics", () => {
  const { registry, requests } = setUp();
  for (const route of ["/a", "/b"]) {
    instrumentHandler(() => new Response(), { registry, route })(request());
  }
  assert.equal(requests("GET", "2xx", "/a"), 1);
  assert.equal(requests("GET", "2xx", "/b"), 1);
});
