/** The source of a push: checked, refreshed and collected. */
import type { Timers } from "../base/mod.ts";
import type { ScrapeObserver, Source } from "../model/mod.ts";
import { collectPart, partsOf, refreshParts } from "../model/internal.ts";
import type { Pass } from "./push_target.ts";

/**
 * Checks the first argument of a factory.
 *
 * @throws {TypeError} If it is not a source.
 */
export function checkSource(
  action: string,
  source: Source,
  example: string,
): void {
  if (typeof (source as Partial<Source> | null)?.collect === "function") return;
  throw new TypeError(
    `${action}: the first argument must be a registry or another source; ` +
      `try ${example}`,
  );
}

/**
 * Refreshes the parts of `source` for at most `seconds`, or until `refresh` is
 * aborted. Returns those that failed or were late. Never rejects.
 */
export async function refreshWithin(
  source: Source,
  seconds: number,
  timers: Timers,
  refresh: AbortController,
  observer: ScrapeObserver,
): Promise<ReadonlySet<Source>> {
  const cancel = timers.after(seconds, () => {
    const text = `refreshing takes longer than ${seconds} seconds`;
    refresh.abort(new DOMException(text, "TimeoutError"));
  });
  const absent = await refreshParts(source, refresh.signal, observer);
  cancel();
  return absent;
}

/**
 * Returns a pass over the parts of `source` without those in `absent`. Parts
 * that fail are reported to `observer`.
 */
export function passOver(
  source: Source,
  absent: ReadonlySet<Source>,
  time: number,
  observer: ScrapeObserver,
): Pass {
  return {
    time,
    collect(sink) {
      let isWhole = absent.size === 0;
      const notified: ScrapeObserver = {
        failed(part, error) {
          isWhole = false;
          observer.failed?.(part, error);
        },
      };
      for (const part of partsOf(source)) {
        if (!absent.has(part)) collectPart(source, part, sink, notified);
      }
      return isWhole;
    },
  };
}
