/**
 * Real receivers store what `remoteWrite` sends exactly as they store what they
 * scrape from the same registry.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { type MetricPusher, remoteWrite } from "../../src/push/mod.ts";
import { serve } from "../runtimes/server.ts";
import { nastyRegistry, rareFamilies } from "./corpus.ts";
import { needs, programOf } from "./programs.ts";
import { configOf, Prometheus, until, type Vector } from "./prometheus.ts";
import { Receiver } from "./receiver.ts";

const timeout = 120_000;

/** A series with names in UTF-8, as it is declared and as 1.0 writes it. */
const DOTTED = keyOf({
  __name__: "http.server.load",
  http_method: "GET",
  "http.route": "/ü",
});
const ESCAPED = keyOf({
  __name__: "http_server_load",
  http_method: "GET",
  http_route: "/ü",
});

/** Returns the key of a series, without the labels of the target. */
function keyOf(metric: Readonly<Record<string, string>>): string {
  const { job: _, instance: __, ...labels } = metric;
  return JSON.stringify(Object.entries(labels).sort());
}

const FLAGS = ["--web.enable-remote-write-receiver"];

/** Returns a registry with families of every type. */
function everyType(withGaugeHistogram = true): Registry {
  const registry = nastyRegistry();
  registry.add(rareFamilies(withGaugeHistogram));
  const native = registry.histogram({
    name: "native_seconds",
    help: "Native buckets only.",
    buckets: [],
    native: true,
    labels: ["route"],
  });
  const both = registry.histogram({
    name: "both_seconds",
    help: "Both kinds of buckets.",
    buckets: [1, 10],
    native: true,
  });
  for (const value of [0, -3, 1e-9, 0.5, 1, 1.01, 8, 8, 1e6]) {
    native.with({ route: "/" }).observe(value);
    both.observe(value);
  }
  native.with({ route: "/none" });
  native.with({ route: "/infinite" }).observe(Infinity);
  // More series than a request holds.
  const many = registry.counter({
    name: "many_total",
    help: "Many.",
    labels: ["n"],
    maxSeries: 3000,
  });
  for (let n = 0; n < 2500; n++) many.with({ n }).inc(n);
  registry.gauge({ name: "sites", help: "Sites.", labels: ["job", "instance"] })
    .with({ job: "own", instance: "mine" }).set(2);
  return registry;
}

/** Returns whether a series comes from a family that does not count scrapes. */
function isOurs({ __name__: name }: Readonly<Record<string, string>>): boolean {
  return !/^(?:up|scrape_|barograph_)/.test(name!);
}

/** Returns the values of all series of a job, without the labels of the target. */
async function storedBy(
  prometheus: Prometheus,
  job: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { result } = await prometheus.get<Vector>("query", {
    query: `{job="${job}"}`,
  });
  const values: Record<string, unknown> = {};
  for (const { metric, value, histogram } of result) {
    if (!isOurs(metric)) continue;
    values[keyOf(metric)] = value?.[1] ?? histogram?.[1];
  }
  return values;
}

/** Serves a registry, and starts a server that scrapes it as the job "scraped". */
async function scrapedBy(
  program: "PROMETHEUS" | "PROMETHEUS_3",
  registry: Registry,
  features: readonly string[] = [],
): Promise<{
  prometheus: Prometheus;
  /** The server at the time of a successful scrape. */
  atScrape: Prometheus;
  stop: () => Promise<void>;
}> {
  const metrics = metricsHandler(registry);
  const server = serve((request) => metrics(request));
  const { port } = server;
  const config = configOf([{ job: "scraped", port, path: "metrics" }]);
  const prometheus = await Prometheus.start(
    programOf(program)!,
    ["native-histograms", ...features],
    config,
    FLAGS,
  );
  const atScrape = await prometheus.untilUp('up{job="scraped"}');
  return {
    prometheus,
    atScrape,
    stop: async () => {
      await prometheus[Symbol.asyncDispose]();
      await server.stop();
    },
  };
}

/** Returns a pusher as the job "pushed", with its errors and the versions it used. */
function pusherTo(
  url: string,
  registry: Registry,
  options: object = {},
): { pusher: MetricPusher; errors: string[]; versions: string[] } {
  const errors: string[] = [];
  const versions: string[] = [];
  const pusher = remoteWrite(registry, {
    url: `${url}/api/v1/write`,
    job: "pushed",
    interval: 0,
    signals: false,
    onError: ({ message }) => void errors.push(message),
    fetch: (target, init) => {
      const headers = new Headers(init.headers);
      versions.push(headers.get("x-prometheus-remote-write-version")!);
      return fetch(target, init);
    },
    ...options,
  });
  return { pusher, errors, versions };
}

/** Asserts that a server stores the same series of both jobs. */
async function storesBothAlike(
  program: "PROMETHEUS" | "PROMETHEUS_3",
): Promise<void> {
  const isOld = program === "PROMETHEUS";
  // 2.42 scrapes all series of a gauge histogram under one name.
  const registry = everyType(!isOld);
  const { prometheus, atScrape, stop } = await scrapedBy(program, registry);
  try {
    const { pusher, errors, versions } = pusherTo(prometheus.url, registry);
    assert.equal(await pusher.push(), true, errors.join());
    assert.deepEqual(
      [...new Set(versions)],
      isOld ? ["2.0.0", "0.1.0"] : ["2.0.0"],
    );
    const failures = errors.filter((error) => !/"broken" is left/.test(error));
    assert.deepEqual(failures, [], "only the part that always fails");
    const { [ESCAPED]: escaped, ...scraped } = await storedBy(
      atScrape,
      "scraped",
    );
    assert.equal(escaped, "5");
    // 3.5 scrapes protobuf with escaped names, but stores all names.
    const { [isOld ? ESCAPED : DOTTED]: load, ...pushed } = await storedBy(
      prometheus,
      "pushed",
    );
    assert.equal(load, "5");
    assert.ok(Object.keys(scraped).length > 2600);
    assert.deepEqual(pushed, scraped);
    const first = pusherTo(prometheus.url, registry, {
      job: "first",
      version: "1.0",
    });
    assert.equal(await first.pusher.push(), true, first.errors.join());
    const { [ESCAPED]: same, ...others } = await storedBy(prometheus, "first");
    assert.equal(same, "5");
    assert.deepEqual(others, scraped);
    const exemplars = async (job: string) =>
      [...await prometheus.exemplars(`{job="${job}"}`)].sort();
    assert.ok((await exemplars("pushed")).length > 10);
    assert.deepEqual(await exemplars("pushed"), await exemplars("scraped"));
    // The second push repeats exemplars, the shutdown ends all series.
    assert.equal(await pusher.push(), true);
    assert.equal(await pusher.shutdown(), true, errors.join());
    assert.deepEqual(await storedBy(prometheus, "pushed"), {});
    const { points } = pusher.stats();
    assert.deepEqual([points.rejected, points.lost], [0, 0]);
    assert.deepEqual(prometheus.warnings, []);
  } finally {
    await stop();
  }
}

test("Prometheus 2.42 and 3.5 store what is pushed as what they scrape", {
  ...needs("PROMETHEUS"),
  timeout,
}, async () => {
  const programs = (["PROMETHEUS", "PROMETHEUS_3"] as const)
    .filter((name) => programOf(name) !== undefined);
  // At once: each takes five seconds until its first scrape.
  await Promise.all(programs.map(storesBothAlike));
});

test(
  "Prometheus 3.5 uses start times, takes repetitions, says what it refuses",
  {
    ...needs("PROMETHEUS_3"),
    timeout,
  },
  async () => {
    const registry = createRegistry({ selfMetrics: false });
    registry.counter({ name: "jobs_total", help: "Jobs." })
      .inc(3, { trace_id: "job" });
    const wait = registry.histogram({
      name: "wait",
      help: "Wait.",
      buckets: [],
      native: true,
    });
    for (let n = 0; n < 5; n++) {
      wait.observe(10 ** n, 1, { trace_id: `${n}` });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await using prometheus = await Prometheus.start(
      programOf("PROMETHEUS_3")!,
      ["native-histograms", "created-timestamp-zero-ingestion"],
      "",
      FLAGS,
    );
    await until(() => prometheus.get("status/buildinfo"));

    let requests = 0;
    const { pusher, errors } = pusherTo(prometheus.url, registry, {
      random: () => 0,
      fetch: async (url: string, init: RequestInit) => {
        const response = await fetch(url, init);
        if (requests++ % 2 === 1) return response;
        await response.body?.cancel();
        throw new TypeError("the response is lost");
      },
    });
    assert.equal(await pusher.push(), true, errors.join());
    assert.deepEqual([...new Set(errors)], ["the response is lost"]);
    assert.equal(requests, 4);
    const samples = await prometheus.samples("jobs_total[5m]");
    assert.deepEqual(samples.map(([, value]) => value), ["0", "3"]);
    const histograms = await prometheus.histograms("wait[5m]");
    assert.deepEqual(histograms.map(([, { count }]) => count), ["0", "5"]);
    assert.equal((await prometheus.exemplars("wait")).length, 5);

    // Two processes with the same labels: the samples of the second are older.
    const both = { instance: "same" };
    const first = pusherTo(prometheus.url, registry, both);
    assert.equal(await first.pusher.push(), true);
    const others = createRegistry({ selfMetrics: false });
    others.counter({ name: "jobs_total", help: "Jobs." }).inc(9);
    others.gauge({ name: "free", help: "Free." }).set(1);
    const late = { unix: () => Date.now() / 1000 - 60, mono: () => 0 };
    const second = pusherTo(prometheus.url, others, { ...both, clock: late });
    assert.equal(await second.pusher.push(), false);
    assert.match(second.errors.join(), /answered 400: .*out of order/);
    const { points } = second.pusher.stats();
    assert.deepEqual([points.exported, points.rejected], [1, 1]);
    assert.equal(await prometheus.value('jobs_total{instance="same"}'), "3");
    assert.equal(await prometheus.value('free{instance="same"}'), "1");
  },
);

/** Returns the values of all series of a job in VictoriaMetrics. */
async function exportedBy(
  receiver: Receiver,
  job: string,
): Promise<Readonly<Record<string, unknown>>> {
  const query = encodeURIComponent(`{job="${job}"}`);
  const { body } = await receiver.fetch(`/api/v1/export?match[]=${query}`);
  const values: Record<string, unknown> = {};
  for (const line of new TextDecoder().decode(body).trim().split("\n")) {
    if (line === "") continue;
    const { metric, values: all } = JSON.parse(line) as {
      metric: Record<string, string>;
      values: readonly unknown[];
    };
    if (isOurs(metric)) values[keyOf(metric)] = all[0];
  }
  return values;
}

test(
  "VictoriaMetrics, which swallows 2.0, stores what is pushed as what it scrapes",
  {
    ...needs("VICTORIA_METRICS"),
    timeout,
  },
  async () => {
    const registry = everyType();
    const metrics = metricsHandler(registry);
    const server = serve((request) => metrics(request));
    const { port } = server;
    const folder = await mkdtemp(join(tmpdir(), "barograph-"));
    const config = join(folder, "scrape.yml");
    await writeFile(
      config,
      configOf([{ job: "scraped", port, path: "metrics" }]),
    );
    try {
      await using receiver = await Receiver.victoriaMetrics(
        programOf("VICTORIA_METRICS")!,
        [`-promscrape.config=${config}`],
      );
      const { pusher, errors, versions } = pusherTo(receiver.url, registry, {
        histograms: "classic",
      });
      assert.equal(await pusher.push(), true, errors.join());
      assert.deepEqual([...new Set(versions)], ["2.0.0", "0.1.0"]);
      // It stores the series of a scrape one after the other.
      let pushed: Readonly<Record<string, unknown>> = {};
      let scraped: Readonly<Record<string, unknown>> = {};
      const isStored = await until(async () => {
        await receiver.fetch("/internal/force_flush");
        pushed = await exportedBy(receiver, "pushed");
        scraped = await exportedBy(receiver, "scraped");
        const { length } = Object.keys(pushed);
        return (length > 2600 && length === Object.keys(scraped).length) ||
          undefined;
      }).catch(() => false);
      assert.deepEqual(pushed, scraped);
      assert.equal(isStored, true, `${Object.keys(pushed).length} series`);
      const count = async () => {
        await receiver.fetch("/internal/force_flush");
        const { data } = await receiver.json<{ data: Vector }>(
          `/api/v1/query?query=count({job="pushed"})&nocache=1`,
        );
        return data.result[0]?.value?.[1];
      };
      assert.ok(Number(await count()) > 2600);
      const metadata = await receiver.json<
        { data: Record<string, readonly { type: string; help: string }[]> }
      >("/api/v1/metadata");
      assert.equal(metadata.data["texts_total"]?.[0]?.type, "counter");
      assert.equal(await pusher.shutdown(), true, errors.join());
      // All series end, as soon as the markers are indexed.
      await until(async () => await count() === undefined || undefined);
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
