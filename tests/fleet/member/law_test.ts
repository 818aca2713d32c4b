/**
 * The law of a fleet, for any operations on the registries of its members: what
 * nobody has removed never falls, and what was published counts once.
 */
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import { anyOperations, type Operation } from "./operations.ts";
import { FleetWorld } from "./fleet_world.ts";

async function hold(operations: readonly Operation[]): Promise<void> {
  const world = new FleetWorld();
  for (const operation of operations) await world.run(operation);
  await world.settle();
  for (const member of world.members) {
    if (member.isMember) await world.scrape(member);
  }
}

test("totals never fall, whatever members do to their families", async () => {
  await fc.assert(fc.asyncProperty(anyOperations, hold), { numRuns: 200 });
});
