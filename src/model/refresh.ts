/**
 * The asynchronous step before a pass: all sources at once, under one
 * deadline. Who fails or is late is left out, and heard of.
 */
import { untilAborted } from "../base/internal.ts";
import {
  partsOf,
  reportFailure,
  type ScrapeObserver,
  type Source,
} from "./source.ts";

/**
 * Refreshes the parts of `source` and waits until all have answered or
 * `signal` aborts, whichever is first; it never rejects.
 *
 * @returns The parts that failed or were late: leave them out of the pass,
 *   what they would say is not of this moment.
 */
export async function refreshParts(
  source: Source,
  signal: AbortSignal,
  observer?: ScrapeObserver,
): Promise<ReadonlySet<Source>> {
  const failed = new Set<Source>();
  const waiting = [...partsOf(source)].map(async (part) => {
    try {
      const work = part.refresh?.(signal);
      if (work !== undefined) await untilAborted(work, signal);
    } catch (error) {
      failed.add(part);
      reportFailure(source, part, error, observer);
    }
  });
  await Promise.all(waiting);
  return failed;
}

/** Whether any part of `source` has something to refresh. */
export function needsRefresh(source: Source): boolean {
  for (const part of partsOf(source)) {
    if (part.refresh !== undefined) return true;
  }
  return false;
}
