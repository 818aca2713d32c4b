/** Telemetry: the wiring of all parts, and their end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BusEvent,
  createRegistry,
  createTelemetry,
  defaultRegistry,
  type Gap,
  observe,
  type TelemetryEvents,
  type TelemetryOptions,
} from "../../mod.ts";
import { alwaysOff } from "../../src/trace/mod.ts";
import { lint, valueOf } from "../../src/testing/mod.ts";

const timeout = 120_000;
const ROOT = "http://localhost";

function setUp(options: TelemetryOptions = {}) {
  const registry = createRegistry();
  return { registry, telemetry: createTelemetry({ registry, ...options }) };
}

async function scrape(
  handler: (request: Request) => unknown,
  path = "/metrics",
): Promise<string> {
  const accept = "application/openmetrics-text; version=1.0.0";
  const scraper = new Request(ROOT + path, { headers: { accept } });
  return await (await handler(scraper) as Response).text();
}

test("Telemetry.observe() gives metrics, a span, events and an exemplar of one trace", async () => {
  const { registry, telemetry } = setUp({ service: "shop" });
  const seen: string[] = [];
  telemetry.tracer.onEnd(({ context, attributes }) => {
    seen.push(context.traceId, String(attributes["exemplar"]));
  });
  using live = telemetry.bus.subscribe();
  const app = telemetry.observe(() => new Response("hi"), { route: "/" });
  assert.equal(await (await app(new Request(`${ROOT}/`))).text(), "hi");
  const [traceId, marked] = seen;
  assert.equal(marked, "true");
  const start = live.read() as BusEvent<TelemetryEvents, "request.start">;
  const end = live.read() as BusEvent<TelemetryEvents, "request.end">;
  assert.equal(start.topic, "request.start");
  assert.equal(start.data.traceId, traceId);
  assert.equal(end.topic, "request.end");
  assert.equal(end.data.status, 200);
  const text = await scrape(app);
  const exemplar = `# {trace_id="${traceId}",span_id="`;
  const counted = text.split("\n").filter((line) => line.includes(exemplar));
  assert.ok(counted.some((line) => line.startsWith("http_requests_total{")));
  assert.ok(
    counted.some((line) =>
      line.startsWith("http_request_duration_seconds_bucket{")
    ),
  );
  const at = { method: "GET", route: "/", status_class: "2xx" };
  assert.equal(valueOf(registry, "http_requests_total", at), 1);
  await telemetry.close();
});

test("Telemetry.observe() gives exemplars to custom metrics of the request", async () => {
  const { registry, telemetry } = setUp();
  const orders = registry.counter({ name: "orders_total", help: "Orders." });
  let traceId = "";
  telemetry.tracer.onEnd(({ context }) => void (traceId = context.traceId));
  const app = telemetry.observe(async () => {
    await Promise.resolve();
    orders.inc();
    return new Response();
  });
  orders.inc(); // outside a trace: no exemplar
  assert.doesNotMatch(await scrape(app), /orders_total 1 #/);
  await app(new Request(`${ROOT}/`));
  const text = await scrape(app);
  assert.match(text, new RegExp(`orders_total 2 # {trace_id="${traceId}"`));
  await telemetry.close();
});

test("Telemetry.observe() gives no events and exemplars of an unsampled trace", async () => {
  const { telemetry } = setUp({ sampler: alwaysOff });
  const app = telemetry.observe(() => new Response());
  await app(new Request(`${ROOT}/`));
  assert.equal(telemetry.bus.newest, 0);
  const text = await scrape(app);
  assert.match(text, /http_requests_total{.*} 1$/m);
  assert.doesNotMatch(text, /trace_id/);
  assert.match(text, /barograph_spans_started_total{sampled="false"} 1/);
  await telemetry.close();
});

test("Telemetry.observe() neither counts nor traces scrapes", async () => {
  const { registry, telemetry } = setUp();
  const app = telemetry.observe(() => new Response());
  await scrape(app);
  await scrape(app, "/metrics?x=1");
  const at = { method: "GET", route: "unknown", status_class: "2xx" };
  assert.equal(valueOf(registry, "http_requests_total", at), undefined);
  assert.equal(telemetry.bus.newest, 0);
  await telemetry.close();
});

test("Telemetry.observe() serves the endpoints at the chosen paths only", async () => {
  const { telemetry } = setUp();
  const app = (options: object) =>
    telemetry.observe(
      () => new Response("mine", { status: 404 }),
      options,
    );
  const status = async (handler: ReturnType<typeof app>, path: string) => {
    const response = await handler(new Request(ROOT + path));
    await response.body?.cancel();
    return response.status;
  };
  const usual = app({});
  assert.equal(await status(usual, "/metrics"), 200);
  for (const path of ["/metricss", "/a/metrics", "/", "/events", "/METRICS"]) {
    assert.equal(await status(usual, path), 404, path);
  }
  const other = app({ metrics: "/-/stats", events: "/live" });
  assert.equal(await status(other, "/-/stats?format=text"), 200);
  assert.equal(await status(other, "/live"), 200);
  assert.equal(await status(other, "/metrics"), 404);
  assert.equal(await status(app({ metrics: false }), "/metrics"), 404);
  await telemetry.close();
});

test("createTelemetry() applies `authorize` to both endpoints, and not to the handler", async () => {
  const { telemetry } = setUp({
    authorize: ({ headers }) => headers.get("authorization") === "Bearer t",
  });
  const app = telemetry.observe(() => new Response("mine"), {
    events: "/events",
  });
  for (const path of ["/metrics", "/events"]) {
    const refused = await app(new Request(ROOT + path));
    assert.ok(refused.status === 401 || refused.status === 403, path);
    const headers = { authorization: "Bearer t" };
    const granted = await app(new Request(ROOT + path, { headers }));
    assert.equal(granted.status, 200);
    await granted.body?.cancel();
  }
  assert.equal(await (await app(new Request(`${ROOT}/`))).text(), "mine");
  await telemetry.close();
});

test("createTelemetry() applies `redact` to the endpoint, and not to the bus", async () => {
  const { telemetry } = setUp({
    redact: (event) =>
      event.topic === "request.start"
        ? { ...event, data: { ...event.data, path: "/***" } }
        : event,
  });
  const app = telemetry.observe(() => new Response(), { events: "/events" });
  await app(new Request(`${ROOT}/reset/s3cr3t`));
  const feed = await app(new Request(`${ROOT}/events`));
  telemetry.endpoints.events.close();
  const text = await feed.text();
  assert.match(text, /"path":"\/\*\*\*"/);
  assert.equal(
    text.split("\n").filter((line) => line.startsWith("data")).length,
    2,
  );
  await telemetry.close();
});

test("createTelemetry() publishes the failures of sources", async () => {
  const { registry, telemetry } = setUp();
  registry.add({
    descs: [],
    collect() {
      throw new Error("disk gone");
    },
  });
  const app = telemetry.observe(() => new Response());
  assert.match(await scrape(app), /barograph_source_failures_total/);
  using all = telemetry.bus.subscribe({ after: 0 });
  const event = all.read() as BusEvent<TelemetryEvents, "source.failed"> | Gap;
  assert.ok(event.gap === undefined);
  assert.equal(event.topic, "source.failed");
  assert.equal(event.data.error, "disk gone");
  await telemetry.close();
});

test("Telemetry.fetch() propagates the trace and publishes the call", async () => {
  const { telemetry } = setUp({ service: "shop" });
  let traceparent: string | null = null;
  const call = telemetry.fetch({
    peer: "stock",
    fetch: (_input, init) => {
      traceparent = new Headers(init?.headers).get("traceparent");
      return Promise.resolve(new Response());
    },
  });
  const app = telemetry.observe(async () => {
    await call("http://stock/items");
    return new Response();
  }, { route: "/buy" });
  using live = telemetry.bus.subscribe({ topics: ["downstream"] });
  await app(new Request(`${ROOT}/buy`));
  const event = live.read() as BusEvent<TelemetryEvents, "downstream">;
  assert.equal(event.data.message, "GET stock");
  assert.equal(event.data.endpoint, "GET /buy");
  assert.equal(event.data.service, "shop");
  assert.equal(traceparent, `00-${event.data.traceId}-${event.data.spanId}-01`);
  await telemetry.close();
});

test("createTelemetry() exposes metrics about itself that pass lint()", async () => {
  const { registry, telemetry } = setUp({ collector: "http://127.0.0.1:9" });
  telemetry.bus.publish("log", { message: "hello" });
  assert.deepEqual([...lint(registry)], []);
  const names = registry.descs.map(({ name }) => name).join(" ");
  for (const part of ["events", "subscribers", "spans", "export"]) {
    assert.match(names, new RegExp(`barograph_[a-z_]*${part}`));
  }
  await telemetry.close(0.1);
});

test(
  "Telemetry.close() ends everything open once, and observed handlers go on",
  {
    timeout,
  },
  async () => {
    const { registry, telemetry } = setUp();
    const app = telemetry.observe(() => new Response("hi"), {
      events: "/events",
    });
    const feed = await app(new Request(`${ROOT}/events`));
    const read = (async () => {
      for await (const _ of telemetry.bus.subscribe());
    })();
    const before = registry.descs.length;
    const closing = telemetry.close();
    assert.equal(telemetry.close(), closing);
    assert.equal(await closing, true);
    await read;
    await feed.text();
    assert.equal(telemetry.bus.stats().subscribers, 0);
    assert.equal(telemetry.endpoints.events.clients, 0);
    assert.ok(registry.descs.length < before);
    assert.equal(await (await app(new Request(`${ROOT}/`))).text(), "hi");
    assert.equal((await app(new Request(`${ROOT}/events`))).status, 503);
    await telemetry.close();
  },
);

test("createTelemetry() can use the registry of a closed telemetry", async () => {
  const registry = createRegistry();
  for (let life = 0; life < 3; life++) {
    await using telemetry = createTelemetry({ registry });
    const app = telemetry.observe(() => new Response());
    await app(new Request(`${ROOT}/`));
  }
  const at = { method: "GET", route: "unknown", status_class: "2xx" };
  assert.equal(valueOf(registry, "http_requests_total", at), 3);
});

test("observe() records on the default registry, once for the process", async () => {
  const registry = defaultRegistry();
  const published = () =>
    valueOf(registry, "barograph_events_published_total", {
      topic: "request.end",
    }) ?? 0;
  const apps = ["/mine", "/yours"].map((route) =>
    observe(() => new Response("hi"), { route })
  );
  const before = published(); // by other tests of the process
  for (const app of apps) {
    assert.equal(await (await app(new Request(`${ROOT}/`))).text(), "hi");
  }
  for (const route of ["/mine", "/yours"]) {
    const at = { method: "GET", route, status_class: "2xx" };
    assert.equal(valueOf(registry, "http_requests_total", at), 1);
  }
  assert.equal(published(), before + 2);
  assert.match(await scrape(apps[0]!), /route="\/yours"/);
});

test("observe() refuses a misspelt option and names its own", () => {
  assert.throws(
    () => observe(() => new Response(), { rote: "/" } as never),
    {
      name: "TypeError",
      message:
        'Cannot observe a handler: there is no option "rote"; give any ' +
        "of route, ignore, buckets, native, propagators, tracerName, filter, " +
        "attributes, userId, names, status, knownMethods, metrics, events, " +
        "dashboard, runtime, fleet",
    },
  );
  for (const metrics of ["stats", true, 1]) {
    assert.throws(
      () => observe(() => new Response(), { metrics } as never),
      /metrics is .*; give a path, such as "\/metrics", or false$/,
    );
  }
});

test("createTelemetry() refuses a misspelt option and names its own", () => {
  assert.throws(
    () => createTelemetry({ servce: "shop" } as never),
    /^TypeError: Cannot create a telemetry: there is no option "servce"; give any of service, version, registry, /,
  );
});

test("Telemetry.observe() keeps `this`, parameters and a synchronous result", async () => {
  const { telemetry } = setUp();
  const app = {
    greeting: "hi",
    fetch: telemetry.observe(function (
      this: { greeting: string },
      _request: Request,
      extra: string,
    ): Response {
      return new Response(this.greeting + extra);
    }),
  };
  const answer = app.fetch(new Request(`${ROOT}/`), "!");
  assert.ok(
    answer instanceof Response,
    "a synchronous answer stays synchronous",
  );
  assert.equal(await answer.text(), "hi!");
  await telemetry.close();
});

test("createTelemetry() takes the number of events, and 0 for the default", () => {
  for (const [events, capacity] of [[5, 5], [0, 1000], [undefined, 1000]]) {
    const { telemetry } = setUp({ events });
    assert.equal(telemetry.bus.stats().capacity, capacity);
  }
});

test("createTelemetry() connects nothing if an option of an endpoint is wrong", () => {
  const registry = createRegistry();
  const before = registry.descs.length;
  assert.throws(
    () => createTelemetry({ registry, origins: "all" as never }),
    /origins is "all"; give "same", "any", a function or a list/,
  );
  assert.equal(registry.descs.length, before);
});

test("Telemetry.fetch() refuses a misspelt option and names its own", async () => {
  const { telemetry } = setUp();
  assert.throws(() => telemetry.fetch({ per: "stock" } as never), {
    name: "TypeError",
    message: 'Cannot instrument fetch: there is no option "per"; give any of ' +
      "propagators, peer, buckets, propagate, fetch, clock, names, status, " +
      "knownMethods",
  });
  await telemetry.close();
});

test("createTelemetry() throws on wrong options", () => {
  for (
    const wrong of [
      { events: -1.5 },
      { sampler: "all" },
      { collector: "ftp://x" },
      { origins: "all" },
      { authorize: true },
    ]
  ) {
    assert.throws(() => setUp(wrong as never), (error: Error) => {
      return error instanceof TypeError || error instanceof RangeError;
    }, JSON.stringify(wrong));
  }
});
