/**
 * Metrics of a job queue: outcomes, durations, running and waiting jobs.
 *
 *     deno run examples/queue_worker.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createRegistry, type Registry } from "../mod.ts";
import { expositionOf } from "../src/testing/mod.ts";

type Job = () => Promise<void>;

/** Runs the jobs of `queue`, and records metrics of them on `registry`. */
export async function runJobs(queue: Job[], registry: Registry): Promise<void> {
  const jobs = registry.counter({
    name: "worker_jobs_total",
    help: "Jobs, by outcome.",
    labels: ["outcome"],
    values: { outcome: ["done", "failed"] },
    known: "all",
  });
  const duration = registry.histogram({
    name: "worker_job_duration_seconds",
    help: "Duration of jobs.",
    unit: "seconds",
  });
  const running = registry.gauge({
    name: "worker_jobs_running",
    help: "Running jobs.",
  });
  using _waiting = registry.callbackGauge({
    name: "worker_jobs_waiting",
    help: "Jobs in the queue.",
    read: (report) => report(queue.length),
  });

  for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
    try {
      const current = job;
      await running.trackInFlight(() => duration.time(current));
      jobs.with({ outcome: "done" }).inc();
    } catch {
      jobs.with({ outcome: "failed" }).inc();
    }
  }
}

const registry = createRegistry();
await runJobs([
  () => Promise.resolve(),
  () => Promise.reject(new Error("broken")),
  () => Promise.resolve(),
], registry);
console.log(expositionOf(registry));
