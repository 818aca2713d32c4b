/** A real VictoriaMetrics receives OTLP: equal to what it stores of a scrape. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import { otlpMetrics } from "../../src/push/mod.ts";
import { serve } from "../runtimes/server.ts";
import { nastyRegistry } from "./corpus.ts";
import { needs, programOf } from "./programs.ts";
import { configOf, until } from "./prometheus.ts";
import { Receiver } from "./receiver.ts";

/** A line of an export. */
interface Exported {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (number | string | null)[];
}

/** Labels that only one of the ways has. */
const OTHER_LABELS =
  /^(?:__name__|job|instance|os|service\.|telemetry\.|scope\.)/;

/** Returns the newest value of each series of a job, by name and labels. */
async function seriesOf(
  receiver: Receiver,
  job: string,
): Promise<Readonly<Record<string, unknown>>> {
  await receiver.fetch("/internal/force_flush");
  const query = encodeURIComponent(`{job="${job}"}`);
  const { body } = await receiver.fetch(`/api/v1/export?match[]=${query}`);
  const lines = new TextDecoder().decode(body).split("\n").filter(Boolean);
  const series = lines.map((line) => JSON.parse(line) as Exported)
    .filter(({ metric }) =>
      !/^(?:up$|target_info$|(?:barograph_)?scrapes?_)/.test(
        metric["__name__"]!,
      )
    )
    .map(({ metric, values }) => {
      const labels = Object.entries(metric)
        .filter(([name]) => !OTHER_LABELS.test(name))
        // A scrape has `le="1.0"`, OTLP a number.
        .map(([name, value]) =>
          name === "le" || name === "quantile"
            ? [name, Number(value.replace("+Inf", "Infinity"))]
            : [name, value]
        ).sort();
      const key = `${metric["__name__"]} ${JSON.stringify(labels)}`;
      return [key, values.at(-1)] as const;
    });
  return Object.fromEntries(series.sort(([a], [b]) => a < b ? -1 : 1));
}

/** The sum of a histogram whose values may be negative: OTLP has none. */
const FALLING_SUM = "temperature_celsius_sum []";

const isNative = ([key]: readonly [string, unknown]): boolean =>
  key.startsWith("native_seconds_bucket");

/** Leaves out the native buckets, which text formats do not have. */
function withoutNative(
  series: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(series);
  return Object.fromEntries(entries.filter((entry) => !isNative(entry)));
}

/** Returns the number of observations in the native buckets. */
function nativeCount(series: Readonly<Record<string, unknown>>): number {
  return Object.entries(series).filter(isNative)
    .reduce((sum, [, value]) => sum + Number(value), 0);
}

test("VictoriaMetrics stores of OTLP what it stores of a scrape", {
  ...needs("VICTORIA_METRICS"),
  timeout: 120_000,
}, async () => {
  const registry = nastyRegistry();
  registry.unregister("broken");
  const native = registry.histogram({
    name: "native_seconds",
    help: "Native buckets.",
    unit: "seconds",
    native: true,
  });
  for (let i = 0; i < 50; i++) native.observe(1.3 ** i / 100);
  native.observe(0);
  const server = serve(metricsHandler(registry));
  const folder = await mkdtemp(join(tmpdir(), "barograph-"));
  try {
    const config = join(folder, "scrape.yml");
    const { port } = server;
    const jobs = [{ job: "scraped", port, path: "metrics" }];
    await writeFile(config, configOf(jobs));
    await using receiver = await Receiver.victoriaMetrics(
      programOf("VICTORIA_METRICS")!,
      [`-promscrape.config=${config}`],
    );
    const errors: string[] = [];
    await using pusher = otlpMetrics(registry, {
      endpoint: `${receiver.url}/opentelemetry`,
      resource: { job: "pushed" },
      interval: 0,
      signals: false,
      onError: ({ message }) => void errors.push(message),
    });
    assert.equal(await pusher.push(), true);
    assert.deepEqual(errors, []);
    let scraped: Readonly<Record<string, unknown>> = {};
    let pushed: Readonly<Record<string, unknown>> = {};
    let count = 0;
    // It stores the series of a scrape one after the other.
    const isStored = await until(async () => {
      const { [FALLING_SUM]: _, ...others } = await seriesOf(
        receiver,
        "scraped",
      );
      scraped = withoutNative(others);
      const all = await seriesOf(receiver, "pushed");
      pushed = withoutNative(all);
      count = nativeCount(all);
      const { length } = Object.keys(pushed);
      return (length > 100 && length === Object.keys(scraped).length) ||
        undefined;
    }).catch(() => false);
    assert.equal(count, 51);
    assert.deepEqual(pushed, scraped);
    assert.equal(isStored, true, `${Object.keys(pushed).length} series`);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
