/** Runs a fleet of processes through a storm and judges what it has answered. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import {
  type History,
  judge,
  newHistory,
  undisturbed,
  type Verdict,
} from "./history.ts";
import { get, now, pause, scrapeMembers, sendIncrements } from "./load.ts";
import {
  endOf,
  kill,
  type MemberOptions,
  Nemesis,
  startMember,
} from "./members.ts";
import { Random } from "./random.ts";

/** How long a storm lasts at least, in seconds: `BAROGRAPH_FLEET_SECONDS`. */
export const SECONDS = Number(env["BAROGRAPH_FLEET_SECONDS"] || 2);

/** Whether this is `deno task fleet:long`. */
export const IS_LONG = Boolean(env["BAROGRAPH_FLEET_SECONDS"]);

/** How much must be done before a storm ends, which takes a busy machine longer. */
const WORK = { acknowledged: 100, scrapes: 20 };

/** How long a storm waits for this work, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Returns a function that says whether a storm that begins now may end: after
 * `milliseconds`, if enough was done.
 */
export function stormEnd(
  history: History,
  milliseconds: number = SECONDS * 1000,
  work: Partial<typeof WORK> = WORK,
): () => boolean {
  const { acknowledged = 0, scrapes = 0 } = work;
  const begun = now();
  return () => {
    const span = now() - begun;
    const isDone = history.acks.length > acknowledged &&
      history.scrapes.length >= scrapes;
    return span >= milliseconds && (isDone || span >= PATIENCE);
  };
}

/** The seed of the order of kills, freezes and blocks. */
export const SEED = Number(env["BAROGRAPH_FLEET_SEED"] || Date.now() % 1e6);

/** How often a member publishes, in milliseconds. */
export const INTERVAL = 250;
/** The delay that a busy machine may add, in milliseconds. */
export const DELAY = 500;

/** The counter of the application. */
export const COUNTER = "shop_orders_total";

/** A folder for slots, which is deleted with its contents. */
export class SlotFolder implements AsyncDisposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "barograph-fleet-"));

  async [Symbol.asyncDispose](): Promise<void> {
    // Members that were just killed may still write a file.
    for (let tries = 0; existsSync(this.path) && tries < 100; tries++) {
      try {
        rmSync(this.path, { recursive: true, force: true });
      } catch {
        await pause(50);
      }
    }
  }
}

/** What a run was like, and the verdict. */
export interface Outcome extends Verdict {
  readonly scrapes: number;
  /** The longest time of a handler of a member to which nothing was done, in ms. */
  readonly slowest: number;
  readonly acknowledged: number;
  readonly sent: number;
  /** What was done to members. */
  readonly done: {
    readonly kills: number;
    readonly freezes: number;
    readonly blocks: number;
  };
}

/**
 * Kills, freezes and blocks members under load, and scrapes all the while;
 * after all members have ended in order, a new one answers for them.
 */
export async function storm(
  count: number,
  variables: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  await using folder = new SlotFolder();
  const options = { variables: { FLEET_DIR: folder.path, ...variables } };
  const history = newHistory();
  using nemesis = await Nemesis.start(
    count,
    history,
    new Random(SEED),
    options,
  );
  const load = sendIncrements(history, () => nemesis.anyUrl());
  const scraper = scrapeMembers(history, () => nemesis.runningUrl());
  await nemesis.run(stormEnd(history));
  await Promise.all([load.stop(), scraper.stop()]);
  await pause(INTERVAL + DELAY);
  await nemesis.end();
  return await outcome(history, nemesis, options);
}

/** Lets members count while nobody scrapes, and kills them all at once. */
export async function massacre(
  count: number,
  variables: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  await using folder = new SlotFolder();
  const options = { variables: { FLEET_DIR: folder.path, ...variables } };
  const history = newHistory();
  using nemesis = await Nemesis.start(
    count,
    history,
    new Random(SEED),
    options,
  );
  const load = sendIncrements(history, () => nemesis.anyUrl());
  const isOver = stormEnd(history, SECONDS * 500, {
    acknowledged: WORK.acknowledged,
  });
  while (!isOver()) await pause(20);
  await nemesis.killAll();
  await load.stop();
  return await outcome(history, nemesis, options);
}

/** Starts a member that answers for those that have ended, and judges. */
async function outcome(
  history: History,
  { done }: Nemesis,
  options: MemberOptions,
): Promise<Outcome> {
  const { child, url } = await startMember(options);
  try {
    return outcomeOf(history, await get(`${url}/metrics`), done);
  } finally {
    kill(child, "SIGKILL");
    await endOf(child);
  }
}

/** Judges a history by the answer of a member after its end. */
export function outcomeOf(
  history: History,
  last: string,
  done: Outcome["done"],
): Outcome {
  const { scrapes, acks, sent } = history;
  const unpublished = INTERVAL + DELAY;
  return {
    ...judge(history, { counter: COUNTER, unpublished, last }),
    scrapes: scrapes.length,
    slowest: Math.max(0, ...undisturbed(history).map(({ took = 0 }) => took)),
    acknowledged: acks.length,
    sent,
    done,
  };
}

/** Returns the names of the laws that an outcome says are broken. */
export function broken(verdict: Verdict): string[] {
  const { falls, torn, slow, lost, invented } = verdict;
  return Object.entries({
    falls: falls.length,
    torn: torn.length,
    slow: slow.length,
    lost,
    invented,
  }).filter(([, count]) => count > 0).map(([name]) => name);
}

/** Returns an outcome as the message of an assertion. */
export function inWords({ falls, torn, slow, ...rest }: Outcome): string {
  const some = [falls, torn, slow].flatMap((all) => all.slice(0, 5)).join("\n");
  return `seed ${SEED}: ${JSON.stringify(rest)}\n${some}`;
}

/** Asserts that an outcome breaks no law, and that enough was done. */
export function assertLawful(outcome: Outcome): void {
  if (IS_LONG) console.log(inWords(outcome));
  assert.deepEqual(broken(outcome), [], inWords(outcome));
  assert.ok(outcome.acknowledged > WORK.acknowledged, inWords(outcome));
}
