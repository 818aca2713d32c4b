/**
 * Stage 2 of a scrape: coordinates the scrapes of one source.
 *
 * - Overlapping scrapes share their work: one refresh of each part for all, one
 *   body below 256 KiB for each format, coding and selection. A larger body is
 *   written for each scrape. A scrape that begins later collects the source
 *   again.
 * - At most `maxInFlight` scrapes run at the same time. A scrape waits for
 *   sources until its deadline, and for its reader up to `timeout` at a time.
 * - Errors of sources and observers never escape.
 */
import type { Clock } from "../../base/mod.ts";
import type { ExposeOptions } from "../../encode/mod.ts";
import {
  Labels,
  type Rows,
  type ScrapeObserver,
  type ScrapeReport,
  type Sink,
  type Source,
} from "../../model/mod.ts";
import {
  canRefresh,
  descsOf,
  MISSING,
  nameOf,
  partsOf,
  reportFailure,
  reportScrape,
  rowsOf,
  trustSource,
} from "../../model/internal.ts";
import {
  type Body,
  BodyWriter,
  type BodyWriterOptions,
} from "./body_writer.ts";
import { Refreshes } from "./refreshes.ts";
import { familyFilter, type ScrapeRequest } from "./scrape_request.ts";
import type { ScrapeCost } from "./time_sliced.ts";

/** The result of a scrape. */
export type Scrape =
  | Body
  /** The source has parts, and none of them could be collected. */
  | { readonly state: "failed" }
  /** Too many other scrapes are in progress, or too many bodies being read. */
  | { readonly state: "refused" };

/** Options of a coordinator, all of them required. */
export interface CoordinatorOptions extends BodyWriterOptions {
  /** The maximum number of scrapes that collect or write. */
  readonly maxInFlight: number;
  readonly observer: ScrapeObserver | undefined;
}

/** A scrape in progress that others can join. */
interface Pending {
  /** The deadline of its sources, in seconds of the monotonic clock. */
  readonly deadline: number;
  readonly scrape: Promise<Scrape>;
}

/** Runs the scrapes of one source; overlapping ones share their work. */
export class ScrapeCoordinator {
  readonly #source: Source;
  readonly #options: CoordinatorOptions;
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();
  readonly #refreshes = new Refreshes();
  readonly #writer: BodyWriter;
  #inFlight = 0;

  constructor(source: Source, options: CoordinatorOptions) {
    this.#source = source;
    this.#options = options;
    this.#clock = options.clock;
    this.#writer = new BodyWriter(options);
  }

  /**
   * Joins the scrape in progress that answers `request` in time, or else starts
   * a new scrape. Never rejects.
   */
  async scrape(request: ScrapeRequest): Promise<Scrape> {
    const { format, coding, names, seconds } = request;
    const selection = names && JSON.stringify(names);
    const key = `${format.contentType}\n${coding}\n${selection}`;
    const deadline = this.#clock.mono() + seconds;
    const running = this.#pending.get(key);
    if (running !== undefined && running.deadline <= deadline) {
      const shared = await running.scrape;
      // A stream can be read only once, by the request that started it.
      return shared.state === "stream" ? this.#start(request) : shared;
    }
    const pending = { deadline, scrape: this.#start(request) };
    this.#pending.set(key, pending);
    const scrape = await pending.scrape;
    if (this.#pending.get(key) === pending) this.#pending.delete(key);
    return scrape;
  }

  async #start(request: ScrapeRequest): Promise<Scrape> {
    const cost = { start: this.#clock.mono(), blocked: 0, bytes: 0 };
    if (this.#inFlight >= this.#options.maxInFlight) {
      this.#end(cost, "refused");
      return { state: "refused" };
    }
    this.#inFlight++;
    try {
      // A stream is no longer in flight: how long it is read, its client decides.
      return await this.#collect(request, cost);
    } catch (error) {
      // Errors of parts are caught one by one; this one is the source's own: its
      // list of parts threw.
      this.#fail(this.#source, error);
      this.#end(cost, "failed");
      return { state: "failed" };
    } finally {
      this.#inFlight--;
    }
  }

  async #collect(request: ScrapeRequest, cost: ScrapeCost): Promise<Scrape> {
    // Let scrape() register this scrape before any source runs: a source that
    // causes another scrape must join this one.
    await undefined;
    const { format, names, seconds } = request;
    const only = names && familyFilter(names, format);
    let parts = partsOf(this.#source);
    if (only !== undefined) {
      parts = parts.filter((part) => descsOf(part).some(only));
    }
    const total = parts.length;
    let isAsync = false;
    let numbers = 0;
    for (const part of parts) {
      if (canRefresh(part)) isAsync = true;
      const rows = rowsOf(part);
      if (rows !== undefined) numbers += numbersOf(rows);
    }
    const missing = new Set<string>();
    let failures = 0;
    const failed = (part: Source, error: unknown): void => {
      failures++;
      missing.add(nameOf(part));
      this.#fail(part, error);
    };
    if (isAsync) {
      const late = await this.#refresh(parts, seconds);
      for (const [part, error] of late) failed(part, error);
      parts = parts.filter((part) => !late.has(part));
    }
    const last: Source = trustSource({
      descs: [MISSING],
      collect: (sink) => {
        if (missing.size > 0) writeMissing(missing, sink);
      },
    });
    const all = [...parts, last];
    const source = trustSource({ descs: [], parts: all, collect() {} });
    const options: ExposeOptions = {
      observer: { failed },
      ...(only && { only }),
    };
    const scrape = await this.#writer.write({
      request,
      source,
      numbers,
      options,
      cost,
      onEnd: (outcome) => this.#end(cost, outcome),
    });
    if (scrape.state === "stream") return scrape; // it reports its end itself
    if (scrape.state === "refused") {
      this.#end(cost, "refused");
      return scrape;
    }
    if (failures > 0 && failures >= total) {
      this.#end(cost, "failed");
      return { state: "failed" };
    }
    this.#end(cost, "served");
    return scrape;
  }

  /** Refreshes `parts` in `seconds`; returns those that failed or were late. */
  async #refresh(
    parts: readonly Source[],
    seconds: number,
  ): Promise<ReadonlyMap<Source, unknown>> {
    const late = new AbortController();
    // The timer holds the process, because it must fire even if nothing else
    // does; it is cancelled as soon as all sources have answered.
    const cancel = this.#options.timers.after(seconds, () => {
      const reason = `not ready within ${seconds} s`;
      late.abort(new DOMException(reason, "TimeoutError"));
    }, { holds: true });
    try {
      return await this.#refreshes.wait(parts, late.signal);
    } finally {
      cancel();
    }
  }

  #fail(part: Source, error: unknown): void {
    reportFailure(this.#source, part, error, this.#options.observer);
  }

  /** Reports the end of a scrape. */
  #end(
    { start, blocked, bytes }: ScrapeCost,
    outcome: ScrapeReport["outcome"],
  ): void {
    const seconds = this.#clock.mono() - start;
    const report = { outcome, seconds, blocked, bytes };
    reportScrape(this.#source, report, this.#options.observer);
  }
}

/** Returns how many numbers `rows` have; 0 if they throw, as collecting will. */
function numbersOf(rows: Rows): number {
  try {
    return rows.length * rows.width;
  } catch {
    return 0;
  }
}

/** Writes one series for each source that is missing from the exposition. */
function writeMissing(names: ReadonlySet<string>, sink: Sink): void {
  if (!sink.family(MISSING)) return;
  for (const name of names) {
    sink.number(new Labels(MISSING.labelNames, [name]), 1, 0);
  }
}
