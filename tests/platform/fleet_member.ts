/** Steps that the processes and the Workers of a fleet have in common. */
import { writeSync } from "node:fs";
import { systemTimers } from "../../src/base/mod.ts";
import { fleetPlatform } from "../../src/platform/internal.ts";

/** Claims the lowest slot that is free, and returns its number. */
export async function lowestSlot(directory: string): Promise<number> {
  const platform = fleetPlatform(systemTimers)!;
  platform.prepare(directory);
  for (let slot = 0;; slot++) {
    const claim = await platform.claims.claim(directory, slot);
    if (claim !== undefined) return slot;
  }
}

/** Writes a line immediately, even while the process ends. */
export function say(text: string): void {
  writeSync(1, `${text}\n`);
}
