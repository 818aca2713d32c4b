/** Members that start at the same moment, beside what killed ones have left. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { test } from "node:test";
import { ROOT, runArgs } from "../../support/programs.ts";
import { readSamples } from "./history.ts";
import { get, pause } from "./load.ts";
import { endOf, kill, type Member, PROGRAMS, startMember } from "./members.ts";
import { Random } from "./random.ts";
import { COUNTER, IS_LONG, SEED, SlotFolder } from "./storm.ts";

const MEMBERS = 8;

/** The number of times that eight members start. */
const ROUNDS = IS_LONG ? 10 : 2;

/** Starts a member, and kills it before it is known whether it has joined. */
async function dieEarly(
  variables: Readonly<Record<string, string>>,
  span: number,
): Promise<void> {
  const child = spawn(execPath, runArgs(`${PROGRAMS}process.ts`), {
    cwd: ROOT,
    env: { ...env, ...variables },
    stdio: "ignore",
  });
  await pause(span);
  kill(child, "SIGKILL");
  await endOf(child);
}

/** Returns the names of all files of slots. */
function slotFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^s\d+$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name));
}

test("eight members that start at once have a slot each, whatever was left", {
  timeout: 600_000,
}, async () => {
  await using folder = new SlotFolder();
  const variables = { FLEET_DIR: folder.path };
  const random = new Random(SEED);
  let members: Member[] = [];
  let counted = 0;
  const words = `seed ${SEED}`;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const early = [1, 2].map(() => dieEarly(variables, random.below(400)));
      members = await Promise.all(
        Array.from({ length: MEMBERS }, () => startMember({ variables })),
      );
      await Promise.all(early);
      const slots = await Promise.all(
        members.map(({ url }) => get(`${url}/slot`, 30_000)),
      );
      assert.equal(new Set(slots).size, MEMBERS, `${words}: ${slots}`);
      await Promise.all(
        members.map(({ url }) => get(`${url}/count?flush`, 30_000)),
      );
      counted += MEMBERS;
      for (const { url } of members) {
        const samples = readSamples(await get(`${url}/metrics`, 30_000));
        assert.equal(samples.get(COUNTER), counted, words);
      }
      for (const { child } of members) kill(child, "SIGKILL");
      await Promise.all(members.map(({ child }) => endOf(child)));
    }
    // Two more lived at the same time as the eight, if at all.
    const files = slotFiles(folder.path);
    assert.ok(files.length <= MEMBERS + 2, `${words}: ${files}`);
  } finally {
    for (const { child } of members) kill(child, "SIGKILL");
  }
});
