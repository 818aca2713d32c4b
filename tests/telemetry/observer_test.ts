/** Requests of frameworks, which no fetch-style handler answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  activeSpan,
  createRegistry,
  createTelemetry,
  type ObserveOptions,
} from "../../mod.ts";
import { changeOf, valueOf } from "../../src/testing/mod.ts";
import type { SpanRecord } from "../../src/trace/mod.ts";

const URL_OF_7 = "http://localhost/users/7";

function setUp(options?: ObserveOptions) {
  const registry = createRegistry();
  const telemetry = createTelemetry({ registry });
  const spans: SpanRecord[] = [];
  telemetry.tracer.onEnd((span) => void spans.push(span));
  const count = (route: string, status_class = "2xx"): number =>
    valueOf(registry, "http_requests_total", {
      method: "GET",
      route,
      status_class,
    }) ?? 0;
  const inFlight = () =>
    valueOf(registry, "http_requests_in_flight", { method: "GET" });
  return {
    registry,
    telemetry,
    spans,
    count,
    inFlight,
    observer: telemetry.observer(options),
  };
}

test("Telemetry.observer() counts and traces a request by its route", () => {
  const { observer, spans, count, inFlight } = setUp();
  const observed = observer.begin(new Request(URL_OF_7))!;
  assert.equal(inFlight(), 1);
  let active: unknown;
  assert.equal(observed.run(() => (active = activeSpan(), "work")), "work");
  observed.end(new Response(), "/users/:id");
  assert.equal(count("/users/:id"), 1);
  assert.equal(inFlight(), 0);
  assert.equal(spans[0]?.name, "GET /users/:id");
  assert.notEqual(active, undefined);
});

test("Telemetry.observer() takes objects with the members of a request", () => {
  const { observer, spans, count } = setUp({ route: "/all" });
  const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const request = {
    method: "GET",
    url: "/users/7?secret",
    headers: {
      get: (name: string) => name === "traceparent" ? parent : null,
    },
  };
  const observed = observer.begin(request as unknown as Request)!;
  observed.end({ status: 302, headers: new Headers() } as Response);
  assert.equal(count("/all", "3xx"), 1);
  assert.equal(spans[0]?.context.traceId, parent.slice(3, 35));
  assert.equal(spans[0].attributes["url.path"], "/users/7");
});

test("Telemetry.observer() counts each request by its own route", () => {
  const { observer, count } = setUp({ route: "/rest" });
  for (const route of [undefined, "/a", "/b", undefined, "/a"]) {
    observer.begin(new Request(URL_OF_7))!.end(new Response(), route);
  }
  assert.deepEqual(["/rest", "/a", "/b"].map((route) => count(route)), [
    2,
    2,
    1,
  ]);
});

test("Telemetry.observer() records the error behind a 5xx answer", () => {
  const { observer, spans, count } = setUp();
  const error = new RangeError("no such table");
  const unavailable = new Response(null, { status: 503 });
  observer.begin(new Request(URL_OF_7))!.end(unavailable, "/a", error);
  const refused = new Response(null, { status: 404 });
  observer.begin(new Request(URL_OF_7))!.end(refused, "/a", error);
  assert.equal(count("/a", "5xx"), 1);
  assert.equal(spans[0]?.attributes["http.response.status_code"], 503);
  assert.equal(spans[0].attributes["error.type"], "RangeError");
  assert.equal(spans[0].status.message, "no such table");
  assert.equal(spans[1]?.status.code, "unset");
  assert.deepEqual(spans[1].events, []);
});

test("Telemetry.observer() counts errors as 5xx and departures as 4xx", () => {
  const { observer, spans, count } = setUp();
  observer.begin(new Request(URL_OF_7))!.fail(new Error("broken"), "/a");
  observer.begin(new Request(URL_OF_7))!.left("/a");
  assert.equal(count("/a", "5xx"), 1);
  assert.equal(count("/a", "4xx"), 1);
  assert.equal(spans[0]?.status.code, "error");
  assert.equal(spans[1]?.attributes["http.response.status_code"], 499);
});

test("Telemetry.observer() ends a request once", () => {
  const { observer, registry, count, inFlight } = setUp();
  const observed = observer.begin(new Request(URL_OF_7))!;
  observed.end(new Response(), "/a");
  const change = changeOf(registry, "http_requests_total", {
    method: "GET",
    route: "/a",
    status_class: "2xx",
  });
  observed.end(new Response(), "/b");
  observed.fail(new Error());
  observed.left();
  assert.equal(change(), 0);
  assert.equal(count("/b"), 0);
  assert.equal(inFlight(), 0);
});

test("Telemetry.observer() counts a request once that several observers see", () => {
  const { telemetry, observer, spans, count } = setUp();
  const second = telemetry.observer({ route: "/second" });
  const request = new Request(URL_OF_7);
  const outer = observer.begin(request)!;
  const inner = second.begin(request)!;
  inner.run(() => inner.end(new Response(null, { status: 201 }), "/users/:id"));
  outer.end(new Response());
  assert.equal(count("/users/:id"), 1);
  assert.equal(count("/second"), 0);
  assert.equal(spans.length, 1);
  // The same object is another request once its first one has ended.
  second.begin(request)!.end(new Response());
  assert.equal(count("/second"), 1);
});

test("Telemetry.observer() gives a handler of observe() the route of its framework", async () => {
  const { telemetry, observer, spans, count } = setUp();
  const app = telemetry.observe(async (request: Request) => {
    const observed = observer.begin(request)!;
    await Promise.resolve();
    const response = new Response();
    observed.end(response, "/users/:id");
    return response;
  });
  await app(new Request(URL_OF_7));
  assert.equal(count("/users/:id"), 1);
  assert.equal(spans.length, 1);
  assert.equal(spans[0]?.name, "GET /users/:id");
});

test("Telemetry.observer() identifies requests by their key", () => {
  const { observer, count } = setUp();
  const key = {};
  const outer = observer.begin(new Request(URL_OF_7), key)!;
  observer.begin(new Request(URL_OF_7), key)!.end(new Response(), "/a");
  outer.end(new Response());
  assert.equal(count("/a"), 1);
  assert.equal(count("unknown"), 0);
});

test("Telemetry.observer() leaves out the requests that `ignore` excludes", () => {
  const { observer, inFlight } = setUp({ ignore: () => true });
  assert.equal(observer.begin(new Request(URL_OF_7)), undefined);
  assert.equal(inFlight() ?? 0, 0);
});

test("Telemetry.observer() finds the mounted endpoints", async () => {
  const { telemetry, observer } = setUp({ events: "/events" });
  assert.equal(observer.endpointAt(URL_OF_7), undefined);
  assert.equal(
    observer.endpointAt("http://localhost/events?topics=log"),
    telemetry.endpoints.events,
  );
  const metrics = observer.endpointAt("http://localhost/metrics")!;
  const response = await metrics(new Request("http://localhost/metrics"));
  assert.match(await response!.text(), /^# HELP /);
  await telemetry.close();
});

test("Telemetry.observer() refuses a misspelt option", () => {
  const { telemetry } = setUp();
  assert.throws(
    () => telemetry.observer({ rout: "/" } as ObserveOptions),
    /Cannot observe requests: .*rout/,
  );
});
