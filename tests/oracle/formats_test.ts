/**
 * Prometheus servers of three versions scrape this runtime's server, each with
 * its own Accept header. Our readers and the servers must agree on the result.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { allFormats, negotiate } from "../../src/encode/mod.ts";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { type AppHandler, RUNTIME, serve } from "../runtimes/server.ts";
import { read } from "../support/readers.ts";
import type { SeenFamily } from "../support/seen.ts";
import { nastyRegistry } from "./corpus.ts";
import { checkKnown, observeKnown } from "./known.ts";
import {
  needs,
  type ProgramName,
  programOf,
  PROMETHEUS_3,
} from "./programs.ts";
import { configFor, Prometheus, until } from "./prometheus.ts";

const help = "Help.";

interface Server {
  readonly name: string;
  readonly program: ProgramName;
  readonly features: readonly string[];
  /** Id of the format that the server negotiates. */
  readonly format: string;
  /** The query of a series with UTF-8 names, as the server stores them. */
  readonly utf8Query: string;
  /** The stored exemplars of a histogram; 2.42 stores one of them. */
  readonly exemplars: readonly string[];
}

const EXEMPLARS = ["at0.5=0.5", "at3=3"];
const NATIVE = "native-histograms";
const ESCAPED = 'http_server_up_total{http_route="/"}';
const SERVERS: readonly Server[] = [
  {
    name: "2.42",
    program: "PROMETHEUS",
    features: [],
    format: "openmetrics-1.0.0",
    utf8Query: ESCAPED,
    exemplars: EXEMPLARS,
  },
  {
    name: "2.42 with native histograms",
    program: "PROMETHEUS",
    features: [NATIVE],
    format: "protobuf",
    utf8Query: ESCAPED,
    exemplars: EXEMPLARS.slice(0, 1),
  },
  {
    name: "2.53",
    program: "PROMETHEUS_2_53",
    features: [],
    format: "openmetrics-1.0.0",
    utf8Query: ESCAPED,
    exemplars: EXEMPLARS,
  },
  {
    name: "2.53 with native histograms",
    program: "PROMETHEUS_2_53",
    features: [NATIVE],
    format: "protobuf",
    utf8Query: ESCAPED,
    exemplars: EXEMPLARS,
  },
  {
    name: "3.5",
    program: "PROMETHEUS_3",
    features: [],
    format: "openmetrics-1.0.0",
    utf8Query: '{"http.server.up_total","http.route"="/"}',
    exemplars: EXEMPLARS,
  },
  {
    name: "3.5 with native histograms",
    program: "PROMETHEUS_3",
    features: [NATIVE],
    format: "protobuf",
    utf8Query: ESCAPED, // it accepts protobuf without an escaping scheme
    exemplars: EXEMPLARS,
  },
];

/** Returns the number of samples that a server stores for a body. */
function samplesOf(families: readonly SeenFamily[], format: string): number {
  let samples = 0;
  for (const { value, start } of families.flatMap(({ series }) => series)) {
    // `_created` in the text is one more sample.
    if (format !== "protobuf" && start > 0) samples++;
    if (value.kind === "number") samples++;
    else if (value.kind === "summary") {
      samples += value.quantiles.length + (value.sum === undefined ? 1 : 2);
    } else if (value.native !== undefined) samples++;
    else samples += value.buckets!.length + (value.sum === undefined ? 0 : 2);
  }
  return samples;
}

/** Returns a name as in the metadata of a server. */
function familyName({ name, type }: SeenFamily, format: string): string {
  if (format === "protobuf") return name;
  // In OpenMetrics a family does not have the suffix of its samples.
  const suffix = { counter: /_total$/, info: /_info$/ }[type];
  return suffix === undefined ? name : name.replace(suffix, "");
}

/** Checks type, help and unit of each family. */
async function checkMetadata(
  prometheus: Prometheus,
  families: readonly SeenFamily[],
  { name, format }: Server,
): Promise<void> {
  const known = await prometheus.metadata();
  const hasUnits = format !== "protobuf" || name.startsWith("3");
  for (const family of families) {
    const type = family.type.toLowerCase().replace("_", "");
    const found = known[familyName(family, format)]?.[0];
    assert.deepEqual({ ...found }, {
      type: type === "untyped" ? "unknown" : type,
      help: family.help,
      unit: hasUnits ? family.unit : "",
    }, family.name);
  }
}

async function checkServer(scraper: Server): Promise<void> {
  const { program, features, format, utf8Query, exemplars } = scraper;
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
  await metrics(new Request("http://localhost/")); // creates all series
  const accepts = new Set<string>();
  const app: AppHandler = (request) => {
    accepts.add(request.headers.get("accept")!);
    return metrics(request);
  };
  const server = serve(app);
  try {
    const config = configFor(server.port, "metrics");
    await using prometheus = await Prometheus.start(
      programOf(program)!,
      features,
      config,
    );
    const stored = await prometheus.untilUp();

    const [accept] = accepts;
    const negotiated = negotiate(accept!, allFormats());
    assert.equal(negotiated.id, format, accept!);
    const headers = { accept: accept! };
    const response = await metrics(new Request(server.url, { headers }));
    const { contentType } = negotiated;
    assert.equal(response.headers.get("content-type"), contentType);
    const body = new Uint8Array(await response.arrayBuffer());
    const seen = read(body, negotiated);
    assert.equal(
      await stored.value("scrape_samples_scraped"),
      String(samplesOf(seen, format)),
      "every sample is stored",
    );
    await checkMetadata(prometheus, seen, scraper);
    assert.equal(await stored.value(utf8Query), "7");
    assert.equal(await stored.value('texts_total{other="9"}'), "9");

    if (format === "protobuf") {
      await checkKnown(stored);
      const count = await stored.value("histogram_count(both)");
      assert.equal(count, "2");
    }
    const bucket = 'both_bucket{le="1.0"}';
    if (format !== "protobuf") {
      assert.equal(await stored.value(bucket), "1");
    }
    const found = await prometheus.exemplars('{__name__=~"both.*"}');
    assert.deepEqual(found.toSorted(), exemplars);
    assert.deepEqual(prometheus.warnings, []);
  } finally {
    await server.stop();
  }
}

/** The checks by server; all start together, as each waits seconds for targets. */
const checks = new Map<string, Promise<void>>();

function checked(name: string): Promise<void> {
  if (checks.size === 0) {
    for (const server of SERVERS) {
      if (programOf(server.program) === undefined) continue;
      const check = checkServer(server);
      check.catch(() => {}); // the test of the server reports it
      checks.set(server.name, check);
    }
  }
  return checks.get(name)!;
}

for (const { name, program, format } of SERVERS) {
  test(
    `Prometheus ${name} scrapes ${format} from ${RUNTIME} and stores all of it`,
    { ...needs(program), timeout: 120_000 },
    () => checked(name),
  );
}

test(
  `Prometheus 3.5 stores the start times that ${RUNTIME} serves`,
  { ...needs("PROMETHEUS_3"), timeout: 120_000 },
  async () => {
    const registry = createRegistry();
    const started = Date.now() / 1000;
    registry.counter({ name: "jobs_total", help }).inc(5);
    registry.histogram({ name: "job", help, native: true }).observe(3);
    const server = serve(metricsHandler(registry));
    try {
      await using prometheus = await Prometheus.start(
        PROMETHEUS_3!,
        ["created-timestamp-zero-ingestion", NATIVE],
        configFor(server.port, "metrics"),
      );
      await until(() => prometheus.value("jobs_total"));
      const [first, second] = await prometheus.samples("jobs_total[1h]");
      assert.equal(first![1], "0", "zero at the start time");
      assert.ok(Math.abs(first![0] - started) < 1);
      assert.equal(second![1], "5");
      const [empty, full] = await prometheus.histograms("job[1h]");
      assert.equal(empty![1].count, "0");
      assert.ok(Math.abs(empty![0] - started) < 1);
      assert.equal(full![1].count, "1");
      assert.deepEqual(prometheus.warnings, []);
    } finally {
      await server.stop();
    }
  },
);
