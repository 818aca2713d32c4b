/** A fleet does not delay the end of a process, and an orderly end loses nothing. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { test } from "node:test";
import { RUNTIME } from "../../runtimes/server.ts";
import { ended, start } from "../../support/programs.ts";
import { readSamples } from "./history.ts";
import { get, now } from "./load.ts";
import { endOf, kill, PROGRAMS, startMember } from "./members.ts";
import { freePort, startServe } from "./shared_port.ts";
import { COUNTER, IS_LONG, SlotFolder } from "./storm.ts";

const timeout = 120_000;

/** By how many milliseconds a fleet may delay the end. */
const DELAY = 100;

/** How often a pair of ends is measured on a busy machine. */
const TRIES = 5;

/** Returns what a new member knows of those that have ended. */
async function totalIn(dir: string): Promise<number | undefined> {
  const { child, url } = await startMember({ variables: { FLEET_DIR: dir } });
  const total = readSamples(await get(`${url}/metrics`)).get(COUNTER);
  kill(child, "SIGKILL");
  await endOf(child);
  return total;
}

test("a script that joins ends by itself, and its counts stay", {
  timeout,
}, async () => {
  await using folder = new SlotFolder();
  const variables = { FLEET_DIR: folder.path };
  const { code, stdout, stderr } = await ended(
    start(`${PROGRAMS}joins_once.ts`, [], { variables, permissions: ["-A"] }),
  );
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "counted\n");
  assert.equal(await totalIn(folder.path), 3);
});

/** Starts a server with as many further threads, of `deno serve` or Workers. */
async function startThreads(
  threads: number,
  dir: string,
): Promise<{ child: ChildProcess; url: string }> {
  const variables = { FLEET_DIR: dir, FLEET_THREADS: String(threads) };
  if (RUNTIME !== "deno") {
    return await startMember({ program: "threads.ts", variables });
  }
  const port = await freePort();
  const child = await startServe(port, threads, variables);
  return { child, url: `http://127.0.0.1:${port}` };
}

/** Counts, and returns how long the process takes to end after SIGTERM, in ms. */
async function timeToEnd(
  threads: number,
  dir: string,
  orders: number,
): Promise<number> {
  const { child, url } = await startThreads(threads, dir);
  await Promise.all(
    Array.from({ length: orders }, () => get(`${url}/count`, 30_000)),
  );
  const begun = now();
  kill(child, "SIGTERM");
  assert.equal(await endOf(child), 0);
  return now() - begun;
}

for (const threads of [0, 1, 4]) {
  test(`SIGTERM ends ${threads} threads as fast as without a fleet`, {
    timeout,
  }, async () => {
    await using folder = new SlotFolder();
    const alone: number[] = [];
    const member: number[] = [];
    const delay = (): number => Math.min(...member) - Math.min(...alone);
    do {
      alone.push(await timeToEnd(threads, "", 20));
      member.push(await timeToEnd(threads, folder.path, 20));
    } while (member.length < TRIES && (IS_LONG || delay() >= DELAY));
    const words = `${member} ms, and ${alone} ms without`;
    if (IS_LONG) console.log(words);
    assert.ok(delay() < DELAY, words);
    assert.equal(await totalIn(folder.path), 20 * member.length);
  });
}
