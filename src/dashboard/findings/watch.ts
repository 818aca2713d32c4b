/**
 * Judges a service: reads its requests every 5 seconds, and takes everything else
 * from the frames of its history, which come every 10.
 *
 * Nobody has to look: who opens the page in an incident sees when it began.
 */
import type { Cancel, Clock, Timers } from "../../base/mod.ts";
import { callSafely } from "../../base/internal.ts";
import type { Source } from "../../model/mod.ts";
import type { State } from "../feed/parts.ts";
import type { Frame, KeptHistory } from "../history/kept_history.ts";
import {
  type FamilyInfo,
  type FindingEvents,
  type Findings,
  NATIVE_SCHEMA,
  type SeriesId,
  ZERO_BUCKET,
} from "../protocol.ts";
import { type Cells, cellsOf } from "./cells.ts";
import { FAILING_SLOT } from "./failing.ts";
import { type CauseOf, Judge, PERIOD } from "./judge.ts";
import { ITEMS } from "./loss.ts";
import { RequestReader } from "./request_reader.ts";
import { bucketsOf, type RequestSeries, requestSeries } from "./requests.ts";

/** The counter of spans that have ended: all that can be lost. */
const SPANS_ENDED = "barograph_spans_ended_total";

/** Seconds by which the system clock must change to move the times of findings. */
const CLOCK_JUMP = 1;

/** The arguments of `FindingsWatch`. */
export interface FindingsInit {
  readonly history: Pick<
    KeptHistory,
    "families" | "family" | "role" | "labels" | "series" | "sources" | "follow"
  >;
  /** The registry of the history. */
  readonly registry: Source;
  /** Returns the cause of a finding that is open; empty if it is not known. */
  readonly causeOf?: CauseOf | undefined;
  /** Returns the error of a source as it may be shown. Default: as it is. */
  readonly sourceError?:
    | ((source: string, error: string) => string)
    | undefined;
  /** Publishes that a finding has opened or closed. Default: nothing does. */
  readonly publish?:
    | (<T extends keyof FindingEvents>(
      topic: T,
      finding: FindingEvents[T],
    ) => void)
    | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** The findings about one service, until it is disposed. */
export class FindingsWatch implements State<Findings>, Disposable {
  readonly #init: FindingsInit;
  readonly #judge: Judge;
  readonly #requests: RequestReader;
  readonly #listeners = new Set<() => void>();
  /** Monotonic and unix time of the start. */
  readonly #start: number;
  #unix: number;
  readonly #frames: Disposable;
  readonly #cancel: Cancel;
  /** Labels of requests that come with frames, by series. */
  #series = new Map<SeriesId, RequestSeries>();
  #cells: Cells | undefined;
  /** The number of judgements that were due until now. */
  #judged = 0;
  #reported: string;

  constructor(init: FindingsInit) {
    this.#init = init;
    const { clock, history, registry, timers } = init;
    this.#judge = new Judge(init.causeOf);
    this.#requests = new RequestReader(registry, clock);
    this.#start = clock.mono();
    this.#unix = clock.unix();
    this.#reported = JSON.stringify(this.#judge.findings);
    this.#frames = history.follow((frame) => this.#take(frame), 10);
    this.#cancel = timers.every(FAILING_SLOT, () => this.#tick());
  }

  /** Returns all findings as of the last judgement. */
  now(): Findings {
    return this.#judge.findings;
  }

  follow(listener: () => void): Disposable {
    const own = () => listener();
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  [Symbol.dispose](): void {
    this.#cancel();
    this.#frames[Symbol.dispose]();
    this.#listeners.clear();
  }

  #tick(): void {
    // Timers run a bit early or late: the slot that ends next to now.
    const ended = Math.round(this.#passed() / FAILING_SLOT);
    if (ended % 2 === 1 || !this.#requests.isReading) {
      this.#requests.select(this.#init.history.role("requests")?.name);
    }
    this.#requests.read(Math.max(0, ended - 1), this.#judge.routes);
    const due = Math.floor(ended * FAILING_SLOT / PERIOD);
    if (due <= this.#judged) return;
    this.#judged = due;
    this.#decide(due * PERIOD);
  }

  /** Returns the seconds since the start. */
  #passed(): number {
    return this.#init.clock.mono() - this.#start;
  }

  #decide(now: number): void {
    const { clock, history, publish, sourceError } = this.#init;
    const slot = now / PERIOD - 1;
    this.#judge.observeSizes(slot, history.families.values());
    for (const { name, ok, error } of history.sources()) {
      const shown = ok ? undefined : sourceError?.(name, error) ?? error;
      this.#judge.observeSource(slot, name, shown);
    }
    const unix = clock.unix() - this.#passed();
    if (Math.abs(unix - this.#unix) > CLOCK_JUMP) this.#unix = unix;
    const { opened, closed } = this.#judge.judge(
      now,
      (time) => this.#unix + time,
    );
    for (const finding of opened) publish?.("finding.opened", finding);
    for (const finding of closed) publish?.("finding.closed", finding);
    const reported = JSON.stringify(this.#judge.findings);
    if (reported === this.#reported) return;
    this.#reported = reported;
    for (const listener of [...this.#listeners]) {
      callSafely(listener, undefined);
    }
  }

  /** Takes everything but requests from a frame of 10 seconds. */
  #take({ changes, gone }: Frame): void {
    const { history } = this.#init;
    const slot = Math.max(0, Math.round(this.#passed() / PERIOD) - 1);
    const grown = (name: string): number => {
      const family = history.family(name);
      const all = family && changes.get(family.id) || [];
      return all.reduce((sum, [, growth]) => sum + (growth ?? 0), 0);
    };
    for (const items of ITEMS) {
      const lost = grown(`barograph_${items}_lost_total`) +
        grown(`barograph_${items}_rejected_total`);
      const sent = lost + grown(`barograph_${items}_exported_total`);
      const ended = items === "spans" ? grown(SPANS_ENDED) : 0;
      const all = Math.max(sent, ended);
      if (all > 0) this.#judge.losses[items].observe(slot, all, lost);
    }
    const overflows = history.role("overflows");
    for (const [id, growth] of overflows && changes.get(overflows.id) || []) {
      const name = history.series(id)?.values[0];
      if (!name || typeof growth !== "number") continue;
      this.#judge.observeOverflow(slot, name, growth);
    }
    const loop = history.role("loopDelay");
    for (const change of loop && changes.get(loop.id) || []) {
      for (const [bucket, delays] of bucketsOf(change)) {
        const lower = lowerOf(loop!, bucket);
        this.#judge.observeLoop(slot, loop!.name, lower, delays);
      }
    }
    if (!this.#requests.isReading) this.#takeRequests(slot, changes);
    for (const id of gone) this.#series.delete(id);
  }

  /** Takes requests that are not stored as rows, such as those of a fleet. */
  #takeRequests(slot: number, changes: Frame["changes"]): void {
    const { history } = this.#init;
    const family = history.role("requests");
    for (const change of family && changes.get(family.id) || []) {
      const info = history.series(change[0]);
      if (info === undefined || change.length < 4) continue;
      let series = this.#series.get(info.id);
      if (series === undefined) {
        const labels = history.labels("requests");
        series = requestSeries(family!, labels, info.values);
        this.#series.set(info.id, series);
      }
      const cells = cellsOf(family!);
      // Bounds that are equal are one object: they name the cells of the past.
      if (!isDeepEqual(cells?.bounds, this.#cells?.bounds)) this.#cells = cells;
      const { name, isFailed } = series;
      const last = (slot + 1) * PERIOD / FAILING_SLOT - 1;
      this.#judge.routes.observe(last, name, this.#cells, {
        isFailed,
        buckets: bucketsOf(change),
      });
    }
  }
}

function isDeepEqual(
  a: readonly number[] | undefined,
  b: readonly number[] | undefined,
): boolean {
  return a?.length === b?.length && !a?.some((bound, at) => bound !== b![at]);
}

/** Returns the lower bound of a bucket, in seconds. */
function lowerOf({ bounds, native }: FamilyInfo, bucket: number): number {
  if (native) {
    return bucket === ZERO_BUCKET
      ? 0
      : 2 ** ((bucket - 1) / 2 ** NATIVE_SCHEMA);
  }
  return bounds?.[bucket - 1] ?? 0;
}
