/**
 * A scheduled job. Alert on the time of its last success.
 *
 *     deno run examples/cron_job.ts
 */
import { createRegistry } from "../mod.ts";
import { createTracer } from "../src/trace/mod.ts";
import { expose, prometheusText } from "../src/encode/mod.ts";

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
const lastDone = registry.gauge({
  name: "backup_last_success_timestamp_seconds",
  help: "Time of the last successful backup, in unix seconds.",
  unit: "seconds",
});

async function backup(): Promise<void> {
  await tracer.run("backup", async () => {
    const start = performance.now();
    let outcome: "done" | "failed" = "failed";
    try {
      await Promise.resolve(); // copy the files here
      outcome = "done";
      lastDone.setToCurrentTime();
    } finally {
      const seconds = (performance.now() - start) / 1000;
      duration.with({ outcome }).observe(seconds);
    }
  });
}

await backup(); // Deno.cron("backup", "0 3 * * *", backup)
console.log(new TextDecoder().decode(expose(registry, prometheusText)));
