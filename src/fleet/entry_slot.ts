/**
 * How a member gets its slot.
 *
 * - Members join one after the other: each holds the gate, a claim like that of a
 *   slot, until it has published. A member that waits too long for it joins anyway.
 * - A joiner takes the lowest slot without an owner, and goes on from its cells.
 * - A fleet starts again only if the joiner is alone, which it proves by
 *   claiming all slots, and if the last publish is too old or of another run.
 */
import type { FleetPlatform, SlotClaim } from "../platform/internal.ts";
import { type FleetSettings, MAX_MEMBERS } from "./options.ts";
import { isUnknown, SlotReader } from "./slot/slot_reader.ts";
import { checkUsable } from "./slot/slot_writer.ts";

/** A slot that was claimed. */
export interface Entry {
  readonly slot: number;
  readonly claim: SlotClaim;
}

/** A slot of a member that has not published yet. */
export interface Entering extends Entry {
  /** Lets the next member join. */
  entered(): void;
}

/** The number of the gate, above those of all slots. */
const GATE = MAX_MEMBERS;

/** Seconds that a joiner waits for the gate, and between two tries. */
const GATE_SECONDS = 2;
const RETRY_SECONDS = 0.005;

/** Returns the path of the file of a slot. */
export function slotPath(directory: string, slot: number): string {
  return `${directory}/s${slot}`;
}

/**
 * Claims a slot.
 *
 * @throws {Error} If all have owners that live, or files that cannot be used.
 */
export async function enterSlot(
  platform: FleetPlatform,
  directory: string,
  settings: FleetSettings,
): Promise<Entering> {
  const { maxMembers } = settings;
  const gate = await claimGate(platform, directory, settings);
  const entered = (): void => gate?.release();
  let entry: Entry | undefined;
  try {
    entry = await claimLowest(platform, directory, maxMembers);
    if (gate !== undefined && isOver(platform, directory, settings)) {
      await beginAnew(platform, directory, entry.slot);
    }
    return { ...entry, entered };
  } catch (error) {
    entry?.claim.release();
    entered();
    throw error;
  }
}

async function claimGate(
  { claims }: FleetPlatform,
  directory: string,
  { clock, timers }: FleetSettings,
): Promise<SlotClaim | undefined> {
  const start = clock.mono();
  while (true) {
    const gate = await claims.claim(directory, GATE);
    if (gate !== undefined || clock.mono() - start > GATE_SECONDS) return gate;
    await new Promise<void>((resolve) => {
      timers.after(RETRY_SECONDS, resolve, { holds: true });
    });
  }
}

async function claimLowest(
  { claims, files }: FleetPlatform,
  directory: string,
  maxMembers: number,
): Promise<Entry> {
  let fault: unknown;
  for (let slot = 0; slot < maxMembers; slot++) {
    const claim = await claims.claim(directory, slot);
    if (claim === undefined) continue;
    try {
      checkUsable(files, slotPath(directory, slot));
      return { slot, claim };
    } catch (error) {
      claim.release();
      fault ??= error;
    }
  }
  if (fault !== undefined) throw fault;
  const error = new Error(
    `there are ${maxMembers} members already; give a larger maxMembers`,
  );
  throw Object.assign(error, { code: "FLEET_FULL" });
}

/** Returns the slots that have files. */
function slotsIn({ files }: FleetPlatform, directory: string): number[] {
  return files.list(directory).filter((name) => /^s[0-9]{1,4}$/.test(name))
    .map((name) => Number(name.slice(1)));
}

/** Returns whether there are files of slots. */
export function hasSlots(platform: FleetPlatform, directory: string): boolean {
  return slotsIn(platform, directory).length > 0;
}

/**
 * Returns the slots that may have files; undefined if they cannot be listed.
 * To open a file that is missing takes longer than to read one.
 *
 * The names of claims count, too: a file that is being renamed can be missing in
 * a list, but the name of its claim is older and stays.
 */
export function usedSlots(
  { files }: FleetPlatform,
  directory: string,
): ReadonlySet<number> | undefined {
  try {
    const names = files.list(directory).filter((name) => /^s[0-9]/.test(name));
    const slots = names.map((name) => parseInt(name.slice(1), 10));
    return new Set(slots.filter((slot) => slot < MAX_MEMBERS));
  } catch {
    return undefined;
  }
}

/**
 * Returns whether the last publish is too old, or of another run. A file that
 * cannot be read may have a later one.
 */
function isOver(
  platform: FleetPlatform,
  directory: string,
  { keep, run, clock }: FleetSettings,
): boolean {
  let last = -Infinity;
  let lastRun = run;
  for (const slot of slotsIn(platform, directory)) {
    const reader = new SlotReader(platform.files, slotPath(directory, slot));
    reader.read();
    if (isUnknown(reader)) return false;
    const { state } = reader;
    if (state === undefined || state.publishedAt <= last) continue;
    last = state.publishedAt;
    lastRun = state.meta.run;
  }
  return last > -Infinity && (last < clock.unix() - keep || lastRun !== run);
}

/** Removes the files of all slots if none has an owner beside `own`. */
async function beginAnew(
  platform: FleetPlatform,
  directory: string,
  own: number,
): Promise<void> {
  const slots = slotsIn(platform, directory);
  const held: SlotClaim[] = [];
  try {
    for (const slot of slots) {
      if (slot === own) continue;
      const claim = await platform.claims.claim(directory, slot);
      if (claim === undefined) return; // not alone
      held.push(claim);
    }
    for (const slot of slots) platform.files.remove(slotPath(directory, slot));
  } finally {
    for (const claim of held) claim.release();
  }
}
