/**
 * The tests of real processes find each fault of a fleet: `deno task fleet:long`. A
 * storm of a few seconds could miss one.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RUNTIME } from "../../runtimes/server.ts";
import type { Fault } from "./programs/faulty_fleet.ts";
import { GROUPS, stormOnPort } from "./shared_port.ts";
import { broken, inWords, massacre, storm } from "./storm.ts";

const { [RUNTIME]: [group, startGroup] } = GROUPS;
const timeout = 600_000;

/** Which laws must be broken by a fault; others may be. */
const FAULTS: Partial<Readonly<Record<Fault, readonly string[]>>> = {
  none: [],
  unpublished: ["falls"],
  twice: ["invented"],
  forgets: ["falls", "lost"],
  waits: ["slow"],
};

for (const [fault, laws] of Object.entries(FAULTS)) {
  test(`a storm finds the fault: ${fault}`, { timeout }, async () => {
    const outcome = await storm(4, { FLEET_FAULT: fault });
    const found = broken(outcome);
    assert.deepEqual(
      laws.length === 0 ? found : found.filter((law) => laws.includes(law)),
      laws,
      inWords(outcome),
    );
    assert.ok(outcome.acknowledged > 100, inWords(outcome));
    assert.ok(outcome.scrapes > 20, inWords(outcome));
  });
}

test(`a storm finds nothing wrong in ${group}`, { timeout }, async () => {
  const outcome = await stormOnPort(startGroup, { FLEET_FAULT: "none" });
  assert.deepEqual(broken(outcome), [], inWords(outcome));
  assert.ok(outcome.acknowledged > 100, inWords(outcome));
});

test(`a storm finds unpublished counts in ${group}`, { timeout }, async () => {
  const outcome = await stormOnPort(startGroup, {
    FLEET_FAULT: "unpublished",
  });
  assert.ok(broken(outcome).includes("falls"), inWords(outcome));
});

test("the death of all members costs at most an interval", {
  timeout,
}, async () => {
  const outcome = await massacre(4, { FLEET_FAULT: "none" });
  assert.deepEqual(broken(outcome), [], inWords(outcome));
  assert.ok(outcome.acknowledged > 100, inWords(outcome));
});

test("the death of all members shows that they publish too rarely", {
  timeout,
}, async () => {
  const outcome = await massacre(4, { FLEET_FAULT: "rarely" });
  assert.deepEqual(broken(outcome), ["lost"], inWords(outcome));
});
