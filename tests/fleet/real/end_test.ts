/** A fleet does not delay the end of a process, and an orderly end loses nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ended, start } from "../../support/programs.ts";
import { readSamples } from "./history.ts";
import { get, now } from "./load.ts";
import { endOf, kill, PROGRAMS, startMember } from "./members.ts";
import { COUNTER, SlotFolder } from "./storm.ts";

const timeout = 60_000;

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
  const { child, url } = await startMember({ variables });
  const total = readSamples(await get(`${url}/metrics`)).get(COUNTER);
  kill(child, "SIGKILL");
  await endOf(child);
  assert.equal(total, 3);
});

/** Returns how long a member takes to end after SIGTERM, in ms. */
async function timeToEnd(variables: Record<string, string>): Promise<number> {
  const { child, url } = await startMember({ variables });
  await get(`${url}/count`);
  const begun = now();
  kill(child, "SIGTERM");
  await endOf(child);
  return now() - begun;
}

test("SIGTERM ends a member as fast as a process without a fleet", {
  timeout,
}, async () => {
  await using folder = new SlotFolder();
  const alone = await timeToEnd({
    FLEET_FAULT: "none",
    FLEET_DIR: folder.path,
  });
  const member = await timeToEnd({ FLEET_DIR: folder.path });
  assert.ok(member < alone + 500, `${member} ms, and ${alone} ms without`);
});
