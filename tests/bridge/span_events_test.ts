/** Spans as events and as the source of exemplars. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  busFromContext,
  publishSpans,
  type RequestEvents,
  spanExemplars,
} from "../../src/bridge/mod.ts";
import { type Bus, type BusEvent, createBus } from "../../src/bus/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { alwaysOff, createTracer, type Tracer } from "../../src/trace/mod.ts";

function setUp(service?: string) {
  const clock = new FakeClock(1000);
  const tracer = createTracer({ clock });
  const bus = createBus<RequestEvents>({ clock });
  const publishing = publishSpans(tracer, bus, { service });
  return { clock, tracer, bus, publishing };
}

function eventsOf(bus: Bus<RequestEvents>): BusEvent<RequestEvents>[] {
  using all = bus.subscribe({ after: 0 });
  const seen: BusEvent<RequestEvents>[] = [];
  for (let next = all.read(); next !== undefined; next = all.read()) {
    if (next.gap === undefined) seen.push(next);
  }
  return seen;
}

/** Runs a request span with the attributes of OpenTelemetry's conventions. */
function request(tracer: Tracer, work: () => void = () => {}): void {
  tracer.run("GET", (span) => {
    work();
    span.setAttribute("http.response.status_code", 204);
  }, {
    kind: "server",
    attributes: {
      "http.request.method": "GET",
      "http.route": "/pets/:id",
      "url.path": "/pets/7",
    },
  });
}

test("publishSpans() publishes start and end of a request", () => {
  const { clock, tracer, bus } = setUp("shop");
  request(tracer, () => clock.advance(0.25));
  const [start, end, ...rest] = eventsOf(bus);
  assert.equal(rest.length, 0);
  const { traceId, spanId } = start!.data as RequestEvents["request.start"];
  const facts = {
    traceId,
    spanId,
    service: "shop",
    endpoint: "GET /pets/:id",
    transport: "rest",
    method: "GET",
    path: "/pets/7",
  };
  assert.equal(start?.topic, "request.start");
  assert.equal(start.time, 1000);
  assert.deepEqual(start.data, facts);
  assert.equal(end?.topic, "request.end");
  assert.equal(end.time, 1000.25);
  assert.deepEqual(end.data, { ...facts, status: 204, durationMs: 250 });
});

test("publishSpans() omits unknown members", () => {
  const { tracer, bus } = setUp();
  tracer.run("job", () => {}, { kind: "server" });
  const [start, end] = eventsOf(bus).map(({ data }) => Object.keys(data));
  assert.deepEqual(start, ["traceId", "spanId", "endpoint"]);
  assert.deepEqual(end, ["traceId", "spanId", "endpoint"]);
});

test("publishSpans() publishes work within a request with its endpoint and outcome", () => {
  const { clock, tracer, bus } = setUp("shop");
  request(tracer, () => {
    const start = clock.unix();
    clock.advance(0.0015);
    tracer.record("db.query", start);
    tracer.record("db.fail", start, new Error("locked"));
    tracer.run("render", () => {});
  });
  const [start, query, fail, render] = eventsOf(bus);
  const { traceId, spanId } = start!.data as RequestEvents["request.start"];
  const ids = (event: typeof query) => {
    const { spanId: own, ...rest } = event!.data as RequestEvents["span"];
    assert.notEqual(own, spanId);
    return rest;
  };
  const shared = {
    traceId,
    parentId: spanId,
    service: "shop",
    endpoint: "GET /pets/:id",
  };
  assert.equal(query?.topic, "downstream");
  assert.deepEqual(ids(query), {
    ...shared,
    message: "db.query",
    durationMs: 1.5,
  });
  assert.deepEqual(ids(fail), {
    ...shared,
    message: "db.fail",
    durationMs: 1.5,
    error: "locked",
  });
  assert.equal(render?.topic, "span");
  assert.deepEqual(ids(render), { ...shared, message: "render" });
});

test("publishSpans() publishes the message or the status of a failed request", () => {
  const { tracer, bus } = setUp();
  tracer.start("a", { kind: "server" }).setStatus("error", "boom").end();
  tracer.start("b", { kind: "server" }).setAttribute("error.type", "503")
    .setStatus("error").end();
  tracer.start("c", { kind: "server" }).setStatus("error").end();
  const errors = eventsOf(bus).filter(({ topic }) => topic === "request.end")
    .map(({ data }) => (data as RequestEvents["request.end"]).error);
  assert.deepEqual(errors, ["boom", "503", "error"]);
});

test("publishSpans() marks WebSocket requests", () => {
  const { tracer, bus } = setUp();
  tracer.start("GET", {
    kind: "server",
    attributes: {
      "http.request.method": "GET",
      "http.route": "/live",
      "network.protocol.name": "websocket",
    },
  }).end();
  const [start] = eventsOf(bus);
  const { endpoint, transport } = start!.data as RequestEvents["request.start"];
  assert.deepEqual([endpoint, transport], ["WS /live", "websocket"]);
});

test("publishSpans() covers derived tracers until disposed", () => {
  const { tracer, bus, publishing } = setUp();
  tracer.named("library").start("a").end();
  assert.equal(bus.newest, 1);
  tracer.run("work", () => assert.equal(busFromContext(), bus));
  tracer.named("library").run("x", () => assert.equal(busFromContext(), bus));
  const before = bus.newest;
  publishing[Symbol.dispose]();
  tracer.start("b").end();
  tracer.start("c", { kind: "server" }).end();
  tracer.run("work", () => assert.equal(busFromContext(), undefined));
  assert.equal(bus.newest, before);
  assert.equal(busFromContext(), undefined);
});

test("spanExemplars() returns the ids of the active span and marks it", () => {
  const tracer = createTracer();
  const marks: unknown[] = [];
  tracer.onEnd(({ attributes }) => void marks.push(attributes["exemplar"]));
  assert.equal(spanExemplars(), undefined);
  tracer.run("work", ({ context: { traceId, spanId } }) => {
    assert.deepEqual(spanExemplars(), { trace_id: traceId, span_id: spanId });
  });
  tracer.run("untouched", () => {});
  assert.deepEqual(marks, [true, undefined]);
});

test("spanExemplars() ignores unsampled spans", () => {
  const off = createTracer({ sampler: alwaysOff });
  off.onEnd(() => {});
  off.run("work", () => assert.equal(spanExemplars(), undefined));
  const silent = createTracer();
  silent.run("work", () => assert.equal(spanExemplars(), undefined));
});

test("publishSpans() publishes several tracers on one bus, each with its service", () => {
  const bus = createBus<RequestEvents>();
  const [shop, bank] = [createTracer(), createTracer()];
  using _shop = publishSpans(shop, bus, { service: "shop" });
  const banking = publishSpans(bank, bus, { service: "bank" });
  const services = () =>
    eventsOf(bus).map(({ data }) => (data as RequestEvents["span"]).service);
  shop.start("a").end();
  bank.start("b").end();
  shop.run("c", () => bank.run("d", () => {}));
  assert.deepEqual(services(), ["shop", "bank", "bank", "shop"]);
  banking[Symbol.dispose]();
  bank.start("e").end();
  shop.start("f").end();
  assert.deepEqual(services().slice(4), ["shop"]);
});

test("busFromContext() returns the last of several buses of one tracer", () => {
  const tracer = createTracer();
  const [first, second] = [1, 2].map(() => createBus<RequestEvents>());
  const current = () => tracer.run("x", () => busFromContext());
  const onFirst = publishSpans(tracer, first!);
  const onSecond = publishSpans(tracer, second!);
  assert.equal(current(), second);
  assert.deepEqual([first!.newest, second!.newest], [1, 1]);
  onSecond[Symbol.dispose]();
  assert.equal(current(), first);
  onFirst[Symbol.dispose]();
  assert.equal(current(), undefined);
  assert.deepEqual([first!.newest, second!.newest], [2, 1]);
});

test("publishSpans() disposed twice does not affect later publications", () => {
  const tracer = createTracer();
  const bus = createBus<RequestEvents>();
  const old = publishSpans(tracer, bus);
  old[Symbol.dispose]();
  using _ = publishSpans(tracer, bus);
  old[Symbol.dispose]();
  tracer.run("x", () => assert.equal(busFromContext(), bus));
  assert.equal(bus.newest, 1);
});

test("publishSpans() refuses a misspelt option by name", () => {
  const tracer = createTracer();
  const bus = createBus<RequestEvents>();
  const publish = publishSpans as (...args: unknown[]) => Disposable;
  assert.throws(() => publish(tracer, bus, { servise: "shop" }), {
    name: "TypeError",
    message: 'Cannot publish spans: there is no option "servise"; ' +
      "give any of service",
  });
  assert.throws(() => publish(tracer, bus, { service: 7 }), TypeError);
});

test("publishSpans() uses the route `unknown` for a request without a route", () => {
  const { tracer, bus } = setUp();
  tracer.start("GET", {
    kind: "server",
    attributes: { "http.request.method": "GET" },
  }).end();
  const endpoints = eventsOf(bus).map(({ data }) =>
    (data as RequestEvents["request.start"]).endpoint
  );
  assert.deepEqual(endpoints, ["GET unknown", "GET unknown"]);
});
