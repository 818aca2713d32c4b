/**
 * The asynchronous step before a pass: refreshes all parts of a source in
 * parallel, under one deadline.
 */
import { untilAborted } from "../base/internal.ts";
import { reportFailure } from "./collect.ts";
import { canRefresh, partsOf } from "./parts.ts";
import type { ScrapeObserver, Source } from "./source.ts";

/**
 * Refreshes the parts of `source` and waits until all are done or `signal`
 * aborts, whichever is first. Never rejects: failures are reported to the
 * observers.
 *
 * @returns The parts that failed or were late. Leave them out of the pass: their
 *   values are out of date.
 */
export async function refreshParts(
  source: Source,
  signal: AbortSignal,
  observer?: ScrapeObserver,
): Promise<ReadonlySet<Source>> {
  const failed = new Set<Source>();
  const waiting = partsOf(source).map(async (part) => {
    if (!canRefresh(part)) return;
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
