/**
 * A member that has `FLEET_THREADS` Workers, which are members too: prints
 * `ready <port>` once all serve.
 */
import process from "node:process";
import { Worker } from "node:worker_threads";

const count = Number(process.env["FLEET_THREADS"]);
await Promise.all(
  Array.from({ length: count }, () =>
    new Promise((resolve) => {
      const worker = new Worker(new URL("worker.ts", import.meta.url));
      worker.once("message", resolve);
    })),
);
await import("./process.ts");
