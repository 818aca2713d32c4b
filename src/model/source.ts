/**
 * Sources, and one pass over their parts.
 *
 * - `collect` is synchronous, so one pass is one consistent cut.
 * - Everything that waits happens before it, in `refresh`.
 * - A part that fails is rolled back as a whole; the other parts are unharmed.
 */
import type { FamilyDesc } from "./desc.ts";
import type { Rows } from "./rows.ts";
import type { RevocableSink, Sink } from "./sink.ts";

/** Something that measures: a registry, or a collector. */
export interface Source {
  /** The families that it may write; known when it is registered. */
  readonly descs: readonly FamilyDesc[];
  /**
   * Its parts in the order of exposition. Each one is collected separately, and
   * fails separately. Default: the source is its only part.
   */
  readonly parts?: Iterable<Source>;
  /** The rows of its only family, if that is stored as rows of numbers. */
  readonly rows?: Rows | undefined;
  /**
   * The only asynchronous step, called before `collect`: ask workers, read
   * files. The caller waits for it until `signal` aborts.
   */
  refresh?(signal: AbortSignal): Promise<void>;
  /** Writes the current state into `sink`, synchronously. */
  collect(sink: Sink): void;
}

/** The outcome and the cost of one scrape. */
export interface ScrapeReport {
  /**
   * `served`: the last byte was handed over. `abandoned`: the client went away,
   * or did not read on in time. `failed`: every part failed. `refused`: too many
   * scrapes were in flight.
   */
  readonly outcome: "served" | "abandoned" | "failed" | "refused";
  /** Seconds from the request until the last byte was handed over. */
  readonly seconds: number;
  /** The longest time, in seconds, during which it blocked the event loop. */
  readonly blocked: number;
  /** Size of the exposition in bytes, before compression. */
  readonly bytes: number;
}

/**
 * Is notified of failures and of finished scrapes. Whatever a method throws is
 * ignored.
 */
export interface ScrapeObserver {
  /** A part could not be refreshed or collected, and was left out. */
  failed?(part: Source, error: unknown): void;
  /** A scrape has ended. */
  scraped?(report: ScrapeReport): void;
}

/**
 * The property in which a source carries its own observer, as a registry
 * does to count its failures. One symbol per process, because a registry and a
 * handler may come from two copies of this module.
 */
export const OBSERVER: unique symbol = Symbol.for("barograph.observer.1");

/** A source that observes its own scrapes. */
export interface ObservedSource extends Source {
  /** Notified before the observer of the caller. */
  readonly [OBSERVER]: ScrapeObserver;
}

/** Returns the observer that `source` carries, if it carries one. */
export function observerOf(source: Source): ScrapeObserver | undefined {
  return (source as Partial<ObservedSource>)[OBSERVER];
}

/** Returns the parts of `source`; a source without parts is its only part. */
export function partsOf(source: Source): Iterable<Source> {
  return source.parts ?? [source];
}

/** Returns the name used when reporting a part: that of its first family. */
export function nameOf(part: Source): string {
  return part.descs[0]?.name ?? "unnamed";
}

/**
 * Collects one part of `whole` into `sink`, and rolls back a part that throws.
 *
 * The observer of `whole` and `observer` are notified.
 *
 * @throws The error of the part if neither of them has `failed`, so that no
 *   failure goes unnoticed.
 */
export function collectPart(
  whole: Source,
  part: Source,
  sink: RevocableSink,
  observer?: ScrapeObserver,
): void {
  sink.mark();
  try {
    part.collect(sink);
  } catch (error) {
    sink.rollback();
    failPart(whole, part, error, observer);
  }
}

/**
 * Reports that `part` could not be collected.
 *
 * @throws `error` if neither the observer of `whole` nor `observer` has
 *   `failed`.
 */
export function failPart(
  whole: Source,
  part: Source,
  error: unknown,
  observer: ScrapeObserver | undefined,
): void {
  const isObserved = observerOf(whole)?.failed !== undefined ||
    observer?.failed !== undefined;
  if (!isObserved) throw error;
  reportFailure(whole, part, error, observer);
}

/** Notifies the observer of `whole`, then `observer`, of a part that failed. */
export function reportFailure(
  whole: Source,
  part: Source,
  error: unknown,
  observer: ScrapeObserver | undefined,
): void {
  for (const one of [observerOf(whole), observer]) {
    try {
      one?.failed?.(part, error);
    } catch {
      // An observer cannot spoil the pass, and nobody is left to be notified.
    }
  }
}

/** Notifies the observer of `whole`, then `observer`, of a finished scrape. */
export function reportScrape(
  whole: Source,
  report: ScrapeReport,
  observer: ScrapeObserver | undefined,
): void {
  for (const one of [observerOf(whole), observer]) {
    try {
      one?.scraped?.(report);
    } catch {
      // As above.
    }
  }
}

/** Collects all parts of `source` into `sink`; see `collectPart`. */
export function collectParts(
  source: Source,
  sink: RevocableSink,
  observer?: ScrapeObserver,
): void {
  for (const part of partsOf(source)) {
    collectPart(source, part, sink, observer);
  }
}
