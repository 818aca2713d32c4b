/**
 * Decides which members live: those with a recent sign of life, and those whose
 * slots have an owner although they are silent, such as frozen ones.
 */
import type { FleetSettings } from "./options.ts";
import type { SlotState } from "./slot/slot.ts";

/** The part of a reader that shows whether its member lives. */
export interface Heard {
  readonly state: SlotState | undefined;
  readonly beatAt: number;
}

/** Seconds of silence, beside four intervals, after which a slot is checked. */
const SILENCE_SECONDS = 1;

/** Seconds between two members that join while the clock is behind. */
const MOMENT = 0.001;

/** Knows which slots have an owner that is dead or has left. */
export class Liveness {
  /** By slot: when the owner joined that was found dead. */
  #found: ReadonlyMap<number, number> = new Map();
  readonly #isOwned: (slot: number) => Promise<boolean>;
  readonly #own: number;
  readonly #settings: FleetSettings;

  constructor(
    isOwned: (slot: number) => Promise<boolean>,
    own: number,
    settings: FleetSettings,
  ) {
    this.#isOwned = isOwned;
    this.#own = own;
    this.#settings = settings;
  }

  /** Looks for dead members; asks the kernel for silent ones, or with `asksAll`. */
  async look(readers: readonly Heard[], asksAll: boolean): Promise<void> {
    const { clock, interval } = this.#settings;
    const now = clock.unix();
    const found = new Map<number, number>();
    for (const [slot, heard] of readers.entries()) {
      const { state } = heard;
      if (slot === this.#own || state === undefined) continue;
      // If the clock was set back, the last sign of life is in the future.
      const silence = Math.abs(now - lastOf(heard));
      const isSilent = silence > 4 * interval + SILENCE_SECONDS;
      const isAsked = asksAll || isSilent;
      if (isAsked && !await this.#isOwned(slot)) {
        found.set(slot, state.meta.joinedAt);
      }
    }
    this.#found = found;
  }

  /** Returns the slots whose owner has left, or was found dead. */
  dead(readers: readonly Heard[]): Set<number> {
    const dead = new Set<number>();
    for (const [slot, { state }] of readers.entries()) {
      if (slot === this.#own || state === undefined) continue;
      const { hasLeft, joinedAt } = state.meta;
      // A slot may have another owner since.
      if (hasLeft || this.#found.get(slot) === joinedAt) dead.add(slot);
    }
    return dead;
  }

  /** Returns, by slot of each live member, seconds since its last sign of life. */
  ages(readers: readonly Heard[]): Map<number, number> {
    const now = this.#settings.clock.unix();
    const ages = new Map<number, number>();
    const dead = this.dead(readers);
    for (const [slot, heard] of readers.entries()) {
      if (heard.state === undefined || dead.has(slot)) continue;
      if (heard.state.meta.hasLeft) continue;
      ages.set(slot, Math.max(0, now - lastOf(heard)));
    }
    return ages;
  }
}

/**
 * Returns `now`, or a moment after all others have joined if the clock was set
 * back: a member that joins is not the longest-standing one.
 */
export function laterThan(readers: readonly Heard[], now: number): number {
  const others = readers.map(({ state }) => state?.meta.joinedAt ?? -Infinity);
  return Math.max(now, ...others.map((joinedAt) => joinedAt + MOMENT));
}

function lastOf({ state, beatAt }: Heard): number {
  return Math.max(beatAt, state?.publishedAt ?? 0);
}
