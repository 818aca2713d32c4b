/** `victoriaMetrics` against a real one: equal to what its own scrape stores. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { metricsHandler } from "../../../src/http/mod.ts";
import { victoriaMetrics } from "../../../src/push/mod.ts";
import { nastyRegistry, rareFamilies } from "../../oracle/corpus.ts";
import { needs, programOf } from "../../oracle/programs.ts";
import { until } from "../../oracle/prometheus.ts";
import { Receiver } from "../../oracle/receiver.ts";
import { serve } from "../../runtimes/server.ts";

/** A line of an export. */
interface Exported {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (number | string | null)[];
}

/** Returns the newest value of each series of a job, by its other labels. */
async function seriesOf(
  receiver: Receiver,
  job: string,
): Promise<Readonly<Record<string, unknown>>> {
  const query = new URLSearchParams({
    "match[]": `{job=${JSON.stringify(job)}}`,
  });
  await receiver.fetch("/internal/force_flush");
  const { body } = await receiver.fetch(`/api/v1/export?${query}`);
  const lines = new TextDecoder().decode(body).split("\n").filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => JSON.parse(line) as Exported)
      .filter(({ metric }) =>
        !/^(?:up$|(?:barograph_)?scrapes?_)/.test(metric["__name__"]!)
      )
      .map(({ metric, values }) => {
        const { job: _job, instance: _instance, ...labels } = metric;
        const sorted = Object.entries(labels).sort(([a], [b]) =>
          a < b ? -1 : 1
        );
        return [JSON.stringify(sorted), values.at(-1)] as const;
      })
      .sort(([a], [b]) => a < b ? -1 : 1),
  );
}

test("VictoriaMetrics stores of a push what it stores of a scrape", {
  ...needs("VICTORIA_METRICS"),
  timeout: 120_000,
}, async () => {
  const registry = nastyRegistry();
  registry.unregister("broken");
  registry.add(rareFamilies(true));
  const server = serve(metricsHandler(registry));
  const folder = await mkdtemp(join(tmpdir(), "barograph-"));
  try {
    const config = join(folder, "scrape.yml");
    await writeFile(
      config,
      `scrape_configs:
  - job_name: scraped
    scrape_interval: 1s
    static_configs: [{ targets: ["127.0.0.1:${server.port}"] }]
`,
    );
    await using receiver = await Receiver.victoriaMetrics(
      programOf("VICTORIA_METRICS")!,
      [`-promscrape.config=${config}`],
    );
    const errors: string[] = [];
    const job = "pushed ü&=/";
    await using pusher = victoriaMetrics(registry, {
      url: receiver.url,
      extraLabels: { job, "http.method": "a=b" },
      interval: 0,
      signals: false,
      onError: ({ message }) => errors.push(message),
    });
    assert.equal(await pusher.push(), true, errors.join("\n"));
    assert.deepEqual(errors, []);
    const pushed = await until(async () => {
      const series = await seriesOf(receiver, job);
      return Object.keys(series).length > 0 ? series : undefined;
    });
    const scraped = await until(async () => {
      const series = await seriesOf(receiver, "scraped");
      return Object.keys(series).length > 0 ? series : undefined;
    });
    const extra = ',["http.method","a=b"]';
    const unlabelled = Object.fromEntries(
      Object.entries(pushed).map(([key, value]) => {
        assert.ok(key.includes(extra), key);
        return [key.replace(extra, ""), value];
      }),
    );
    assert.deepEqual(unlabelled, scraped);
    assert.ok(Object.keys(scraped).length > 100);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
