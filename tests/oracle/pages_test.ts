/**
 * A real Prometheus scrapes bodies of cached pages. Some pages change between
 * scrapes, and each page is compressed separately.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { type AppHandler, RUNTIME, serve } from "../runtimes/server.ts";
import { needs, PROMETHEUS } from "./programs.ts";
import { configFor, Prometheus } from "./prometheus.ts";

/** About 50 pages of counters, and as many of histograms. */
const SERIES = 6000;

const HISTOGRAMS = 400;

/** Number of scrapes of each job; values change in between. */
const SCRAPES = 4;

/** The Accept header of each job; it replaces the one of Prometheus. */
const ACCEPTED: Readonly<Record<string, string>> = {
  text: "text/plain;version=0.0.4",
  open: "application/openmetrics-text;version=1.0.0",
  proto: "application/vnd.google.protobuf;" +
    "proto=io.prometheus.client.MetricFamily;encoding=delimited",
  negotiated: "",
};

const help = "Help.";

function setUp() {
  const registry = createRegistry();
  const counter = registry.counter({
    name: "pages_total",
    help,
    labels: ["number"],
  });
  const gauge = registry.gauge({ name: "level", help, labels: ["number"] });
  const seconds = registry.histogram({
    name: "wait_seconds",
    help,
    unit: "seconds",
    labels: ["number"],
    buckets: [1, 10],
  });
  for (let i = 0; i < SERIES; i++) counter.at(i).inc(i);
  for (let i = 0; i < HISTOGRAMS; i++) seconds.at(i).observe(0.5);
  gauge.at("first").set(0);
  return {
    registry,
    /** Makes values longer, adds series and removes others. */
    change(round: number): void {
      for (let i = 0; i < SERIES; i += 97) counter.at(i).inc(10 ** round);
      seconds.at(round).observe(5 * round);
      gauge.remove({ number: `${round - 1}` });
      gauge.at(`${round}`).set(round / 8);
      gauge.at("first").set(round);
    },
  };
}

test(
  `a real Prometheus scrapes pages from ${RUNTIME} that change between scrapes`,
  { ...needs("PROMETHEUS"), timeout: 120_000 },
  async () => {
    const { registry, change } = setUp();
    const metrics = metricsHandler(registry);
    const scrapes = new Map<string, number>();
    const codings = new Set<string | null>();
    let round = 0;
    const app: AppHandler = async (request) => {
      const job = new URL(request.url).pathname.slice(1);
      const count = (scrapes.get(job) ?? 0) + 1;
      scrapes.set(job, count);
      if (count > round && round < SCRAPES) change(++round);
      const headers = new Headers(request.headers);
      if (ACCEPTED[job] !== "") headers.set("accept", ACCEPTED[job]!);
      const response = await metrics(new Request(request.url, { headers }));
      codings.add(response.headers.get("content-encoding"));
      return response;
    };
    const server = serve(app);
    try {
      const jobs = Object.keys(ACCEPTED);
      const config = configFor(server.port, ...jobs);
      await using prometheus = await Prometheus.start(PROMETHEUS!, [], config);
      for (const job of jobs) {
        // A scrape that has stored the last change.
        const stored = await prometheus.untilStored(
          `level{number="first",job="${job}"}`,
          SCRAPES,
        );
        const query = (text: string) =>
          stored.value(text.replace("$", `job="${job}"`));
        assert.ok(scrapes.get(job)! >= 3);

        let added = 0;
        for (let i = 1; i <= SCRAPES; i++) added += 10 ** i;
        for (const number of [0, 97, 97 * 61, 98, SERIES - 1]) {
          const expected = number % 97 === 0 ? number + added : number;
          const name = `pages_total{number="${number}",$}`;
          assert.equal(await query(name), `${expected}`, `${job}: ${name}`);
        }
        const changed = Math.ceil(SERIES / 97);
        const sum = SERIES * (SERIES - 1) / 2 + changed * added;
        assert.equal(await query("sum(pages_total{$})"), `${sum}`);
        assert.equal(await query("count(pages_total{$})"), `${SERIES}`);

        const counts = "sum(wait_seconds_count{$})";
        assert.equal(await query(counts), `${HISTOGRAMS + SCRAPES}`);
        const bucket = 'wait_seconds_bucket{number="1",le=~"10(.0)?",$}';
        assert.equal(await query(bucket), "2");
        const last = 'wait_seconds_sum{number="4",$}';
        assert.equal(await query(last), "20.5");

        const level = (number: number) => query(`level{number="${number}",$}`);
        assert.equal(await level(SCRAPES), `${SCRAPES / 8}`);
        assert.equal(await level(SCRAPES - 1), undefined, "was removed");
      }
      assert.deepEqual([...codings], ["gzip"]);
      assert.deepEqual(prometheus.warnings, []);
    } finally {
      await server.stop();
    }
  },
);
