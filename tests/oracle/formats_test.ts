/**
 * Servers of three ages ask this runtime's server for metrics, each in its own
 * words; what they get is read by us, and by them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { allFormats, negotiate } from "../../src/encode/mod.ts";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { type AppHandler, RUNTIME, serve } from "../runtimes/server.ts";
import { read } from "../support/readers.ts";
import type { SeenFamily } from "../support/seen.ts";
import { nastyRegistry } from "./corpus.ts";
import {
  needs,
  PROMETHEUS,
  PROMETHEUS_2_53,
  PROMETHEUS_3,
} from "./programs.ts";
import { configFor, Prometheus, until } from "./prometheus.ts";

const help = "Help.";

interface Server {
  readonly name: string;
  readonly program: string | undefined;
  readonly features: readonly string[];
  /** What it is to be served, and how names in UTF-8 come to it. */
  readonly format: string;
  readonly wide: string;
  /** The exemplars that it takes from a histogram; 2.42 takes one of each. */
  readonly exemplars: readonly string[];
}

const EXEMPLARS = ["at0.5=0.5", "at3=3"];
const NATIVE = "native-histograms";
const ESCAPED = 'http_server_up_total{http_route="/"}';
const SERVERS: readonly Server[] = [
  {
    name: "2.42",
    program: PROMETHEUS,
    features: [],
    format: "openmetrics-1.0.0",
    wide: ESCAPED,
    exemplars: EXEMPLARS,
  },
  {
    name: "2.42 with native histograms",
    program: PROMETHEUS,
    features: [NATIVE],
    format: "protobuf",
    wide: ESCAPED,
    exemplars: EXEMPLARS.slice(0, 1),
  },
  {
    name: "2.53",
    program: PROMETHEUS_2_53,
    features: [],
    format: "openmetrics-1.0.0",
    wide: ESCAPED,
    exemplars: EXEMPLARS,
  },
  {
    name: "2.53 with native histograms",
    program: PROMETHEUS_2_53,
    features: [NATIVE],
    format: "protobuf",
    wide: ESCAPED,
    exemplars: EXEMPLARS,
  },
  {
    name: "3.5",
    program: PROMETHEUS_3,
    features: [],
    format: "openmetrics-1.0.0",
    wide: '{"http.server.up_total","http.route"="/"}',
    exemplars: EXEMPLARS,
  },
  {
    name: "3.5 with native histograms",
    program: PROMETHEUS_3,
    features: [NATIVE],
    format: "protobuf",
    wide: ESCAPED, // its wish for protobuf names no scheme
    exemplars: EXEMPLARS,
  },
];

/** How many samples a server makes of what it was served. */
function samplesOf(families: readonly SeenFamily[], format: string): number {
  let samples = 0;
  for (const { value, start } of families.flatMap(({ series }) => series)) {
    // Where the text had `_created`, that is one more.
    if (format !== "protobuf" && start > 0) samples++;
    if (value.kind === "number") samples++;
    else if (value.kind === "summary") {
      samples += value.quantiles.length + (value.sum === undefined ? 1 : 2);
    } else if (value.native !== undefined) samples++;
    else samples += value.buckets!.length + (value.sum === undefined ? 0 : 2);
  }
  return samples;
}

const QUANTILES = [0.5, 0.9, 0.99];
const OBSERVATIONS = 1_000_000;

/** The exponential distribution of mean 1, evenly and in an odd order. */
function observeKnown(registry: Registry): void {
  const histogram = registry.histogram({
    name: "known_seconds",
    help,
    unit: "seconds",
    native: true,
  });
  for (let i = 0; i < OBSERVATIONS; i++) {
    const rank = (i * 7919 % OBSERVATIONS + 0.5) / OBSERVATIONS;
    histogram.observe(-Math.log(1 - rank));
  }
  histogram.observe(0.25, 0);
}

function trueQuantile(q: number): number {
  return -Math.log(1 - q);
}

async function checkServer(
  { program, features, format, wide, exemplars }: Server,
): Promise<void> {
  const registry = nastyRegistry();
  observeKnown(registry);
  registry.scope({ names: "utf-8" }).counter({
    name: "http.server.up_total",
    help,
    labels: ["http.route"],
  }).with({ "http.route": "/" }).inc(7);
  const both = registry.histogram({
    name: "both",
    help,
    native: true,
    buckets: [1, 10],
  });
  for (const value of [0.5, 3]) {
    both.observe(value, 1, { trace_id: `at${value}` });
  }
  const metrics = metricsHandler(registry);
  await metrics(new Request("http://localhost/")); // all series are there
  const asked = new Set<string>();
  const app: AppHandler = (request) => {
    asked.add(request.headers.get("accept")!);
    return metrics(request);
  };
  const server = serve(app);
  try {
    const config = configFor(server.port, "metrics");
    await using prometheus = await Prometheus.start(
      program!,
      features,
      config,
    );
    await prometheus.untilUp();
    assert.deepEqual(await prometheus.targets(), [["up", ""]]);

    const [accept] = asked;
    const wanted = negotiate(accept!, allFormats());
    assert.equal(wanted.id, format, accept);
    const headers = { accept: accept! };
    const response = await metrics(new Request(server.url, { headers }));
    assert.equal(response.headers.get("content-type"), wanted.contentType);
    const body = new Uint8Array(await response.arrayBuffer());
    const seen = read(body, wanted);
    assert.equal(
      await prometheus.value("scrape_samples_scraped"),
      String(samplesOf(seen, format)),
      "every sample is stored",
    );
    assert.equal(await prometheus.value(wide), "7");
    assert.equal(await prometheus.value('texts_total{other="9"}'), "9");

    if (format === "protobuf") await checkNative(prometheus);
    const bucket = 'both_bucket{le="1.0"}';
    if (format !== "protobuf") {
      assert.equal(await prometheus.value(bucket), "1");
    }
    const found = await prometheus.exemplars('{__name__=~"both.*"}');
    assert.deepEqual(found.toSorted(), exemplars);
    assert.deepEqual(prometheus.complaints, []);
  } finally {
    await server.stop();
  }
}

/** All at once: each waits seconds for its own discovery of targets. */
const checks = new Map<string, Promise<void>>();

function checked(name: string): Promise<void> {
  if (checks.size === 0) {
    for (const server of SERVERS.filter((one) => one.program !== undefined)) {
      const check = checkServer(server);
      check.catch(() => {}); // its own test tells
      checks.set(server.name, check);
    }
  }
  return checks.get(name)!;
}

for (const { name, program, format } of SERVERS) {
  test(
    `Prometheus ${name} gets ${format} from ${RUNTIME}, and stores all of it`,
    { ...needs(program), timeout: 60_000 },
    () => checked(name),
  );
}

async function checkNative(prometheus: Prometheus): Promise<void> {
  const ask = async (query: string) => Number(await prometheus.value(query));
  assert.equal(await ask("histogram_count(known_seconds)"), OBSERVATIONS);
  const sum = await ask("histogram_sum(known_seconds)");
  assert.ok(Math.abs(sum / OBSERVATIONS - 1) < 1e-4, `${sum}`);
  const growth = 2 ** (2 ** -3);
  for (const q of QUANTILES) {
    const found = await ask(`histogram_quantile(${q}, known_seconds)`);
    const off = Math.abs(Math.log(found / trueQuantile(q)));
    assert.ok(off <= Math.log(growth), `${found} for ${trueQuantile(q)}`);
  }
  // What is up to a bound of a bucket is counted exactly.
  const below = await ask("histogram_fraction(-Inf, 1, known_seconds)");
  const exact = 1 - 1 / Math.E;
  assert.ok(Math.abs(below - exact) < 1e-5, `${below} for ${exact}`);
  assert.equal(await ask("histogram_count(both)"), 2);
}

test(
  `Prometheus 3.5 takes the start times that ${RUNTIME} serves`,
  { ...needs(PROMETHEUS_3), timeout: 60_000 },
  async () => {
    const registry = createRegistry();
    const started = Date.now() / 1000;
    registry.counter({ name: "jobs_total", help }).inc(5);
    const server = serve(metricsHandler(registry));
    try {
      await using prometheus = await Prometheus.start(
        PROMETHEUS_3!,
        ["created-timestamp-zero-ingestion"],
        configFor(server.port, "metrics"),
      );
      await until(() => prometheus.value("jobs_total"));
      const [first, second] = await prometheus.samples("jobs_total[1h]");
      assert.equal(first![1], "0", "there was nothing when it began");
      assert.ok(Math.abs(first![0] - started) < 1);
      assert.equal(second![1], "5");
    } finally {
      await server.stop();
    }
  },
);
