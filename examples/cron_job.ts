/**
 * A scheduled job, which ends before a scrape: it pushes its metrics to a
 * Pushgateway. Alert on the time of its last success. Runs on Deno, Bun and Node.
 *
 *     PUSHGATEWAY_URL=http://localhost:9091 deno run -A examples/cron_job.ts
 */
import { env } from "node:process";
import { createRegistry } from "../mod.ts";
import { createTracer } from "../src/trace/mod.ts";
import { expose, prometheusText } from "../src/encode/mod.ts";
import { pushgateway } from "../src/push/mod.ts";

const registry = createRegistry({ selfMetrics: false });
const tracer = createTracer({ name: "cron" });

const duration = registry.histogram({
  name: "backup_duration_seconds",
  help: "How long backups take, by outcome.",
  unit: "seconds",
  labels: ["outcome"],
  values: { outcome: ["done", "failed"] },
  buckets: [1, 10, 60, 600],
});
async function backup(): Promise<void> {
  const url = env["PUSHGATEWAY_URL"];
  // Its disposal pushes, even if the backup throws. `post` replaces only metrics
  // that are pushed: after a failure, the time of the last success remains.
  await using _gateway = url
    ? pushgateway(registry, { url, job: "backup", method: "post" })
    : undefined;
  await tracer.run("backup", async () => {
    const start = performance.now();
    let outcome: "done" | "failed" = "failed";
    try {
      await Promise.resolve(); // copy the files here
      outcome = "done";
      registry.gauge({
        name: "backup_last_success_timestamp_seconds",
        help: "Time of the last successful backup, in unix seconds.",
        unit: "seconds",
      }).setToCurrentTime();
    } finally {
      const seconds = (performance.now() - start) / 1000;
      duration.with({ outcome }).observe(seconds);
    }
  });
}

await backup(); // Deno.cron("backup", "0 3 * * *", backup)
console.log(new TextDecoder().decode(expose(registry, prometheusText)));
