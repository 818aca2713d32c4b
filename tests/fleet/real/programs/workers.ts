/**
 * Four Workers in one process, of Node or, with `FLEET_WORKERS=web`, of the web:
 * prints `worker <name> <port>` for each. A name as a line of standard input
 * terminates that Worker, and starts another one.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { Worker as NodeWorker } from "node:worker_threads";

const URL_OF_WORKER = new URL("worker.ts", import.meta.url);
const workers = new Map<string, { terminate(): unknown }>();

function startWorker(onLine: (line: string) => void): { terminate(): unknown } {
  if (process.env["FLEET_WORKERS"] !== "web") {
    return new NodeWorker(URL_OF_WORKER).on("message", onLine);
  }
  const worker = new Worker(URL_OF_WORKER, { type: "module" });
  worker.onmessage = ({ data }) => onLine(data);
  return worker;
}

function start(): void {
  const worker = startWorker((line) => {
    workers.set(line.split(" ")[1]!, worker);
    console.log(line);
  });
}

createInterface({ input: process.stdin }).on("line", async (name) => {
  await workers.get(name)?.terminate();
  start();
}).on("close", () => process.exit(0));
for (let count = 0; count < 4; count++) start();
