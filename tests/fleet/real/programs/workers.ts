/**
 * Four Workers in one process: prints `worker <name> <port>` for each. A name as
 * a line of standard input terminates that Worker, and starts another one.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";

const workers = new Map<string, Worker>();

function start(): void {
  const worker = new Worker(new URL("worker.ts", import.meta.url));
  worker.on("message", (line: string) => {
    workers.set(line.split(" ")[1]!, worker);
    console.log(line);
  });
}

createInterface({ input: process.stdin }).on("line", async (name) => {
  await workers.get(name)?.terminate();
  start();
}).on("close", () => process.exit(0));
for (let count = 0; count < 4; count++) start();
