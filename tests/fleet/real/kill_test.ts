/** The laws of a fleet hold while its members are killed, frozen and blocked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RUNTIME } from "../../runtimes/server.ts";
import { GROUPS, stormOnPort } from "./shared_port.ts";
import { stormOfWorkers } from "./workers.ts";
import {
  broken,
  inWords,
  IS_LONG,
  massacre,
  type Outcome,
  storm,
} from "./storm.ts";

const timeout = 600_000;

function assertLawful(outcome: Outcome): void {
  if (IS_LONG) console.log(inWords(outcome));
  assert.deepEqual(broken(outcome), [], inWords(outcome));
  assert.ok(outcome.acknowledged > 100, inWords(outcome));
}

test("processes with ports of their own", { timeout }, async () => {
  assertLawful(await storm(4));
});

test("processes of which only one is not frozen", { timeout }, async () => {
  assertLawful(await storm(2));
});

test("eight processes that start and die at the same time", {
  timeout,
}, async () => {
  assertLawful(await massacre(8));
});

const [title, startGroup] = GROUPS[RUNTIME];
test(title, { timeout }, async () => {
  assertLawful(await stormOnPort(startGroup));
});

/** Deno and Bun have both kinds of Workers. */
const web = RUNTIME === "node" ? [] : ["web"];
for (const kind of IS_LONG ? ["node", ...web] : [web[0] ?? "node"]) {
  test(`Workers (${kind}) that are terminated`, { timeout }, async () => {
    assertLawful(await stormOfWorkers({ FLEET_WORKERS: kind }));
  });
}
