/**
 * Which members live: those that were heard of lately, and those whose slots have
 * an owner although they are silent, such as frozen ones.
 */
import type { FleetSettings } from "./options.ts";
import type { SlotState } from "./slot.ts";

/** The part of a reader that tells of its member. */
export interface Heard {
  readonly state: SlotState | undefined;
  readonly beatAt: number;
}

/** Seconds of silence, beside four intervals, after which a slot is checked. */
const SILENCE_SECONDS = 1;

/** Keeps the set of slots whose owner is dead or has left. */
export class Liveness {
  /** Replaced when it changes. */
  dead: ReadonlySet<number> = new Set();
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

  /** Updates `dead`; asks the kernel for silent members only, unless `asksAll`. */
  async look(readers: readonly Heard[], asksAll: boolean): Promise<void> {
    const { clock, interval } = this.#settings;
    const now = clock.unix();
    const dead = new Set<number>();
    for (const [slot, heard] of readers.entries()) {
      const { state } = heard;
      if (slot === this.#own || state === undefined) continue;
      const isSilent = now - lastOf(heard) > 4 * interval + SILENCE_SECONDS;
      const isDead = state.meta.hasLeft ||
        (isSilent || asksAll) && !await this.#isOwned(slot);
      if (isDead) dead.add(slot);
    }
    this.dead = dead;
  }

  /** Returns, by slot of each member that lives, seconds since it was heard of. */
  ages(readers: readonly Heard[]): Map<number, number> {
    const now = this.#settings.clock.unix();
    const ages = new Map<number, number>();
    for (const [slot, heard] of readers.entries()) {
      if (heard.state === undefined || this.dead.has(slot)) continue;
      if (heard.state.meta.hasLeft) continue;
      ages.set(slot, Math.max(0, now - lastOf(heard)));
    }
    return ages;
  }
}

function lastOf({ state, beatAt }: Heard): number {
  return Math.max(beatAt, state?.publishedAt ?? 0);
}
