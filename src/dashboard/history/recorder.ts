/**
 * Reads a registry by the clock, writes the changes into the log, and passes
 * them on as frames.
 *
 * - Every ten seconds all sources are read. While a page is open, and five
 *   minutes longer, rows are read each second; ten of these frames are then
 *   merged into one of the slow tier.
 * - The first pass is cut into steps, which hold the event loop only briefly.
 */
import type { Cancel, Clock, Timers } from "../../base/mod.ts";
import { callSafely } from "../../base/internal.ts";
import type { Source } from "../../model/mod.ts";
import type { Change, FamilyId, FrameGap } from "../protocol.ts";
import type { KnownFamily } from "../sampling/known_series.ts";
import { type Pass, Reading } from "../sampling/reading.ts";
import { Sampler } from "../sampling/sampler.ts";
import { type News, noNews, SeriesBook } from "../sampling/series_book.ts";
import { Catalog } from "./catalog.ts";
import { type FamilyLog, SLOW_SPAN } from "./family_log.ts";
import { FrameStore } from "./frame_store.ts";
import type { Frame, FrameListener } from "./kept_history.ts";
import { isAlwaysKept } from "./roles.ts";
import { floor10, Ticks } from "./ticks.ts";

/** Seconds for which the fast tier continues after the last page was closed. */
const LINGER = 300;

/** Seconds for which a step of the first pass may hold the event loop. */
const STEP = 0.004;

/** Missing seconds from which on the process counts as having slept. */
const ASLEEP = 10;

/**
 * The shares of the limit that series may take, frames not included: those of any
 * family, and those of families that are always kept.
 */
const SERIES_SHARE = 0.6;
const KEPT_SHARE = 0.8;

/** Seconds over which the cost is measured. */
const COST_WINDOW = 60;

/** Time without frames, in ticks. */
interface TickGap {
  readonly from: number;
  readonly to: number;
  readonly why: FrameGap["why"];
}

type Changes = Map<FamilyId, readonly Change[]>;

/** Followers of one kind of frames, and the news for their next frame. */
interface Followers {
  readonly listeners: Set<FrameListener>;
  readonly news: News;
  /** Number of the frame before. */
  seq: number;
}

/** Writes the history of one registry. */
export class Recorder implements Disposable {
  readonly book: SeriesBook;
  readonly catalog: Catalog;
  readonly store: FrameStore;
  readonly sampler: Sampler;
  /** Tick of the newest frame, and of the first one; 0: none yet. */
  seq = 0;
  first = 0;
  /** The slow tier has everything up to this tick. */
  mergedAt = 0;
  isFast = false;
  /** The fast tier has everything after this tick, if it is on. */
  fastFrom = 0;
  gaps: TickGap[] = [];
  /** Share of a core that sampling takes; null if it is not known yet. */
  cost: number | null = null;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #ticks: Ticks;
  readonly #fast: Followers = { listeners: new Set(), news: noNews(), seq: 0 };
  readonly #slow: Followers = { listeners: new Set(), news: noNews(), seq: 0 };
  /** Changes of families that have lost their fast tier, for slow followers. */
  #early: Changes = new Map();
  #lookers = 0;
  #fastUntil = 0;
  #busy = 0;
  #busySince: number;
  #cancel: Cancel = () => {};
  #isClosed = false;

  /** `max` is in bytes. */
  constructor(source: Source, clock: Clock, timers: Timers, max: number) {
    this.#clock = clock;
    this.#timers = timers;
    this.book = new SeriesBook(
      SERIES_SHARE * max,
      (family) => {
        family.isKept = isAlwaysKept(family.desc.name);
        this.catalog.enter(family);
      },
      KEPT_SHARE * max,
    );
    this.catalog = new Catalog(this.book);
    this.book.follow(this.#fast.news);
    this.book.follow(this.#slow.news);
    this.store = new FrameStore(max, this.book);
    this.sampler = new Sampler(source, this.book, clock, timers);
    this.#ticks = new Ticks(clock.unix());
    this.#busySince = clock.mono();
    const steps = this.#first();
    this.#cancel = timers.after(
      0,
      () => callSafely((steps) => this.#begin(steps), steps),
    );
  }

  /** Returns the end of a frame in unix seconds. */
  time(tick: number): number {
    return this.#ticks.time(tick);
  }

  look(): Disposable {
    this.#lookers++;
    this.#turnOn();
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        this.#lookers--;
        this.#fastUntil = this.#clock.mono() + LINGER;
      },
    };
  }

  follow(listener: FrameListener, step: 1 | 10): Disposable {
    const { listeners } = step === 1 ? this.#fast : this.#slow;
    const own: FrameListener = (frame) => listener(frame);
    listeners.add(own);
    return { [Symbol.dispose]: () => void listeners.delete(own) };
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#cancel();
    this.sampler.close();
    this.#fast.listeners.clear();
    this.#slow.listeners.clear();
  }

  #pass(tick: number, isFull: boolean): Pass {
    const unix = this.#clock.unix();
    return { reading: new Reading(), tick, unix, isFull };
  }

  /** Does steps of the first pass, and the next ones in the next turn. */
  #begin(steps: Iterator<void>): void {
    if (this.#isClosed) return;
    const start = this.#clock.mono();
    let isDone = false;
    do {
      isDone = steps.next().done === true;
    } while (!isDone && this.#clock.mono() - start < STEP);
    if (isDone) return this.#schedule();
    const turn = this.#timers.turn ??
      ((work: () => void) => void this.#timers.after(0, work));
    turn(() => callSafely((steps) => this.#begin(steps), steps));
  }

  /** Reads and writes everything for the first time, in steps. */
  *#first(): Generator<void, void> {
    const pass = this.#pass(this.#ticks.last, true);
    yield* this.sampler.first(pass);
    this.#ticks.advance(this.#clock.unix());
    const tick = this.#ticks.last;
    const changes: Changes = new Map();
    for (const [family, list] of pass.reading.changes) {
      changes.set(family.id, this.#writeOne(family, tick, list));
      yield;
    }
    this.seq = this.first = this.mergedAt = tick;
    this.#shorten(tick);
    this.#publish(this.#fast, tick, changes, null);
    this.#publish(this.#slow, tick, changes, null);
    if (this.#lookers > 0) this.#turnOn();
  }

  #turnOn(): void {
    if (this.isFast || this.seq === 0) return;
    this.isFast = true;
    this.fastFrom = this.seq;
    for (const series of this.book.series.values()) series.fast = series.slow;
    this.#schedule();
  }

  #turnOff(): void {
    this.isFast = false;
    for (const { family, fast } of this.store.logs.values()) {
      fast.clear();
      if (!family.isDemoted) continue;
      family.isDemoted = family.isSlow = false;
      this.book.changed(family);
    }
  }

  /** Waits for the next second in which there is something to do. */
  #schedule(): void {
    if (this.#isClosed) return;
    this.#cancel();
    const unix = this.#clock.unix();
    let next = this.#ticks.at(unix) + 1;
    if (!this.isFast) {
      const full = floor10(next - 1) + 10;
      next = this.sampler.canRefresh && next < full ? full - 1 : full;
    }
    const seconds = this.time(next) - unix;
    this.#cancel = this.#timers.after(seconds, () => {
      const start = this.#clock.mono();
      callSafely(() => this.#tick(), undefined);
      this.#note(start);
      this.#schedule();
    });
  }

  #tick(): void {
    if (!this.#ticks.advance(this.#clock.unix())) return;
    const tick = this.#ticks.last;
    if (this.isFast || floor10(tick) > this.mergedAt) this.#read(tick);
    if (tick % 10 === 9) this.sampler.refresh();
  }

  #read(tick: number): void {
    const full = floor10(tick);
    const isFull = full > this.mergedAt;
    const gap = this.#gapBefore(tick);
    const merged: Changes = this.#early;
    const isLate = tick > full;
    if (this.isFast && isFull && isLate) this.#merge(full, merged);
    const pass = this.#pass(tick, isFull);
    this.sampler.read(pass);
    if (!this.isFast) {
      this.seq = this.mergedAt = full;
      const changes = this.#writeSlow(pass, full);
      this.#finish(full);
      this.#publish(this.#fast, full, changes, gap);
      this.#publish(this.#slow, full, changes, gap);
      return;
    }
    this.seq = tick;
    const slow = this.#writeSlow(pass, isFull ? full : tick);
    const changes: Changes = new Map(slow);
    for (const [family, list] of pass.reading.changes) {
      if (family.isSlow) continue;
      this.store.logOf(family).append("fast", tick, list);
      changes.set(family.id, list);
    }
    for (const [id, list] of slow) append(merged, id, list);
    if (isFull && !isLate) this.#merge(full, merged);
    if (isFull) this.mergedAt = full;
    this.#finish(tick);
    this.#publish(this.#fast, tick, changes, gap);
    if (!isFull) return;
    this.#early = new Map();
    this.#publish(this.#slow, full, merged, gap);
    const isOver = this.#clock.mono() >= this.#fastUntil;
    if (this.#lookers === 0 && isOver) this.#turnOff();
  }

  /** Writes what is read only every ten seconds; without a fast tier, all. */
  #writeSlow(pass: Pass, tick: number): Changes {
    const written: Changes = new Map();
    for (const [family, list] of pass.reading.changes) {
      if (this.isFast && !family.isSlow) continue;
      written.set(family.id, this.#writeOne(family, tick, list));
    }
    return written;
  }

  #writeOne(
    family: KnownFamily,
    tick: number,
    changes: readonly Change[],
  ): readonly Change[] {
    const log = this.store.logOf(family);
    const whole = log.whole(changes);
    log.append("slow", tick, whole);
    return whole;
  }

  /** Merges the frames of the fast tier into one of the slow tier. */
  #merge(tick: number, into: Changes): void {
    for (const log of this.store.logs.values()) {
      if (log.fast.hasUnmerged) this.#mergeOne(log, tick, into);
    }
  }

  #mergeOne(log: FamilyLog, tick: number, into: Changes): void {
    const changes = log.merged(this.mergedAt);
    log.fast.mark();
    log.append("slow", tick, changes);
    append(into, log.family.id, changes);
  }

  #finish(tick: number): void {
    if (tick % 10 === 0 || !this.isFast) {
      this.store.age(tick);
      this.gaps = this.gaps.filter(({ to }) => to > tick - SLOW_SPAN);
    }
    this.#shorten(tick);
  }

  #shorten(tick: number): void {
    this.store.shorten(tick, (log) => {
      if (log.fast.hasUnmerged) this.#mergeOne(log, tick, this.#early);
      log.family.isSlow = log.family.isDemoted = true;
      this.book.changed(log.family);
    });
  }

  /** Returns the time before a frame that was not sampled; null if none. */
  #gapBefore(tick: number): FrameGap | null {
    const step = this.isFast ? 1 : 10;
    const to = this.isFast ? tick - 1 : floor10(tick) - step;
    if (to - this.seq < ASLEEP) return null;
    const gap = { from: this.seq, to, why: "asleep" } as const;
    this.gaps.push(gap);
    return this.labelled(gap);
  }

  /** Returns a gap in unix seconds. */
  labelled({ from, to, why }: TickGap): FrameGap {
    return { from: this.time(from), to: this.time(to), why };
  }

  #publish(
    followers: Followers,
    seq: number,
    changes: Changes,
    gap: FrameGap | null,
  ): void {
    const { listeners, news } = followers;
    if (listeners.size > 0) {
      const frame: Frame = {
        seq,
        t: this.time(seq),
        step: followers.seq === 0 ? 10 : seq - followers.seq,
        changes,
        names: this.catalog.namesOf(news),
        gone: [...news.gone].map(({ id }) => id),
        gap,
      };
      for (const listener of [...listeners]) callSafely(listener, frame);
    }
    followers.seq = seq;
    news.families.clear();
    news.series.clear();
    news.gone.clear();
  }

  #note(start: number): void {
    const now = this.#clock.mono();
    this.#busy += now - start;
    const seconds = now - this.#busySince;
    if (seconds < COST_WINDOW / 6) return;
    this.cost = this.#busy / seconds;
    if (seconds < COST_WINDOW) return;
    this.#busy = 0;
    this.#busySince = now;
  }
}

function append(
  into: Changes,
  id: FamilyId,
  changes: readonly Change[],
): void {
  const before = into.get(id);
  into.set(id, before === undefined ? changes : [...before, ...changes]);
}
