/** A fleet of Workers that are terminated under load. */
import { spawn } from "node:child_process";
import { env, execPath } from "node:process";
import { createInterface } from "node:readline";
import { ROOT, runArgs } from "../../support/programs.ts";
import { judge, newHistory } from "./history.ts";
import { get, now, pause, scrapeMembers, sendIncrements } from "./load.ts";
import { endOf, PROGRAMS, startMember } from "./members.ts";
import { Random } from "./random.ts";
import {
  COUNTER,
  DELAY,
  INTERVAL,
  type Outcome,
  SEED,
  SlotFolder,
  stormEnd,
} from "./storm.ts";

/** Terminates Workers, and blocks loops, while they count and are scraped. */
export async function stormOfWorkers(
  given: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  await using folder = new SlotFolder();
  const variables = { FLEET_DIR: folder.path, ...given };
  const child = spawn(execPath, runArgs(`${PROGRAMS}workers.ts`), {
    cwd: ROOT,
    env: { ...env, ...variables },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const history = newHistory();
  const random = new Random(SEED);
  const done = { kills: 0, freezes: 0, blocks: 0 };
  const ports = new Map<string, string>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [, name, port] = /^worker (\S+) (\d+)$/.exec(line) ?? [];
    if (name && port) ports.set(name, `http://127.0.0.1:${port}`);
  });
  try {
    while (ports.size < 4) await pause(20);
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
      ports.delete(member);
      child.stdin.write(`${member}\n`);
      while (ports.size < 4) await pause(20);
    }
    await Promise.all([load.stop(), scraper.stop()]);
    await pause(INTERVAL + DELAY);
  } finally {
    child.kill("SIGKILL");
    await endOf(child);
  }
  const successor = await startMember({ variables });
  const last = await get(`${successor.url}/metrics`);
  successor.child.kill("SIGKILL");
  return {
    ...judge(history, {
      counter: COUNTER,
      unpublished: INTERVAL + DELAY,
      last,
    }),
    scrapes: history.scrapes.length,
    acknowledged: history.acks.length,
    sent: history.sent,
    done,
  };
}
