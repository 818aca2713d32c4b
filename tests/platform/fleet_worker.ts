/** A member of a fleet in a Worker, of the web or of Node. */
import { workerData } from "node:worker_threads";
import { systemTimers } from "../../src/base/mod.ts";
import { fleetPlatform } from "../../src/platform/internal.ts";
import { lowestSlot, say } from "./fleet_member.ts";

interface Data {
  readonly mode: string;
  readonly directory: string;
}

/** Returns the first message: Web Workers have no `workerData`. */
function message(): Promise<Data> {
  return new Promise((resolve) => {
    addEventListener(
      "message",
      (event) => resolve((event as MessageEvent<Data>).data),
      { once: true },
    );
  });
}

const { mode, directory } = (workerData as Data | null) ?? await message();
if (mode === "worker") {
  say(`slot ${await lowestSlot(directory)}.`);
  setInterval(() => {}, 1000);
} else {
  say(`worker ${fleetPlatform(systemTimers)!.mainPath(() => {})}.`);
}
