/** Environment variables that concern a telemetry itself, not its exporters. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { asMeterProvider, asPropagator } from "../../src/otel/mod.ts";
import { distributionOf, valueOf } from "../../src/testing/mod.ts";
import { report } from "../../src/telemetry/environment.ts";
import { setUp } from "./environment_set_up.ts";

test("OTEL_SDK_DISABLED: no spans are recorded, and the metrics are served", async () => {
  const telemetry = setUp({ OTEL_SDK_DISABLED: "true" });
  let recording: boolean | undefined;
  const app = telemetry.observe(() => {
    telemetry.tracer.run("work", (span) => recording = span.recording);
    return new Response();
  });
  await app(new Request("http://localhost/"));
  assert.equal(recording, false);
  assert.equal(telemetry.bus.newest, 0);
  const response = await app(new Request("http://localhost/metrics"));
  assert.match(await response.text(), /http_requests_total{.*} 1$/m);
  await telemetry.close();
});

/** Returns the lines that `work` prints. */
async function printedBy(work: () => Promise<void>): Promise<string[]> {
  const { log } = console;
  const printed: string[] = [];
  console.log = (text: string) => void printed.push(text);
  try {
    await work();
  } finally {
    console.log = log;
  }
  return printed;
}

test("OTEL_TRACES_EXPORTER=console prints a line for each span", async () => {
  const printed = await printedBy(async () => {
    const telemetry = setUp({ OTEL_TRACES_EXPORTER: "console" });
    telemetry.tracer.run("check\nout", (span) => {
      span.setAttribute("http.route", "/a").setStatus("error", "too late");
      telemetry.log("info", "not printed");
    });
    await telemetry.close();
    telemetry.tracer.run("afterwards", () => {});
  });
  assert.equal(printed.length, 1);
  assert.match(
    printed[0]!,
    /^span check out \(internal\), [\d.]+ ms, error: too late, trace [\da-f]{32}, span [\da-f]{16}, {"http.route":"\/a"}$/,
  );
});

test("OTEL_LOGS_EXPORTER=console prints a line for each log event", async () => {
  const printed = await printedBy(async () => {
    const telemetry = setUp({ OTEL_LOGS_EXPORTER: "console" });
    telemetry.log("warn", "late", { orders: 3 });
    telemetry.tracer.run("checkout", () => telemetry.log("info", "paid"));
    await telemetry.close();
  });
  assert.equal(printed.length, 2);
  assert.equal(printed[0], 'warn late, {"orders":3}');
  assert.match(
    printed[1]!,
    /^info paid, trace [\da-f]{32}, span [\da-f]{16}$/,
  );
});

test("OTEL_TRACES_SAMPLER decides which spans are recorded", async () => {
  const telemetry = setUp({ OTEL_TRACES_SAMPLER: "always_off" });
  telemetry.tracer.run("work", ({ recording }) => {
    assert.equal(recording, false);
  });
  assert.equal(telemetry.tracer.stats().unsampled, 1);
  await telemetry.close();
});

test("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT and others bound spans", async () => {
  const telemetry = setUp({
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "1",
    OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: "3",
    OTEL_SPAN_EVENT_COUNT_LIMIT: "0",
    OTEL_SPAN_LINK_COUNT_LIMIT: "0",
  });
  telemetry.tracer.onEnd(({ attributes, events, links }) => {
    assert.deepEqual([attributes, events, links], [{ a: "xxx" }, [], []]);
  });
  telemetry.tracer.run("work", (span) => {
    span.setAttributes({ a: "xxxxx", b: 1 }).addEvent("e");
    span.addLink(span.context);
  });
  assert.equal(telemetry.tracer.stats().ended, 1);
  assert.equal(telemetry.tracer.stats().failures, 0);
  assert.equal(telemetry.tracer.stats().dropped.limit, 3);
  await telemetry.close();
});

test("OTEL_PROPAGATORS selects the formats of observe() and fetch()", async () => {
  const telemetry = setUp({ OTEL_PROPAGATORS: "b3" });
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const sent: Headers[] = [];
  const call = telemetry.fetch({
    fetch: ((input: unknown, init: RequestInit) => {
      sent.push(new Headers(init.headers));
      return Promise.resolve(new Response(String(input)));
    }) as typeof fetch,
  });
  const app = telemetry.observe(async () => {
    await call("http://localhost:1/");
    return new Response();
  });
  const headers = {
    b3: `${traceId}-00f067aa0ba902b7-1`,
    traceparent: `00-${"1".repeat(32)}-00f067aa0ba902b7-01`,
  };
  await app(new Request("http://localhost/", { headers }));
  assert.match(sent[0]!.get("b3")!, new RegExp(`^${traceId}-`));
  assert.equal(sent[0]!.get("traceparent"), null);
  await telemetry.close();
});

test("adapters of OpenTelemetry's API get propagators and resource", async () => {
  const telemetry = setUp({
    OTEL_PROPAGATORS: "b3,baggage",
    OTEL_SERVICE_NAME: "shop",
    OTEL_RESOURCE_ATTRIBUTES: "host.name=a",
  }, { version: "1.2.0" });
  const { registry, resource, propagators } = telemetry;
  asMeterProvider(registry, { resource });
  const response = await telemetry.endpoints.metrics(
    new Request("http://localhost/metrics"),
  );
  assert.match(
    await response.text(),
    /^target_info{host_name="a",service_name="shop",service_version="1.2.0"} 1$/m,
  );
  assert.deepEqual(asPropagator(propagators).fields(), ["b3", "baggage"]);
  await telemetry.close();
  const plain = setUp({});
  assert.deepEqual(
    asPropagator(plain.propagators).fields(),
    asPropagator().fields(),
  );
  assert.deepEqual(plain.resource, { "service.name": "unknown_service" });
  await plain.close();
});

test("a histogram preference gives requests native buckets", async () => {
  const telemetry = setUp({
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION:
      "base2_exponential_bucket_histogram",
  });
  const app = telemetry.observe(() => new Response());
  await app(new Request("http://localhost/"));
  const at = { method: "GET", route: "unknown", status_class: "2xx" };
  const { registry } = telemetry;
  const seen = distributionOf(registry, "http_request_duration_seconds", at);
  assert.ok(seen !== undefined && "native" in seen && seen.native);
  await telemetry.close();
});

test("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS replaces the known methods", async () => {
  const telemetry = setUp({
    OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: "PURGE,POST",
  });
  const app = telemetry.observe(() => new Response());
  for (const method of ["PURGE", "GET"]) {
    await app(new Request("http://localhost/", { method }));
  }
  for (const method of ["PURGE", "OTHER"]) {
    const at = { method, route: "unknown", status_class: "2xx" };
    assert.equal(valueOf(telemetry.registry, "http_requests_total", at), 1);
  }
  await telemetry.close();
});

test("OTEL_METRICS_EXEMPLAR_FILTER=always_off: metrics have no exemplars", async () => {
  for (const filter of ["always_off", "trace_based"]) {
    const telemetry = setUp({ OTEL_METRICS_EXEMPLAR_FILTER: filter });
    const app = telemetry.observe(() => new Response());
    await app(new Request("http://localhost/"));
    const accept = "application/openmetrics-text; version=1.0.0";
    const scrape = new Request("http://localhost/metrics", {
      headers: { accept },
    });
    const text = await (await app(scrape)).text();
    assert.equal(/trace_id/.test(text), filter === "trace_based");
    await telemetry.close();
  }
});

test("OTEL_SERVICE_NAME names the service in events and build facts", async () => {
  const telemetry = setUp({
    OTEL_SERVICE_NAME: "shop",
    OTEL_RESOURCE_ATTRIBUTES: "service.version=1.2.0",
  }, { runtime: true });
  using live = telemetry.bus.subscribe();
  const app = telemetry.observe(() => new Response());
  await app(new Request("http://localhost/"));
  const event = live.read() as { data: { service?: string } };
  assert.equal(event.data.service, "shop");
  const response = await app(new Request("http://localhost/metrics"));
  const facts = /_build_info{.*service="shop".*version="1.2.0".*} 1$/m;
  assert.match(await response.text(), facts);
  assert.equal(valueOf(telemetry.registry, "barograph_spans_ended_total"), 1);
  await telemetry.close();
});

test("report() logs a line once for each variable", () => {
  const { warn } = console;
  const logged: string[] = [];
  console.warn = (text: string) => void logged.push(text);
  try {
    // The process remembers names of variables: these belong to this test.
    for (const name of ["FIRST_OF_TEST", "SECOND_OF_TEST", "FIRST_OF_TEST"]) {
      report(name, `${name} is wrong`);
    }
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(logged, [
    "barograph: FIRST_OF_TEST is wrong",
    "barograph: SECOND_OF_TEST is wrong",
  ]);
});

test("createTelemetry() throws on wrong options beside right variables", () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ environment: "OTEL_" }, /environment is of type string; give true, /],
    [{ resource: "shop" }, /resource is of type string; give attributes/],
    [{ propagators: ["b3"] }, /propagators is .*; give a list of propagators/],
    [{ collector: { send: ["traces"] } }, /collector: send is .*; give a list/],
    [{ collector: { metrics: { interval: -1 } } }, /metrics.*interval is -1/],
    [
      { collector: { metrics: { every: 1 } } },
      /no option "every"; give any of/,
    ],
  ];
  for (const [options, words] of wrong) {
    assert.throws(
      () => setUp({ OTEL_SERVICE_NAME: "shop" }, options),
      words,
      JSON.stringify(options),
    );
  }
});
