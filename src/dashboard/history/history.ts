/** Makes histories: an hour of all series of a registry, in bounded memory. */
import type { Clock, Timers } from "../../base/mod.ts";
import {
  CLOCK,
  readOptions,
  rule,
  type SchemaOf,
  TIMERS,
} from "../../base/internal.ts";
import type { Source } from "../../model/mod.ts";
import type {
  FamilyId,
  FamilyInfo,
  History,
  Names,
  Role,
  RoleLabels,
  SeriesId,
  SeriesInfo,
} from "../protocol.ts";
import type { KnownFamily, KnownSeries } from "../sampling/known_series.ts";
import {
  type ByTick,
  collectFrames,
  type Columns,
  gapsWithin,
  historyOf,
} from "./answers.ts";
import { seriesInfoOf } from "./catalog.ts";
import {
  type FamilyLog,
  FAST_SPAN,
  SLOW_SPAN,
  SLOW_STEP,
} from "./family_log.ts";
import type {
  FrameListener,
  HistoryState,
  KeptHistory,
  Missed,
  SourceState,
} from "./kept_history.ts";
import { Recorder } from "./recorder.ts";

/** Options of `keepHistory`. */
export interface HistoryOptions {
  /** Memory that the history may take, in bytes. Default: 8 MiB. */
  readonly maxBytes?: number | undefined;
  /** Source of the time, for tests. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** Timers, for tests. Default: the runtime's timers. */
  readonly timers?: Timers | undefined;
}

/** Default and least memory of a history. */
const DEFAULT_BYTES = 8 * 2 ** 20;
const LEAST_BYTES = 2 ** 18;

/** The rule of the memory that a history may take. */
export const HISTORY_BYTES = /* @__PURE__ */ rule<number>(
  (value) =>
    Number.isInteger(value) && value as number >= LEAST_BYTES &&
    value as number <= 2 ** 30,
  `bytes from ${LEAST_BYTES} to ${2 ** 30}, such as ${DEFAULT_BYTES}`,
  DEFAULT_BYTES,
);

const OPTIONS = {
  maxBytes: HISTORY_BYTES,
  clock: CLOCK,
  timers: TIMERS,
} satisfies SchemaOf<HistoryOptions>;

/**
 * Begins to keep the history of `source`, a registry, until the result is disposed. It
 * does not keep the process alive.
 *
 * @throws {TypeError} If an option is wrong.
 */
export function keepHistory(
  source: Source,
  options: HistoryOptions = {},
): KeptHistory {
  const { maxBytes, clock, timers } = readOptions(
    "Cannot keep a history",
    OPTIONS,
    options,
  );
  return new HistoryImpl(new Recorder(source, clock, timers, maxBytes), clock);
}

class HistoryImpl implements KeptHistory {
  readonly epoch: string;
  readonly #recorder: Recorder;
  readonly #clock: Clock;

  constructor(recorder: Recorder, clock: Clock) {
    this.epoch = crypto.randomUUID().slice(0, 8);
    this.#recorder = recorder;
    this.#clock = clock;
  }

  get seq(): number {
    return this.#recorder.seq;
  }

  get families(): ReadonlyMap<FamilyId, FamilyInfo> {
    const { book, catalog } = this.#recorder;
    return new Map(
      [...book.families].map(([id, family]) => [id, catalog.infoOf(family)]),
    );
  }

  family(name: string): FamilyInfo | undefined {
    return this.#infoOf(this.#recorder.book.family(name));
  }

  role(role: Role): FamilyInfo | undefined {
    return this.#infoOf(this.#recorder.catalog.role(role));
  }

  labels(role: "requests" | "calls"): RoleLabels {
    return this.#recorder.catalog.labels(role);
  }

  series(id: SeriesId): SeriesInfo | undefined {
    const series = this.#recorder.book.series.get(id);
    return series && seriesInfoOf(series);
  }

  names(ids?: Iterable<FamilyId>): Names {
    const families = this.#families(ids);
    const series = families.flatMap((family) =>
      [...family.series.values()].filter(({ exists }) => exists)
    );
    return this.#recorder.catalog.namesOf({
      families: new Set(families),
      series: new Set(series),
    });
  }

  state(): HistoryState {
    const recorder = this.#recorder;
    const { seq, first, isFast, fastFrom, store, book, catalog } = recorder;
    let of = book.size;
    for (const { skipped } of book.families.values()) of += skipped;
    const since = (tick: number, span: number): number | null =>
      seq === 0 ? null : recorder.time(Math.max(tick, seq - span));
    return {
      epoch: this.epoch,
      seq,
      now: this.#clock.unix(),
      history: {
        fast: {
          step: 1,
          span: FAST_SPAN,
          since: isFast ? since(fastFrom, FAST_SPAN) : null,
          isOn: isFast,
        },
        slow: {
          step: SLOW_STEP,
          span: SLOW_SPAN,
          since: since(first, SLOW_SPAN),
          isOn: true,
        },
        bytes: store.bytes,
        max: store.max,
        shortened: store.shortened(seq),
      },
      sampled: book.size,
      of,
      cost: recorder.cost,
      requests: catalog.labels("requests"),
      calls: catalog.labels("calls"),
    };
  }

  sources(): readonly SourceState[] {
    return this.#recorder.sampler.states;
  }

  look(): Disposable {
    return this.#recorder.look();
  }

  follow(listener: FrameListener, step: 1 | 10 = 1): Disposable {
    return this.#recorder.follow(listener, step);
  }

  query(ids: Iterable<FamilyId>, range: number): History {
    const recorder = this.#recorder;
    const { seq, mergedAt, store, first } = recorder;
    const columns = this.#columns(range);
    const { from, step, count } = columns;
    const families = this.#families(ids);
    const found: KnownSeries[] = [];
    const answers = families.map((family) => {
      const log = store.logs.get(family);
      if (log === undefined) return { id: family.id, series: [] };
      log.askedAt = seq;
      const all = historyOf(log, columns, mergedAt);
      for (const [series] of all) found.push(series);
      return { id: family.id, series: all.map(([, history]) => history) };
    });
    const before = {
      from,
      to: Math.min(first, seq),
      why: "unsampled",
    } as const;
    const gaps = from < before.to ? [recorder.labelled(before)] : [];
    const begin = recorder.time(from);
    for (const gap of recorder.gaps) gaps.push(recorder.labelled(gap));
    return {
      epoch: this.epoch,
      seq,
      from: begin,
      step,
      columns: count,
      gaps: gapsWithin(gaps, begin, begin + step * count),
      names: recorder.catalog.namesOf({
        families: new Set(families),
        series: new Set(found),
      }),
      families: answers,
    };
  }

  after(seq: number, ids?: Iterable<FamilyId>): Missed {
    const recorder = this.#recorder;
    const logs = this.#families(ids).flatMap((family) =>
      recorder.store.logs.get(family) ?? []
    );
    const byTick: ByTick = new Map();
    const isFast = this.#hasFast(seq, logs);
    const oldest = Math.max(recorder.seq - SLOW_SPAN, recorder.first);
    const begin = isFast ? seq : Math.max(10 * Math.ceil(seq / 10), oldest);
    for (const log of logs) {
      if (isFast && !log.family.isSlow) {
        collectFrames(log, "fast", seq, byTick);
        continue;
      }
      collectFrames(log, "slow", begin, byTick);
      collectFrames(log, "fast", Math.max(begin, recorder.mergedAt), byTick);
    }
    // Nothing was there before the first frame, so nothing of it is lost.
    const from = Math.max(seq, recorder.first);
    const lost = { from, to: begin, why: "slow" } as const;
    const gaps = begin > from ? [recorder.labelled(lost)] : [];
    for (const gap of recorder.gaps) {
      if (gap.to > seq) gaps.push(recorder.labelled(gap));
    }
    const isSlow = (tick: number) => !isFast && tick <= recorder.mergedAt;
    const frames = [...byTick].sort(([a], [b]) => a - b).map((
      [tick, changes],
    ) => ({
      seq: tick,
      t: recorder.time(tick),
      step: isSlow(tick) ? 10 : 1,
      changes,
    }));
    return { gaps, frames };
  }

  [Symbol.dispose](): void {
    this.#recorder[Symbol.dispose]();
  }

  /** Whether the fast tier has all frames of these families after `seq`. */
  #hasFast(seq: number, logs: readonly FamilyLog[]): boolean {
    const { isFast, fastFrom, seq: now } = this.#recorder;
    return isFast && seq >= fastFrom && seq >= now - FAST_SPAN &&
      logs.every(({ fast }) => fast.cut <= seq);
  }

  /** Returns the columns of a range in seconds. */
  #columns(range: number): Columns {
    const { seq, isFast, fastFrom } = this.#recorder;
    const seconds = Math.ceil(Math.min(Math.max(range, 1), SLOW_SPAN)) ||
      SLOW_SPAN;
    const isCovered = isFast && seq - seconds > fastFrom;
    if (seconds <= FAST_SPAN && isCovered) {
      return { from: seq - seconds, step: 1, count: seconds };
    }
    const count = Math.ceil(seconds / SLOW_STEP);
    const end = SLOW_STEP * Math.ceil(seq / SLOW_STEP);
    return { from: end - SLOW_STEP * count, step: SLOW_STEP, count };
  }

  #families(ids: Iterable<FamilyId> | undefined): readonly KnownFamily[] {
    const { families } = this.#recorder.book;
    if (ids === undefined) return [...families.values()];
    return [...new Set(ids)].flatMap((id) => families.get(id) ?? []);
  }

  #infoOf(family: KnownFamily | undefined): FamilyInfo | undefined {
    return family && this.#recorder.catalog.infoOf(family);
  }
}
