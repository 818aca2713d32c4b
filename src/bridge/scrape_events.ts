/** Scrapes that went wrong, as events. */
import type { Bus } from "../bus/mod.ts";
import type { ScrapeObserver, ScrapeReport, Source } from "../model/mod.ts";
import { nameOf } from "../model/internal.ts";
import { errorMessage, errorType } from "../trace/internal.ts";

/** The topics that tell of scrapes. */
export interface ScrapeEvents {
  /** A source was left out of a scrape: it threw, or was late. */
  "source.failed": { readonly source: string; readonly error: string };
  /** A scrape did not come to its end. */
  "scrape.failed": {
    readonly outcome: Exclude<ScrapeReport["outcome"], "served">;
    readonly durationMs: number;
  };
}

/** Of an error, in UTF-16 units: as much as a span holds of one. */
const MOST_WORDS = 4096;

/**
 * Returns an observer that publishes failures as events, for the option
 * `observer` of `metricsHandler`. Scrapes that were served are no events.
 */
export function publishScrapes(bus: Bus<ScrapeEvents>): ScrapeObserver {
  return {
    failed(part: Source, error: unknown): void {
      const words = errorMessage(error) || errorType(error);
      bus.publish("source.failed", {
        source: nameOf(part),
        error: words.slice(0, MOST_WORDS).toWellFormed(),
      });
    },
    scraped({ outcome, seconds }: ScrapeReport): void {
      if (outcome === "served") return;
      bus.publish("scrape.failed", { outcome, durationMs: seconds * 1000 });
    },
  };
}
