/** A fleet of Workers that are terminated under load. */
import { spawn } from "node:child_process";
import { env, execPath } from "node:process";
import { createInterface } from "node:readline";
import { ROOT, runArgs } from "../../support/programs.ts";
import { newHistory } from "./history.ts";
import { get, now, pause, scrapeMembers, sendIncrements } from "./load.ts";
import { endOf, kill, PROGRAMS, startMember } from "./members.ts";
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

/** Four Workers of one process, each with a port of its own. */
export interface Workers {
  /** Resolves with the addresses by name, once four Workers serve. */
  all(): Promise<ReadonlyMap<string, string>>;
  /** Terminates a Worker, which another one replaces. */
  terminate(name: string): void;
  /** Kills the process. */
  end(): Promise<void>;
}

/** Starts Workers. With the variable `FLEET_WORKERS=web`, those of the web. */
export async function startWorkers(
  variables: Readonly<Record<string, string>>,
): Promise<Workers> {
  const child = spawn(execPath, runArgs(`${PROGRAMS}workers.ts`), {
    cwd: ROOT,
    env: { ...env, ...variables },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ports = new Map<string, string>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [, name, port] = /^worker (\S+) (\d+)$/.exec(line) ?? [];
    if (name && port) ports.set(name, `http://127.0.0.1:${port}`);
  });
  const workers: Workers = {
    async all() {
      while (ports.size < 4) {
        if (child.exitCode !== null) throw new Error("The process has ended");
        await pause(20);
      }
      return ports;
    },
    terminate(name) {
      ports.delete(name);
      child.stdin.write(`${name}\n`);
    },
    async end() {
      kill(child, "SIGKILL");
      await endOf(child);
    },
  };
  await workers.all();
  return workers;
}

/** Terminates Workers, and blocks loops, while they count and are scraped. */
export async function stormOfWorkers(
  given: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  await using folder = new SlotFolder();
  const variables = { FLEET_DIR: folder.path, ...given };
  const history = newHistory();
  const random = new Random(SEED);
  const done = { kills: 0, freezes: 0, blocks: 0 };
  const workers = await startWorkers(variables);
  try {
    const ports = await workers.all();
    const url = (): string => random.of([...ports.values()]);
    const load = sendIncrements(history, url);
    const scraper = scrapeMembers(history, url);
    const isOver = stormEnd(history);
    while (!isOver()) {
      await pause(random.below(300));
      const [member, address] = random.of([...ports]);
      const from = now();
      const isBlocked = random.below(2) < 1;
      if (isBlocked) {
        done.blocks++;
        const span = random.below(500);
        const blocked = get(`${address}/block?ms=${span}`).catch(() => {});
        await (random.below(2) < 1 ? blocked : pause(span / 2));
        history.pauses.push({ member, from, to: now() });
      }
      done.kills++;
      history.kills.push({ member, at: now() });
      workers.terminate(member);
      await workers.all();
    }
    await Promise.all([load.stop(), scraper.stop()]);
    await pause(INTERVAL + DELAY);
  } finally {
    await workers.end();
  }
  const { child, url } = await startMember({ variables });
  const last = await get(`${url}/metrics`);
  kill(child, "SIGKILL");
  await endOf(child);
  return outcomeOf(history, last, done);
}
