/**
 * Sources, and one pass over their parts.
 *
 * - `collect` is synchronous, so one pass is one consistent cut.
 * - Everything that waits happens before it, in `refresh`.
 * - A part that fails is rolled back as a whole; the other parts are unharmed.
 */
import {
  ignoreRejection,
  type OptionRule,
  withMethods,
} from "../base/internal.ts";
import type { FamilyDesc } from "./desc.ts";
import type { Rows } from "./rows.ts";
import type { RevocableSink, Sink } from "./sink.ts";

/** A source of measurements: a registry or a collector. */
export interface Source {
  /** The families that it can write; fixed once it is added to a registry. */
  readonly descs: readonly FamilyDesc[];
  /**
   * Its parts in the order of exposition. Each part is collected separately and
   * can fail separately. Default: the source is its only part.
   */
  readonly parts?: Iterable<Source>;
  /** The rows of its only family, if the family is stored as rows of numbers. */
  readonly rows?: Rows | undefined;
  /**
   * The only asynchronous step, called before `collect`, for example to read
   * files. The caller waits for it until `signal` aborts.
   */
  refresh?(signal: AbortSignal): Promise<void>;
  /**
   * Writes the current state into `sink`, synchronously. A source whose `collect`
   * returns a promise fails: asynchronous work belongs in `refresh`.
   */
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
  /** The longest time for which it blocked the event loop, in seconds. */
  readonly blocked: number;
  /** Size of the exposition in bytes, before compression. */
  readonly bytes: number;
}

/**
 * Observes failed parts and finished scrapes. Errors that its methods throw, and
 * rejections of promises that they return, are ignored.
 */
export interface ScrapeObserver {
  /** Called when a part was left out: its refresh or its collection failed. */
  failed?(part: Source, error: unknown): void;
  /** Called when a scrape has ended, whatever its outcome. */
  scraped?(report: ScrapeReport): void;
}

/** The rule of an option that is an observer; its methods are optional. */
export const SCRAPE_OBSERVER: OptionRule<ScrapeObserver | undefined> =
  /* @__PURE__ */ withMethods<ScrapeObserver | undefined>(
    ["failed", "scraped"],
    "an object, such as { failed: (part, error) => {} }",
    undefined,
    true,
  );

/**
 * The property in which a source carries its own observer; a registry counts its
 * failures there. The symbol is global, because a registry and a handler can
 * come from two copies of this module.
 */
export const OBSERVER: unique symbol = Symbol.for("barograph.observer.1");

/** A source that carries its own observer. */
export interface ObservedSource extends Source {
  /** Notified before the observer of the caller. */
  readonly [OBSERVER]: ScrapeObserver;
}

/** Returns the observer that `source` carries; undefined if it has none. */
export function observerOf(source: Source): ScrapeObserver | undefined {
  return (source as Partial<ObservedSource>)[OBSERVER];
}

/** Returns the parts of `source`; a source without parts is its only part. */
export function partsOf(source: Source): Iterable<Source> {
  return source.parts ?? [source];
}

/** Returns the name by which a part is reported: the name of its first family. */
export function nameOf(part: Source): string {
  return part.descs[0]?.name ?? "unnamed";
}

/**
 * Collects one part of `whole` into `sink`. A part that throws is rolled back and
 * reported to the observer of `whole` and to `observer`.
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
    const result: unknown = part.collect(sink);
    if (result !== undefined) refusePromise(part, result);
  } catch (error) {
    sink.rollback();
    failPart(whole, part, error, observer);
  }
}

/** Throws if `part.collect` returned a promise, whose rejection is ignored. */
function refusePromise(part: Source, result: unknown): void {
  if (!ignoreRejection(result)) return;
  throw new TypeError(
    `Cannot collect "${nameOf(part)}": collect must be synchronous; ` +
      "do asynchronous work in refresh()",
  );
}

/**
 * Reports that `part` could not be collected to both observers.
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

/** Notifies the observer of `whole`, then `observer`, of a failed part. */
export function reportFailure(
  whole: Source,
  part: Source,
  error: unknown,
  observer: ScrapeObserver | undefined,
): void {
  for (const notified of [observerOf(whole), observer]) {
    try {
      const result: unknown = notified?.failed?.(part, error);
      if (result !== undefined) ignoreRejection(result);
    } catch {
      // An observer must not fail the pass, and nobody is left to be notified.
    }
  }
}

/** Notifies the observer of `whole`, then `observer`, of a finished scrape. */
export function reportScrape(
  whole: Source,
  report: ScrapeReport,
  observer: ScrapeObserver | undefined,
): void {
  for (const notified of [observerOf(whole), observer]) {
    try {
      const result: unknown = notified?.scraped?.(report);
      if (result !== undefined) ignoreRejection(result);
    } catch {
      // An observer must not fail the scrape.
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
