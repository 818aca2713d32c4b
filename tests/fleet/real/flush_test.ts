/** What was flushed before an answer outlives a member that is killed at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readSamples } from "./history.ts";
import { get } from "./load.ts";
import { endOf, kill, startMember } from "./members.ts";
import { Random } from "./random.ts";
import { COUNTER, IS_LONG, SECONDS, SEED, SlotFolder } from "./storm.ts";
import { startWorkers } from "./workers.ts";

const timeout = 600_000;

/** The number of times that all members are started and killed. */
const ROUNDS = IS_LONG ? SECONDS : 2;

/** What was sent to all members, and what they have acknowledged. */
interface Counted {
  sent: number;
  acknowledged: number;
}

/**
 * Sends increments to one member, several at a time, and ends it as soon as it
 * has acknowledged `limit` of them.
 */
async function countUntil(
  counted: Counted,
  url: string,
  limit: number,
  end: () => void,
): Promise<void> {
  let own = 0;
  let hasEnded = false;
  const lane = async (): Promise<void> => {
    while (!hasEnded) {
      counted.sent++;
      try {
        await get(`${url}/count?flush`);
      } catch {
        return; // it was killed before it could answer
      }
      counted.acknowledged++;
      if (++own < limit || hasEnded) continue;
      hasEnded = true;
      end();
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
}

/** Asserts that a new member knows all that was acknowledged. */
async function assertKept(
  { sent, acknowledged }: Counted,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const { child, url } = await startMember({ variables });
  const total = readSamples(await get(`${url}/metrics`)).get(COUNTER)!;
  kill(child, "SIGKILL");
  await endOf(child);
  const words = `seed ${SEED}: ${total} of ${acknowledged}, ${sent} sent`;
  if (IS_LONG) console.log(words);
  assert.ok(total >= acknowledged && total <= sent, words);
}

test("a process that is killed after flush() and an answer loses nothing", {
  timeout,
}, async () => {
  await using folder = new SlotFolder();
  const variables = { FLEET_DIR: folder.path };
  const random = new Random(SEED);
  const counted = { sent: 0, acknowledged: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(Array.from({ length: 3 }, async () => {
      const { child, url } = await startMember({ variables });
      const limit = 1 + random.below(30);
      await countUntil(counted, url, limit, () => kill(child, "SIGKILL"));
      await endOf(child);
    }));
  }
  await assertKept(counted, variables);
});

test("a Worker that is terminated after flush() and an answer loses nothing", {
  timeout,
}, async () => {
  await using folder = new SlotFolder();
  const variables = { FLEET_DIR: folder.path };
  const random = new Random(SEED);
  const counted = { sent: 0, acknowledged: 0 };
  const workers = await startWorkers(variables);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const all = [...await workers.all()];
      await Promise.all(all.map(([name, url]) => {
        const limit = 1 + random.below(30);
        return countUntil(counted, url, limit, () => workers.terminate(name));
      }));
    }
  } finally {
    await workers.end();
  }
  await assertKept(counted, variables);
});
