/** Exports that environment variables start, and those that they must not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, type TelemetryOptions } from "../../mod.ts";
import { systemTimers } from "../../src/base/mod.ts";
import { listen } from "../../src/platform/internal.ts";
import { alwaysOn } from "../../src/trace/mod.ts";
import { FakeTimers, valueOf } from "../../src/testing/mod.ts";
import { certPath, pem } from "../server/fixtures.ts";
import { setUp, type Values } from "./environment_set_up.ts";
import {
  type RecordingCollector,
  recordingCollector,
} from "./recording_collector.ts";

const timeout = 120_000;

/** Variables that send readable bodies to `collector`. */
function plainTo({ url }: RecordingCollector): Values {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_COMPRESSION: "none",
  };
}

/** Records a span and a log event, and closes the telemetry. */
async function use(values: Values, options?: TelemetryOptions): Promise<void> {
  const telemetry = setUp(values, options);
  telemetry.tracer.run("checkout", () => telemetry.log("info", "done"));
  await telemetry.close();
}

test("an endpoint variable starts the export of spans, with all settings", {
  timeout,
}, async () => {
  await using collector = recordingCollector();
  await use({
    ...plainTo(collector),
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/base`,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20t",
    OTEL_SERVICE_NAME: "shop",
    OTEL_RESOURCE_ATTRIBUTES: "service.version=1.2,team=a%20b,place=here",
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "1",
  }, { resource: { place: "there" } });
  const { headers } = collector.received[0]!;
  assert.equal(headers.get("authorization"), "Bearer t");
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("content-encoding"), null);
  const { resource, scopeSpans: [{ scope, spans: [span] }] } =
    collector.json("/base/v1/traces").resourceSpans[0];
  const pairs = resource.attributes.map((
    { key, value }: { key: string; value: { stringValue: string } },
  ) => `${key}=${value.stringValue}`);
  for (
    const pair of [
      "service.name=shop",
      "service.version=1.2",
      "team=a b",
      "place=there",
    ]
  ) assert.ok(pairs.includes(pair), `${pair} in ${pairs}`);
  assert.deepEqual(scope, { name: "shop", version: "1.2" });
  assert.equal(span.name, "checkout");
});

test(
  "an endpoint variable of one signal is used as it is, for that signal only",
  {
    timeout,
  },
  async () => {
    await using collector = recordingCollector();
    await use({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/in?key=1`,
    });
    assert.deepEqual(collector.paths(), ["/in?key=1"]);
    const { headers } = collector.received[0]!;
    assert.equal(headers.get("content-type"), "application/x-protobuf");
    await use({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url });
    assert.deepEqual(collector.paths(), ["/", "/in?key=1"]);
  },
);

test(
  "options take precedence over variables, and headers stay with their address",
  {
    timeout,
  },
  async () => {
    await using own = recordingCollector();
    await using other = recordingCollector();
    const values = {
      ...plainTo(other),
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=secret",
      OTEL_SERVICE_NAME: "theirs",
      OTEL_TRACES_SAMPLER: "always_off",
    };
    await use(values, {
      service: "ours",
      sampler: alwaysOn,
      collector: { endpoint: own.url, send: ["spans"] },
    });
    assert.deepEqual(other.paths(), []);
    assert.deepEqual(own.paths(), ["/v1/traces"]);
    const { headers } = own.received[0]!;
    assert.equal(headers.get("authorization"), null);
    assert.equal(headers.get("content-type"), "application/json");
    const [{ scopeSpans: [{ scope }] }] = own.json("/v1/traces").resourceSpans;
    assert.equal(scope.name, "ours");

    const secret = { OTEL_EXPORTER_OTLP_HEADERS: "authorization=secret" };
    await use(secret, { collector: { endpoint: own.url, send: ["spans"] } });
    assert.equal(own.received[1]!.headers.get("authorization"), "secret");
    await use({ ...plainTo(other), ...secret }, {
      collector: { send: ["spans"] },
    });
    assert.deepEqual(other.paths(), ["/v1/traces"]);
    assert.equal(other.received[0]!.headers.get("authorization"), "secret");
  },
);

test("variables name the certificates of exporters, for their own address", {
  timeout,
}, async () => {
  const paths: string[] = [];
  const server = await listen(({ url }) => {
    paths.push(new URL(url).pathname);
    return new Response();
  }, {
    port: 0,
    hostname: "127.0.0.1",
    timers: systemTimers,
    tls: {
      cert: pem("server.pem"),
      key: pem("server.key"),
      clientCa: pem("ca.pem"),
    },
  });
  try {
    const values = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `https://localhost:${server.port}/in`,
      OTEL_EXPORTER_OTLP_CERTIFICATE: certPath("ca.pem"),
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: certPath("client.pem"),
      OTEL_EXPORTER_OTLP_CLIENT_KEY: certPath("client.key"),
    };
    await use(values);
    assert.deepEqual(paths, ["/in"]);
    await using plain = recordingCollector();
    await use({ ...values, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: plain.url });
    assert.deepEqual(plain.paths(), ["/"]);
  } finally {
    await server.stop(0);
  }
});

test("variables and options select the kinds of telemetry that are sent", {
  timeout,
}, async () => {
  const [logs, metrics, spans] = ["/v1/logs", "/v1/metrics", "/v1/traces"];
  const all = [logs, metrics, spans];
  const cases: readonly (readonly [
    Values,
    TelemetryOptions,
    readonly (string | undefined)[],
  ])[] = [
    [{}, {}, all],
    [{ OTEL_METRICS_EXPORTER: "prometheus" }, {}, [logs, spans]],
    [{ OTEL_TRACES_EXPORTER: "none" }, {}, [logs, metrics]],
    [{ OTEL_TRACES_EXPORTER: "otlp" }, {}, all],
    [{}, { collector: {} }, [logs, spans]],
    [{ OTEL_LOGS_EXPORTER: "none" }, { collector: {} }, [spans]],
    [{ OTEL_METRICS_EXPORTER: "otlp" }, { collector: {} }, all],
    [{}, { collector: { send: ["metrics"] } }, [metrics]],
    [{ OTEL_TRACES_EXPORTER: "none" }, {
      collector: { send: ["spans", "metrics"] },
    }, [metrics, spans]],
    [{}, { collector: { send: [] } }, []],
  ];
  for (const [values, options, paths] of cases) {
    await using collector = recordingCollector();
    await use({ ...plainTo(collector), ...values }, options);
    const text = JSON.stringify([values, options]);
    assert.deepEqual(collector.paths(), paths, text);
  }
});

test(
  "metrics are sent with the resource, at an interval, as growth or totals",
  {
    timeout,
  },
  async () => {
    await using collector = recordingCollector();
    const timers = new FakeTimers();
    const telemetry = setUp({
      ...plainTo(collector),
      OTEL_TRACES_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "none",
      OTEL_SERVICE_NAME: "shop",
      OTEL_METRIC_EXPORT_INTERVAL: "15000",
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "delta",
    }, { timers });
    telemetry.registry.counter({ name: "orders_total", help: "Orders." }).inc();
    assert.deepEqual(collector.paths(), []);
    timers.advance(15);
    while (collector.received.length === 0) {
      timers.advance(0);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(await telemetry.close(), true);
    assert.deepEqual(collector.paths(), ["/v1/metrics"]);
    const [{ resource, scopeMetrics: [{ metrics }] }] =
      collector.json("/v1/metrics").resourceMetrics;
    const service = resource.attributes.find(({ key }: { key: string }) =>
      key === "service.name"
    );
    assert.deepEqual(service.value, { stringValue: "shop" });
    const orders = metrics.find(({ name }: { name: string }) =>
      name === "orders_total"
    );
    assert.equal(orders.sum.aggregationTemporality, 1);
  },
);

test("the exporters of a telemetry have metrics, until it is closed", {
  timeout,
}, async () => {
  await using collector = recordingCollector();
  const telemetry = setUp(plainTo(collector));
  const value = (name: string) =>
    valueOf(telemetry.registry, `barograph_${name}`);
  telemetry.tracer.run("checkout", () => {});
  assert.equal(value("spans_queued"), 1);
  assert.equal(value("points_queued"), 0);
  assert.equal(value("logs_queued"), 0);
  assert.equal(value("point_export_retries_total"), 0);
  await telemetry.close();
  assert.throws(() => value("points_queued"), /Cannot find family/);
});

test(
  "telemetries of one registry send its metrics once, until the last closes",
  {
    timeout,
  },
  async () => {
    await using collector = recordingCollector();
    const values = { ...plainTo(collector), OTEL_LOGS_EXPORTER: "none" };
    const registry = createRegistry();
    const first = setUp(values, { registry });
    const second = setUp(values, {
      registry: registry.scope({ prefix: "b_" }),
    });
    assert.equal(valueOf(registry, "barograph_points_queued"), 0);
    assert.equal(await first.close(), true);
    assert.deepEqual(collector.paths(), []);
    assert.equal(valueOf(registry, "barograph_points_queued"), 0);
    assert.equal(await first.close(), true);
    assert.equal(await second.close(), true);
    assert.equal(collector.received.length, 1);
    assert.deepEqual(collector.paths(), ["/v1/metrics"]);
    const third = setUp(values, { registry });
    assert.equal(await third.close(), true);
    assert.equal(collector.received.length, 2);
  },
);

/** Variables and options with which nothing is sent. */
const SILENT: readonly (readonly [string, Values, TelemetryOptions?])[] = [
  ["OTEL_SDK_DISABLED", { OTEL_SDK_DISABLED: "true" }],
  ["OTEL_SDK_DISABLED with the option collector", {
    OTEL_SDK_DISABLED: "true",
  }, { collector: {} }],
  ["exporters none", {
    OTEL_TRACES_EXPORTER: "none",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
  }],
  ["exporters none with the option collector", {
    OTEL_TRACES_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
  }, { collector: {} }],
  ["gRPC", { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }],
  ["gRPC and the option collector", {
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
  }, { collector: {} }],
  ["an empty option collector", {}, { collector: "" }],
  ["environment: false", {}, { environment: false }],
];

for (const [name, values, options] of SILENT) {
  test(`nothing is exported with ${name}`, { timeout }, async () => {
    await using collector = recordingCollector();
    await use({ ...plainTo(collector), ...values }, options);
    assert.deepEqual(collector.paths(), []);
  });
}
