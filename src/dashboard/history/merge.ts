/**
 * Merges the changes of several columns into those of one: growth is summed, of
 * levels the last, the least and the largest are kept.
 */
import type { Change, SeriesId } from "../protocol.ts";
import { shortNumber } from "../sampling/short_number.ts";
import { isAbsence } from "./codec.ts";

/** How the changes of a family are merged. */
export type Merging = "levels" | "growth" | "buckets" | "summary";

/** A series within the column. */
interface Merged {
  /** Its change so far; undefined: none but its absence. */
  change: [SeriesId, ...(number | null)[]] | undefined;
  /** Growth by bucket, once there are two changes to merge. */
  buckets: Map<number, number> | undefined;
  isThere: boolean;
}

/** Merges the changes of one family within one column. */
export class Merger {
  readonly #merging: Merging;
  readonly #series = new Map<SeriesId, Merged>();

  constructor(merging: Merging) {
    this.#merging = merging;
  }

  /** Returns whether there is a change of a series. */
  has(id: SeriesId): boolean {
    return this.#series.has(id);
  }

  /** Adds a change that follows those before. */
  add(change: Change): void {
    const id = change[0];
    let merged = this.#series.get(id);
    if (merged === undefined) {
      merged = { change: undefined, buckets: undefined, isThere: true };
      this.#series.set(id, merged);
    }
    merged.isThere = !isAbsence(change);
    if (!merged.isThere) return;
    if (this.#merging === "levels") addLevel(merged, change);
    else if (merged.change === undefined) {
      merged.change = change.slice() as [SeriesId, ...(number | null)[]];
    } else if (this.#merging === "growth") addAt(merged.change, change, 1);
    else if (this.#merging === "buckets") addBuckets(merged, change);
    else {
      addAt(merged.change, change, 1);
      addAt(merged.change, change, 2);
      for (let at = 3; at < change.length; at++) {
        merged.change[at] = change[at]!;
      }
    }
  }

  /** Returns the changes of the column. */
  changes(): Change[] {
    const changes: Change[] = [];
    for (const [id, { change, buckets, isThere }] of this.#series) {
      if (change !== undefined) {
        if (buckets !== undefined) writePairs(buckets, change);
        changes.push(change);
      }
      if (!isThere) changes.push([id, null]);
    }
    return changes;
  }
}

function addAt(to: (number | null)[], change: Change, at: number): void {
  const before = to[at]!;
  const growth = change[at]!;
  to[at] = before === null || growth === null
    ? null
    : shortNumber(before + growth);
}

/** Adds one level, or the last, least and largest one of some time. */
function addLevel(merged: Merged, change: Change): void {
  const last = change[1]!;
  const least = change.length > 2 ? change[2]! : last;
  const most = change.length > 2 ? change[3]! : last;
  const before = merged.change;
  if (before === undefined) {
    merged.change = [change[0], last, least, most];
    return;
  }
  before[1] = last;
  before[2] = Math.min(before[2]!, least);
  before[3] = Math.max(before[3]!, most);
}

function addBuckets(merged: Merged, change: Change): void {
  const to = merged.change!;
  addAt(to, change, 1);
  if (merged.buckets === undefined) {
    merged.buckets = new Map();
    countPairs(to, merged.buckets);
  }
  countPairs(change, merged.buckets);
}

function countPairs(change: Change, buckets: Map<number, number>): void {
  for (let at = 2; at < change.length; at += 2) {
    const bucket = change[at]!;
    const growth = (buckets.get(bucket) ?? 0) + change[at + 1]!;
    buckets.set(bucket, shortNumber(growth));
  }
}

/** Replaces the pairs of a change. */
function writePairs(
  buckets: ReadonlyMap<number, number>,
  change: (number | null)[],
): void {
  change.length = 2;
  for (const bucket of [...buckets.keys()].sort((a, b) => a - b)) {
    const growth = buckets.get(bucket)!;
    if (growth !== 0) change.push(bucket, growth);
  }
}
