/** The log of one family: both of its tiers. */
import type { KnownFamily, KnownSeries } from "../sampling/known_series.ts";
import type { Change, SeriesId } from "../protocol.ts";
import { isAbsence, ONE, type Shape } from "./codec.ts";
import { Merger, type Merging } from "./merge.ts";
import { type Account, Tier } from "./tier.ts";

/** Seconds that the tiers hold, and those of their columns. */
export const FAST_SPAN = 300;
export const SLOW_SPAN = 3600;
export const SLOW_STEP = 10;

/** Seconds of a chunk. */
const FAST_CHUNK = 60;
const SLOW_CHUNK = 300;

/** Names of the tiers. */
export type TierName = "fast" | "slow";

/** The frames of one family. */
export class FamilyLog {
  readonly family: KnownFamily;
  readonly merging: Merging;
  readonly fast: Tier;
  readonly slow: Tier;
  /** Changes in the last minutes, older ones counting less. */
  recent = 0;
  /** Tick at which it changed last, and at which a client asked for it. */
  changedAt = 0;
  askedAt = -Infinity;

  readonly #seriesOf: (id: SeriesId) => KnownSeries | undefined;

  constructor(
    family: KnownFamily,
    account: Account,
    seriesOf: (id: SeriesId) => KnownSeries | undefined,
  ) {
    this.family = family;
    this.#seriesOf = seriesOf;
    const { isLevel, bounds, quantiles, desc: { type } } = family;
    const shape: Shape = bounds !== undefined
      ? { kind: "buckets" }
      : type === "summary"
      ? { kind: "numbers", count: 2 + (quantiles?.length ?? 0) }
      : ONE;
    this.merging = isLevel
      ? "levels"
      : shape.kind === "buckets"
      ? "buckets"
      : type === "summary"
      ? "summary"
      : "growth";
    this.fast = new Tier(shape, FAST_CHUNK, account);
    const slow: Shape = isLevel ? { kind: "levels" } : shape;
    this.slow = new Tier(slow, SLOW_CHUNK, account);
  }

  /** Returns whether a series is not forgotten; frames may mention others. */
  knows(id: SeriesId): boolean {
    return this.#seriesOf(id) !== undefined;
  }

  /** Appends a frame to a tier, and notes what its series have reached. */
  append(name: TierName, tick: number, changes: readonly Change[]): void {
    if (changes.length === 0) return;
    this[name].append(tick, changes, () => this.#head(name));
    this.changedAt = tick;
    this.recent += changes.length;
    for (const change of changes) {
      const series = this.#seriesOf(change[0]);
      if (series === undefined) continue;
      if (series.first > tick) series.first = tick;
      if (isAbsence(change)) series[name] = NaN;
      else series[name] = this.family.isLevel ? change[1]! : 0;
    }
  }

  /**
   * Merges the frames of the fast tier that the slow tier does not have. They
   * begin after `tick`.
   */
  merged(tick: number): readonly Change[] {
    const merger = new Merger(this.merging);
    this.fast.unmerged((change, time) => {
      const [id] = change;
      if (this.family.isLevel && time > tick + 1 && !merger.has(id)) {
        // A level that lasted for a part of the column counts, too.
        const level = this.#seriesOf(id)?.slow ?? NaN;
        if (!Number.isNaN(level)) merger.add([id, level]);
      }
      merger.add(change);
    });
    return merger.changes();
  }

  /** Returns the changes of one read as those of a column of the slow tier. */
  whole(changes: readonly Change[]): readonly Change[] {
    const merger = new Merger(this.merging);
    for (const change of changes) merger.add(change);
    return merger.changes();
  }

  *#head(name: TierName): Generator<Change, void> {
    const { isLevel, series } = this.family;
    for (const each of series.values()) {
      const noted = each[name];
      if (Number.isNaN(noted) === isLevel || each.first === Infinity) continue;
      yield [each.id, isLevel ? noted : null];
    }
  }
}
