/** The tests of real processes find each fault of a fleet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "./programs/faulty_fleet.ts";
import { massacre, type Outcome, SEED, storm } from "./storm.ts";

const timeout = 120_000;

/** Returns an outcome as the message of an assertion. */
function inWords({ falls, torn, ...rest }: Outcome): string {
  const some = [...falls.slice(0, 5), ...torn.slice(0, 5)].join("\n");
  return `seed ${SEED}: ${JSON.stringify(rest)}\n${some}`;
}

/** Returns the names of the laws that an outcome says are broken. */
function broken({ falls, torn, lost, invented }: Outcome): string[] {
  return Object.entries({
    falls: falls.length,
    torn: torn.length,
    lost,
    invented,
  }).filter(([, count]) => count > 0).map(([name]) => name);
}

/** Which laws must be broken by a fault; others may be. */
const FAULTS: Partial<Readonly<Record<Fault, readonly string[]>>> = {
  none: [],
  unpublished: ["falls"],
  twice: ["invented"],
  forgets: ["falls", "lost"],
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
