/** Answers from the log: the history of families, and frames that were missed. */
import type {
  Change,
  FamilyId,
  FrameGap,
  SeriesHistory,
  SeriesId,
} from "../protocol.ts";
import type { KnownSeries } from "../sampling/known_series.ts";
import type { FamilyLog, TierName } from "./family_log.ts";
import type { Tier } from "./tier.ts";

/** Columns of a time axis, in ticks. */
export interface Columns {
  /** Tick at the start of column 0. */
  readonly from: number;
  readonly step: 1 | 10;
  readonly count: number;
}

/** One series while its history is read. */
interface Answer {
  base: number | null;
  readonly d: Entry[];
  /** The column of its last change. */
  column: number;
}

/** A column, and what has changed in it. */
type Entry = [number, ...(number | null)[]];

/**
 * Returns the history of all series of a family that have any. `mergedAt` is the
 * tick up to which the slow tier has all frames of the fast tier.
 */
export function historyOf(
  log: FamilyLog,
  { from, step, count }: Columns,
  mergedAt: number,
): [KnownSeries, SeriesHistory][] {
  const { family } = log;
  const name: TierName = step === 1 && !family.isSlow ? "fast" : "slow";
  const tier: Tier = log[name];
  const start = Math.max(from, tier.cut);
  const columnOf = (tick: number) => Math.floor((tick - 1 - from) / step);
  const bases = new Map<SeriesId, number | null>();
  const answers = new Map<SeriesId, Answer>();
  const answerOf = (id: SeriesId): Answer => {
    let answer = answers.get(id);
    if (answer === undefined) {
      answers.set(id, answer = { base: null, d: [], column: -1 });
    }
    return answer;
  };
  /** The changes of one column, and whether a series has several. */
  const pending: Change[] = [];
  let column = 0;
  let isMixed = false;
  // Nothing is copied: an hour of thousands of series is a million changes.
  const write = (change: Change, at: number) => {
    const entry = change as Entry;
    const { d } = answerOf(entry[0]);
    entry[0] = at;
    d.push(entry);
  };
  const flush = () => {
    for (const change of isMixed ? log.whole(pending) : pending) {
      write(change, column);
    }
    pending.length = 0;
    isMixed = false;
  };
  const take = (change: Change, tick: number) => {
    const next = columnOf(tick);
    if (step === 1) return write(change, next);
    if (next !== column) flush();
    column = next;
    const answer = answerOf(change[0]);
    isMixed ||= answer.column === next;
    answer.column = next;
    pending.push(change);
  };
  const begin = (isKept: boolean) => {
    for (const series of family.series.values()) {
      const { id, first } = series;
      const base = baseOf(series, isKept ? bases.get(id) : series[name]);
      if (base === null || !(first <= start)) continue;
      if (start === from) answerOf(id).base = base;
      else {
        take(wholeBase(log, step, id, base), start + 1);
      }
    }
  };
  let hasBegun = false;
  const isKept = tier.replay(start, {
    base: ([id, level]) => bases.set(id, level!),
    change: (change, tick) => {
      if (!hasBegun) begin(hasBegun = true); // no base comes after a change
      take(change, tick);
    },
  });
  if (!hasBegun) begin(isKept);
  if (step === 10 && log.fast.hasUnmerged) {
    for (const change of log.merged(mergedAt)) take(change, from + 10 * count);
  }
  flush();
  return [...family.series.values()].flatMap((series) => {
    const answer = answers.get(series.id);
    if (answer === undefined) return [];
    const { base, d } = answer;
    const total = Number.isFinite(series.total) ? series.total : 0;
    return [[series, { id: series.id, base, d, total }] as const];
  }) as [KnownSeries, SeriesHistory][];
}

/** Returns the base of a series by what was noted; undefined: no note. */
function baseOf(
  { family }: KnownSeries,
  noted: number | null | undefined,
): number | null {
  if (family.isLevel) return Number.isFinite(noted) ? noted! : null;
  return noted === null || Number.isNaN(noted) ? null : 0;
}

/** Returns the base of a series as a change in a column. */
function wholeBase(
  { merging }: FamilyLog,
  step: 1 | 10,
  id: SeriesId,
  base: number,
): Change {
  if (merging === "summary") return [id, base, base]; // count and sum
  const hasRange = step === 10 && merging === "levels";
  return hasRange ? [id, base, base, base] : [id, base];
}

/** Changes by tick, then by family. */
export type ByTick = Map<number, Map<FamilyId, Change[]>>;

/** Adds the changes of one tier after `tick` to `into`. */
export function collectFrames(
  log: FamilyLog,
  name: TierName,
  after: number,
  into: ByTick,
): void {
  const { id } = log.family;
  log[name].replay(after, {
    base: () => {},
    change: (change, tick) => {
      if (!log.knows(change[0])) return;
      let families = into.get(tick);
      if (families === undefined) into.set(tick, families = new Map());
      const changes = families.get(id);
      if (changes === undefined) families.set(id, [change]);
      else changes.push(change);
    },
  });
}

/** Returns the gaps that overlap a time. */
export function gapsWithin(
  gaps: readonly FrameGap[],
  from: number,
  to: number,
): FrameGap[] {
  return gaps.filter((gap) => gap.to > from && gap.from < to).map((gap) => ({
    ...gap,
    from: Math.max(gap.from, from),
    to: Math.min(gap.to, to),
  }));
}
