/** Publishes failed scrapes as events. */
import type { Bus } from "../bus/mod.ts";
import type { ScrapeObserver, ScrapeReport, Source } from "../model/mod.ts";
import { nameOf } from "../model/internal.ts";
import { cutText, errorMessage, errorType } from "../base/internal.ts";

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
        source: cutText(nameOf(part)),
        error: message.toWellFormed(),
      });
    },
    scraped({ outcome, seconds }: ScrapeReport): void {
      if (outcome === "served") return;
      bus.publish("scrape.failed", { outcome, durationMs: seconds * 1000 });
    },
  };
}
