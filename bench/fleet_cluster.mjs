/**
 * A cluster of Node with a client that adds up what its workers send. The first
 * argument is the package. It answers a line of input with a line, in JSON:
 * `grow` (workers), `change` (percentage in all workers), `scrape` (milliseconds;
 * null: the client gave up) and `memory` (bytes).
 */
import cluster from "node:cluster";
import process, { argv, exit, stdin } from "node:process";
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";

const SERIES = 10_000;
const { default: client } = await import(argv[2]);

/** The same labels as in `series.ts`. */
const METHODS = ["GET", "POST", "PUT"];
const labelsOf = (i) => ({
  method: METHODS[i % 3],
  route: `/api/v1/route${i % 12}`,
  user: `user-${i}`,
});

function work() {
  new client.AggregatorRegistry();
  const counter = new client.Counter({
    name: "bench_events_total",
    help: "Of the bench.",
    labelNames: ["method", "route", "user"],
  });
  for (let i = 0; i < SERIES; i++) counter.inc(labelsOf(i));
  let offset = 0;
  process.on("message", ({ change }) => {
    if (change === undefined) return;
    const step = 100 / change;
    if (change > 0) {
      for (let i = offset++ % step; i < SERIES; i += step) {
        counter.inc(labelsOf(i));
      }
    }
    process.send({ done: true });
  });
  process.send({ done: true });
}

function answerOf(worker) {
  return new Promise((resolve) => {
    worker.on("message", function listen({ done }) {
      if (!done) return;
      worker.off("message", listen);
      resolve();
    });
  });
}

async function lead() {
  const aggregator = new client.AggregatorRegistry();
  const workers = [];
  const orders = {
    async grow(count) {
      while (workers.length < count) {
        const worker = cluster.fork();
        await answerOf(worker);
        workers.push(worker);
      }
    },
    async change(change) {
      await Promise.all(workers.map((worker) => {
        worker.send({ change });
        return answerOf(worker);
      }));
    },
    async scrape() {
      const start = performance.now();
      try {
        gzipSync(await aggregator.clusterMetrics());
      } catch (error) {
        console.error(error.message);
        return null;
      }
      return performance.now() - start;
    },
    memory() {
      for (let i = 0; i < 3; i++) globalThis.gc?.();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    },
  };
  for await (const line of createInterface({ input: stdin })) {
    const [[name, value]] = Object.entries(JSON.parse(line));
    console.log(JSON.stringify(await orders[name](value) ?? null));
  }
  for (const worker of workers) worker.process.kill();
  exit();
}

if (cluster.isPrimary) await lead();
else work();
