/** Joins and leaves a fleet again and again. Argument: how many times. */
import { readdirSync, readlinkSync, realpathSync } from "node:fs";
import process from "node:process";
import { createRegistry } from "../../../../mod.ts";
import { joinFleet } from "../../../../src/fleet/mod.ts";

const WARM_UP = 5;
const times = Number(process.argv[2]);
const { FLEET_DIR = "" } = process.env;
const registry = createRegistry();
const jobs = registry.counter({ name: "jobs_total", help: "Jobs." });

async function joinOnce(): Promise<void> {
  const fleet = await joinFleet(registry, { service: "jobs", dir: FLEET_DIR });
  if (fleet.member === undefined) throw new Error("it could not join");
  jobs.inc();
  fleet.leave();
}

/** Returns the target of an open file; undefined once it is closed. */
function targetOf(file: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${file}`);
  } catch {
    return undefined; // the list itself
  }
}

/**
 * Returns the open files and sockets that may be of the fleet. Runtimes open and
 * close others at any time: Deno even sockets, but a fleet on Deno has none.
 */
function opened(): string[] {
  const folder = `${realpathSync(FLEET_DIR)}/`;
  const isDeno = "Deno" in globalThis;
  return readdirSync("/proc/self/fd").map(targetOf)
    .filter((target) => target !== undefined)
    .filter((target) =>
      target.startsWith(folder) || (!isDeno && target.startsWith("socket:"))
    );
}

// Runtimes open sockets at the first calls.
for (let i = 0; i < WARM_UP; i++) await joinOnce();
const before = opened().length;
for (let i = WARM_UP; i < times; i++) await joinOnce();
console.log(`left ${opened().length - before} files open`);
