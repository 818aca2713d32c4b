/** Fleets whose members share one port, so that the kernel chooses who answers. */
import { type ChildProcess, spawn } from "node:child_process";
import process, { env, execPath } from "node:process";
import { createInterface } from "node:readline";
import type { RUNTIME } from "../../runtimes/server.ts";
import { ROOT, takenPort } from "../../support/programs.ts";
import { type History, newHistory } from "./history.ts";
import { get, now, pause, scrapeMembers, sendIncrements } from "./load.ts";
import { endOf, kill, type Member, PROGRAMS, startMember } from "./members.ts";
import { Random } from "./random.ts";
import {
  DELAY,
  INTERVAL,
  type Outcome,
  outcomeOf,
  SEED,
  SlotFolder,
  stormEnd,
} from "./storm.ts";

/** Members behind one port, and what a nemesis can do to them. */
export interface Group extends Disposable {
  /** The processes that may be killed and frozen, by their names. */
  pids(): readonly number[];
  /** Resolves after a killed process was replaced. */
  replaced(pid: number): Promise<void>;
  /** Ends all in order. */
  end(): Promise<void>;
}

/** Returns a port that is free now. */
export async function freePort(): Promise<number> {
  const { port, server } = await takenPort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** How a group is started, for a port and variables of the environment. */
export type StartGroup = (
  port: number,
  variables: Readonly<Record<string, string>>,
) => Promise<Group>;

/** Starts four processes that listen on the port. */
export const startReusePort: StartGroup = async (port, given) => {
  const variables = { ...given, FLEET_PORT: String(port) };
  const start = (): Promise<Member> =>
    startMember({ program: "reuse_port.ts", variables });
  const members = await Promise.all([start(), start(), start(), start()]);
  return {
    pids: () => members.map(({ child }) => child.pid!),
    async replaced(pid) {
      const at = members.findIndex(({ child }) => child.pid === pid);
      await endOf(members[at]!.child);
      members[at] = await start();
    },
    async end() {
      for (const { child } of members) kill(child, "SIGTERM");
      await Promise.all(members.map(({ child }) => endOf(child)));
    },
    [Symbol.dispose]() {
      for (const { child } of members) kill(child, "SIGKILL");
    },
  };
};

/** Starts `deno serve` with as many threads; with 0, without `--parallel`. */
export async function startServe(
  port: number,
  threads: number,
  variables: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const child = spawn(execPath, [
    ...["serve", "--no-check", "-A", "--port", String(port)],
    ...["--host", "127.0.0.1", ...(threads > 0 ? ["--parallel"] : [])],
    `${PROGRAMS}serve.ts`,
  ], {
    cwd: ROOT,
    env: { ...env, ...variables, DENO_JOBS: String(threads) },
    stdio: "ignore",
  });
  // `deno serve` does not end if SIGTERM comes before the last thread serves.
  const names = new Set<string>();
  while (names.size < Math.max(1, threads)) {
    const name = await get(`http://127.0.0.1:${port}/`, 500).catch(() => "");
    if (name !== "") names.add(name);
    else await pause(50);
  }
  return child;
}

/** Starts `deno serve` with four threads, which live and die together. */
export const startParallel: StartGroup = async (port, variables) => {
  let child = await startServe(port, 4, variables);
  return {
    pids: () => [child.pid!],
    async replaced() {
      await endOf(child);
      child = await startServe(port, 4, variables);
    },
    async end() {
      kill(child, "SIGTERM");
      await endOf(child);
    },
    [Symbol.dispose]: () => kill(child, "SIGKILL"),
  };
};

/** Starts a cluster, whose primary replaces workers. */
export const startCluster: StartGroup = async (port, variables) => {
  const child = spawn(execPath, [`${PROGRAMS}cluster.ts`], {
    cwd: ROOT,
    env: { ...env, ...variables, FLEET_PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pids: number[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    const started = /^worker (\d+)$/.exec(line);
    if (started !== null) pids.push(Number(started[1]));
  });
  const started = async (count: number): Promise<void> => {
    while (pids.length < count) await pause(20);
  };
  await started(4);
  return {
    pids: () => pids,
    async replaced(pid) {
      pids.splice(pids.indexOf(pid), 1);
      await started(4);
    },
    async end() {
      kill(child, "SIGTERM");
      await endOf(child);
    },
    [Symbol.dispose]: () => kill(child, "SIGKILL"),
  };
};

/**
 * Kills, freezes and blocks members behind one port, and judges the answers. The
 * members end in order once `isSettled` resolves after the load.
 */
export async function stormOnPort(
  startGroup: StartGroup,
  given: Readonly<Record<string, string>> = {},
  isSettled: () => Promise<unknown> = () => pause(INTERVAL + DELAY),
): Promise<Outcome> {
  await using folder = new SlotFolder();
  const variables = { FLEET_DIR: folder.path, ...given };
  const port = await freePort();
  const url = (): string => `http://127.0.0.1:${port}`;
  const history = newHistory();
  const random = new Random(SEED);
  let done: Outcome["done"];
  {
    using group = await startGroup(port, variables);
    const load = sendIncrements(history, url);
    const scraper = scrapeMembers(history, url);
    done = await disturb(group, history, random, url());
    await Promise.all([load.stop(), scraper.stop()]);
    await isSettled();
    await group.end();
  }
  using group = await startGroup(port, variables);
  const last = await get(`${url()}/metrics`);
  await group.end();
  return outcomeOf(history, last, done);
}

async function disturb(
  group: Group,
  history: History,
  random: Random,
  url: string,
): Promise<Outcome["done"]> {
  const done = { kills: 0, freezes: 0, blocks: 0 };
  const isOver = stormEnd(history);
  while (!isOver()) {
    await pause(random.below(300));
    const pids = group.pids();
    const span = 100 + random.below(400);
    const chance = random.below(3);
    const from = now();
    if (pids.length === 0 || chance < 1) {
      done.blocks++;
      const member = await get(`${url}/block?ms=${span}`).catch(() => "");
      history.pauses.push({ member, from, to: now() });
      continue;
    }
    const pid = random.of(pids);
    const member = String(pid);
    if (chance < 2) {
      done.freezes++;
      process.kill(pid, "SIGSTOP");
      await pause(span);
      history.pauses.push({ member, from, to: now() });
      process.kill(pid, "SIGCONT");
    } else {
      done.kills++;
      history.kills.push({ member, at: from });
      process.kill(pid, "SIGKILL");
      await group.replaced(pid);
    }
  }
  return done;
}

/** The members that share a port, by runtime. */
export const GROUPS: Readonly<
  Record<typeof RUNTIME, readonly [string, StartGroup]>
> = {
  deno: ["threads of deno serve --parallel", startParallel],
  bun: ["processes with reusePort", startReusePort],
  node: ["workers of node:cluster", startCluster],
};
