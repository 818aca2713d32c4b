/** Scrapes that went wrong, as events. */
import type { Bus } from "../bus/mod.ts";
import type { FamilyDesc, ScrapeReport, Sink, Source } from "../model/mod.ts";
import { nameOf, refreshParts } from "../model/internal.ts";
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
 * The same source, telling `bus` of what goes wrong when it is scraped. Hand it
 * to `metricsHandler` in the place of the source.
 */
export function publishScrapes(
  source: Source,
  bus: Bus<ScrapeEvents>,
): Source {
  return {
    get descs(): readonly FamilyDesc[] {
      return source.descs;
    },
    get parts(): Iterable<Source> {
      return source.parts ?? [source];
    },
    async refresh(signal: AbortSignal): Promise<void> {
      await refreshParts(source, signal);
    },
    collect: (sink: Sink) => source.collect(sink),
    failed(part: Source, error: unknown): void {
      source.failed?.(part, error);
      const words = errorMessage(error) || errorType(error);
      bus.publish("source.failed", {
        source: nameOf(part),
        error: words.slice(0, MOST_WORDS).toWellFormed(),
      });
    },
    scraped(report: ScrapeReport): void {
      source.scraped?.(report);
      const { outcome, seconds } = report;
      if (outcome === "served") return;
      bus.publish("scrape.failed", { outcome, durationMs: seconds * 1000 });
    },
  };
}
