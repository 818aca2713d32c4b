/** Publishes failed scrapes as events. */
import type { Bus } from "../bus/mod.ts";
import type { ScrapeObserver, ScrapeReport, Source } from "../model/mod.ts";
import { nameOf } from "../model/internal.ts";
import { errorMessage, errorType } from "../base/internal.ts";

/** Topics and data of the events about scrapes. */
export interface ScrapeEvents {
  /** A source threw or timed out, and is missing from the scrape. */
  "source.failed": { readonly source: string; readonly error: string };
  /** A scrape was not completed. */
  "scrape.failed": {
    readonly outcome: Exclude<ScrapeReport["outcome"], "served">;
    readonly durationMs: number;
  };
}

/** Maximum length of a message in UTF-16 units, like the default of spans. */
const MAX_MESSAGE_LENGTH = 4096;

/**
 * Returns an observer that publishes failed scrapes and sources as events. Pass
 * it as the option `observer` of `metricsHandler`. Served scrapes are not
 * published.
 */
export function publishScrapes(bus: Bus<ScrapeEvents>): ScrapeObserver {
  return {
    failed(part: Source, error: unknown): void {
      const message = errorMessage(error) || errorType(error);
      bus.publish("source.failed", {
        source: nameOf(part),
        error: message.slice(0, MAX_MESSAGE_LENGTH).toWellFormed(),
      });
    },
    scraped({ outcome, seconds }: ScrapeReport): void {
      if (outcome === "served") return;
      bus.publish("scrape.failed", { outcome, durationMs: seconds * 1000 });
    },
  };
}
