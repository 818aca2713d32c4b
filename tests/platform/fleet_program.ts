/** A member of a fleet in a process. The arguments: its mode, a directory, more. */
import process from "node:process";
import { Worker } from "node:worker_threads";
import { systemTimers } from "../../src/base/mod.ts";
import { fleetPlatform } from "../../src/platform/internal.ts";
import { lowestSlot, say } from "./fleet_member.ts";

interface WebWorker {
  new (url: URL, options: object): {
    postMessage(message: unknown): void;
    terminate(): unknown;
  };
}

const platform = fleetPlatform(systemTimers)!;
const [mode = "", directory = "", more = ""] = process.argv.slice(2);

/** Starts a Worker, of the web or of Node. */
function startWorker(): { terminate(): unknown } {
  const url = new URL("fleet_worker.ts", import.meta.url);
  const data = { mode, directory };
  if (more === "thread") return new Worker(url, { workerData: data });
  const { Worker: Web } = globalThis as unknown as { Worker: WebWorker };
  const worker = new Web(url, { type: "module" });
  worker.postMessage(data);
  return worker;
}

function stayAlive(): void {
  setInterval(() => {}, 1000);
}

switch (mode) {
  case "hold":
    say(`slot ${await lowestSlot(directory)}.`);
    stayAlive();
    break;
  case "leave":
    say(`slot ${await lowestSlot(directory)}.`);
    break;
  case "worker": {
    const worker = startWorker();
    process.stdin.once("data", () => void worker.terminate());
    stayAlive();
    break;
  }
  case "main":
    say(`main ${platform.mainPath(() => {})}.`);
    startWorker();
    stayAlive();
    break;
  case "end": {
    const undo = platform.onExit(() => say("undone."));
    platform.onExit(() => say("ended."));
    platform.onExit(() => {
      throw new Error("thrown on purpose");
    });
    undo();
    say("ready.");
    if (more === "exit") process.exit(3);
    if (more === "signal") stayAlive();
    break;
  }
  case "prepare":
    try {
      platform.prepare(directory);
      say("prepared.");
    } catch (error) {
      say(`${(error as Error).message}.`);
    }
    break;
}
