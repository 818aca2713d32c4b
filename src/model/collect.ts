/**
 * One pass over the parts of a source.
 *
 * - A part that fails is rolled back as a whole; the other parts are unharmed.
 * - Parts that are not the library's own write through a `CheckingSink`.
 */
import { callSafely } from "../base/internal.ts";
import { CheckingSink } from "./checking_sink.ts";
import { collectUnchecked, factsOfPart, isTrusted, partsOf } from "./parts.ts";
import type { RevocableSink, Sink } from "./sink.ts";
import {
  observerOf,
  type ScrapeObserver,
  type ScrapeReport,
  type Source,
} from "./source.ts";

/**
 * Collects `part` into `sink`, with checks unless it is trusted.
 *
 * @throws The error of the part; undo what it wrote.
 */
export function collectInto(part: Source, sink: Sink): void {
  if (isTrusted(part)) return collectUnchecked(part, sink);
  const checking = new CheckingSink(sink, factsOfPart(part));
  try {
    collectUnchecked(part, checking);
  } finally {
    checking.close();
  }
  checking.throwFault();
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
    collectInto(part, sink);
  } catch (error) {
    sink.rollback();
    failPart(whole, part, error, observer);
  }
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
  if (!hasFailed(observerOf(whole)) && !hasFailed(observer)) throw error;
  reportFailure(whole, part, error, observer);
}

function hasFailed(observer: ScrapeObserver | undefined): boolean {
  return callSafely(() => observer?.failed, undefined) !== undefined;
}

/** Notifies the observer of `whole`, then `observer`, of a failed part. */
export function reportFailure(
  whole: Source,
  part: Source,
  error: unknown,
  observer: ScrapeObserver | undefined,
): void {
  for (const notified of [observerOf(whole), observer]) {
    callSafely(() => notified?.failed?.(part, error), undefined);
  }
}

/** Notifies the observer of `whole`, then `observer`, of a finished scrape. */
export function reportScrape(
  whole: Source,
  report: ScrapeReport,
  observer: ScrapeObserver | undefined,
): void {
  for (const notified of [observerOf(whole), observer]) {
    callSafely(() => notified?.scraped?.(report), undefined);
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
