/** Joins and leaves a fleet again and again. Argument: how many times. */
import { readdirSync } from "node:fs";
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

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

// Runtimes open files of their own at the first calls.
for (let i = 0; i < WARM_UP; i++) await joinOnce();
const before = openFiles();
for (let i = WARM_UP; i < times; i++) await joinOnce();
console.log(`left ${openFiles() - before} files open`);
