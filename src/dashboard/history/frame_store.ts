/**
 * The frames of all families, bounded by bytes.
 *
 * When it is full, it is shortened in this order: the slow tier of families that
 * have not changed for ten minutes, then of others by rising rank; the fast tier
 * in the same order; last the families that are always kept. No chunk is dropped
 * by its age alone.
 */
import type { KnownFamily, KnownSeries } from "../sampling/known_series.ts";
import type { SeriesBook } from "../sampling/series_book.ts";
import { FamilyLog, FAST_SPAN, SLOW_SPAN } from "./family_log.ts";
import type { Account } from "./tier.ts";

/** Bytes of a family without its series and frames, measured on V8. */
const FAMILY_BYTES = 2400;

/** The share of the limit to which it is shortened: less would be due soon again. */
const LOW_WATER = 0.98;

/** Seconds without a change after which a family is shortened first. */
const IDLE = 600;

/** Factor of `recent` in ten seconds: half of it is gone after ten minutes. */
const DECAY = 0.9885;

/** The logs of all families. */
export class FrameStore {
  readonly logs = new Map<KnownFamily, FamilyLog>();
  readonly max: number;
  readonly #book: SeriesBook;
  readonly #account: Account = { bytes: 0 };

  /** `max` is in bytes; it includes the series of `book`. */
  constructor(max: number, book: SeriesBook) {
    this.max = max;
    this.#book = book;
  }

  /** Bytes of everything that is kept. */
  get bytes(): number {
    const { families, bytes } = this.#book;
    return this.#account.bytes + bytes + FAMILY_BYTES * families.size;
  }

  /** Returns the log of a family, and creates it if necessary. */
  logOf(family: KnownFamily): FamilyLog {
    let log = this.logs.get(family);
    if (log === undefined) {
      log = new FamilyLog(
        family,
        this.#account,
        (id) => this.#book.series.get(id),
      );
      this.logs.set(family, log);
    }
    return log;
  }

  /** Drops what is too old, and families that are gone. */
  age(tick: number): void {
    for (const log of this.logs.values()) {
      log.recent *= DECAY;
      log.fast.expire(tick - FAST_SPAN);
      log.slow.expire(tick - SLOW_SPAN);
    }
    if (this.#book.isCrowded) this.#forgetEarly();
    if (tick % 60 !== 0) return;
    for (const series of this.#book.series.values()) {
      if (series.goneAt <= tick - SLOW_SPAN) this.#book.forget(series);
    }
    this.#forgetFamilies();
  }

  /** Makes room for new series: forgets those that were removed first. */
  #forgetEarly(): void {
    const gone = this.#gone().sort((a, b) => a.goneAt - b.goneAt);
    for (const series of gone) {
      if (!this.#book.isCrowded) return;
      this.#book.forget(series);
    }
  }

  /** Returns the series that were removed; no reader has them. */
  #gone(): KnownSeries[] {
    return [...this.#book.series.values()]
      .filter(({ goneAt }) => goneAt < Infinity);
  }

  #forgetFamilies(): void {
    for (const family of this.#book.families.values()) {
      if (!this.#book.forgetFamily(family)) continue;
      const log = this.logs.get(family);
      log?.fast.clear();
      log?.slow.clear();
      this.logs.delete(family);
    }
  }

  /**
   * Makes `bytes` fit into the limit. Calls `demote` for each family that loses
   * its fast tier, before it does.
   */
  shorten(tick: number, demote: (log: FamilyLog) => void): void {
    if (this.bytes <= this.max) return;
    const limit = LOW_WATER * this.max;
    const isFull = () => this.bytes > limit;
    const all = [...this.logs.values()].sort((a, b) =>
      rankOf(a, tick) - rankOf(b, tick)
    );
    const kept = all.filter(({ family }) => family.isKept);
    const others = all.filter((log) => !kept.includes(log));
    for (const logs of [others, kept]) {
      cutSlow(logs.filter(({ changedAt }) => changedAt <= tick - IDLE), isFull);
      cutSlow(logs, isFull);
      for (const log of logs) {
        if (!isFull()) return;
        if (log.fast.length === 0) continue;
        demote(log);
        log.fast.clear();
      }
    }
    for (const { slow } of all) while (isFull() && slow.cutOldest());
    if (!isFull()) return;
    // Families that are gone take the room, and no frame mentions them.
    for (const series of this.#gone()) this.#book.forget(series);
    this.#forgetFamilies();
  }

  /** Sentences that say what is missing; empty if nothing is. */
  shortened(tick: number): string {
    const logs = [...this.logs.values()];
    const since = tick - SLOW_SPAN;
    const cut = logs.filter(({ slow }) => slow.cut > since);
    const slow = logs.filter(({ family }) => family.isDemoted);
    const sentences: string[] = [];
    if (cut.length > 0) {
      const newest = Math.max(...cut.map(({ slow }) => slow.cut));
      sentences.push(
        `10 s tier ${Math.floor((tick - newest) / 60)} min of 60 for ` +
          `${cut.length} of ${logs.length} families.`,
      );
    }
    if (slow.length > 0) {
      sentences.push(
        `No 1 s tier for ${slow.length} of ${logs.length} families.`,
      );
    }
    const { size } = this.#book;
    let skipped = 0;
    for (const family of this.#book.families.values()) {
      skipped += family.skipped;
    }
    if (skipped > 0) {
      sentences.push(`Sampling ${size} of ${size + skipped} series.`);
    }
    return sentences.join(" ");
  }
}

/**
 * Cuts the oldest chunk of each log in turn, except the newest one, until there is
 * room: all become shorter alike, the first ones first.
 */
function cutSlow(logs: readonly FamilyLog[], isFull: () => boolean): void {
  for (let hasCut = true; hasCut;) {
    hasCut = false;
    for (const { slow } of logs) {
      if (!isFull()) return;
      if (slow.length > 1) hasCut = slow.cutOldest();
    }
  }
}

/** Exemplars lead to traces; then what is looked at; then what changes. */
function rankOf(log: FamilyLog, tick: number): number {
  const { family, recent, askedAt } = log;
  const wasAsked = askedAt > tick - IDLE;
  return (family.hasExemplars ? 2e9 : 0) + (wasAsked ? 1e9 : 0) +
    Math.min(recent, 9e8);
}
