/**
 * A clock that stands at zero while modules are evaluated, as Cloudflare's does:
 * the start of series made then is unknown, not in 1970.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";

test("series made while the clock stands at zero have no _created sample, and last", async () => {
  let now = 0;
  const clock = { unix: () => now, mono: () => now };
  const registry = createRegistry({ clock, selfMetrics: false });
  const help = "Help.";
  const jobs = registry.counter({
    name: "jobs_total",
    help,
    labels: ["kind"],
    expireAfter: 60,
  });
  jobs.with({ kind: "a" }).inc();
  const size = registry.summary({ name: "size", help, quantiles: [0.5] });
  size.observe(1);
  now = 1_800_000_000; // the first request
  jobs.with({ kind: "a" }).inc();
  jobs.with({ kind: "b" }).inc();
  size.observe(3);
  const handler = metricsHandler(registry, { created: true, clock });
  const headers = { accept: "application/openmetrics-text" };
  const answer = await handler(new Request("http://localhost/", { headers }));
  const lines = (await answer.text()).split("\n");
  for (const line of ['jobs_total{kind="a"} 2', "size_count 2", "size_sum 4"]) {
    assert.ok(lines.includes(line), line);
  }
  assert.deepEqual(lines.filter((line) => line.includes("_created")), [
    'jobs_created{kind="b"} 1800000000',
  ]);
});
