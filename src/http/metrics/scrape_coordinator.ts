/**
 * Stages 2 and 3 of a scrape: coordinates the scrapes of one source and writes
 * their bodies.
 *
 * - Overlapping scrapes share their work: one refresh of each part for all, one
 *   body below 256 KiB for each format, coding and selection. A larger body is
 *   written for each scrape. A scrape that begins later collects the source
 *   again.
 * - At most `maxInFlight` scrapes run at the same time. A scrape waits for
 *   sources until its deadline, and for its reader up to `timeout` at a time.
 * - A body is written from a cache, in time slices: only changes cost time, and
 *   the event loop is never held for long. A body that is expected to be small is
 *   written as text, a larger one as pages.
 * - A body below 256 KiB is sent whole. A larger one is a stream, written as its
 *   reader pulls. Everything that is written in one turn of the event loop is
 *   consistent: usually the whole small body, at least each small family.
 * - Errors of sources and observers never escape.
 */
import type { Clock, Timers } from "../../base/mod.ts";
import { concatBytes } from "../../base/internal.ts";
import type { ExposeOptions, Page } from "../../encode/mod.ts";
import { type FormatCache, FormatCaches } from "../../encode/internal.ts";
import {
  Labels,
  type ScrapeObserver,
  type ScrapeReport,
  type Sink,
  type Source,
} from "../../model/mod.ts";
import {
  descFrom,
  nameOf,
  partsOf,
  reportFailure,
  reportScrape,
} from "../../model/internal.ts";
import { deflate } from "../../platform/internal.ts";
import { type Coding, compressed, compressor } from "./compression.ts";
import { GzipPages } from "./gzip_pages.ts";
import { Refreshes } from "./refreshes.ts";
import { responseStream } from "./response_stream.ts";
import { familyFilter, type ScrapeRequest } from "./scrape_request.ts";
import {
  chained,
  mapped,
  type ScrapeCost,
  TimeSlicedReader,
} from "./time_sliced.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The result of a scrape. */
export type Scrape =
  | {
    readonly state: "whole";
    readonly body: Bytes;
    readonly coding: Coding | undefined;
  }
  | {
    readonly state: "stream";
    readonly body: ReadableStream<Bytes>;
    readonly coding: Coding | undefined;
  }
  /** The source has parts, and none of them could be collected. */
  | { readonly state: "failed" }
  /** Too many other scrapes are in progress. */
  | { readonly state: "refused" };

/** The result of a scrape that has a body. */
type WrittenScrape = Extract<Scrape, { readonly state: "whole" | "stream" }>;

/** Options of a coordinator, all of them required. */
export interface CoordinatorOptions {
  /** Seconds that a reader may pause. */
  readonly timeout: number;
  /** The maximum number of scrapes in progress. */
  readonly maxInFlight: number;
  /** The maximum size of the cache, in bytes. */
  readonly keep: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly observer: ScrapeObserver | undefined;
}

/**
 * Below this size, in bytes, compression costs more than it saves. A cached page
 * that becomes a separate chunk is never smaller.
 */
const MIN_COMPRESSED = 1024;

/** From this size on, in bytes, a body is a stream. */
const MIN_STREAMED = 262_144;

/** Expected bytes of a number in a body that has not been written yet. */
const BYTES_PER_NUMBER = 100;

/** The least bytes of a number in a body: a source may have grown. */
const MIN_BYTES_PER_NUMBER = 30;

/** From this share of `MIN_STREAMED` on, large bodies stay pages. */
const STAY_PAGED = 0.75;

const ENCODER = new TextEncoder();

const MISSING = descFrom({
  name: "barograph_source_missing",
  type: "gauge",
  help: "Sources left out of this very exposition: they threw or were late.",
  labelNames: ["source"],
});

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
  readonly #caches: FormatCaches;
  readonly #gzip: GzipPages | undefined;
  #inFlight = 0;

  constructor(source: Source, options: CoordinatorOptions) {
    this.#source = source;
    this.#options = options;
    this.#clock = options.clock;
    this.#caches = new FormatCaches(options.keep, options.clock);
    const zip = deflate();
    if (zip !== undefined) this.#gzip = new GzipPages(zip);
  }

  /**
   * Joins the scrape in progress that answers `request` in time, or else starts
   * a new scrape. Never rejects.
   */
  async scrape(request: ScrapeRequest): Promise<Scrape> {
    const { format, coding, names, seconds } = request;
    const key = JSON.stringify([format.contentType, coding, names]);
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
      return await this.#collect(request, cost);
    } catch (error) {
      // Errors of parts are caught one by one; this one is the source's own: its
      // list of parts threw.
      this.#fail(this.#source, error);
      this.#end(cost, "failed");
      return { state: "failed" };
    }
  }

  async #collect(request: ScrapeRequest, cost: ScrapeCost): Promise<Scrape> {
    // Let scrape() register this scrape before any source runs: a source that
    // causes another scrape must join this one.
    await undefined;
    const { format, names, seconds } = request;
    const only = names && familyFilter(names, format);
    let parts = [...partsOf(this.#source)];
    if (only !== undefined) {
      parts = parts.filter(({ descs }) => descs.some(only));
    }
    const total = parts.length;
    let isAsync = false;
    let numbers = 0;
    for (const { refresh, rows } of parts) {
      if (refresh !== undefined) isAsync = true;
      if (rows !== undefined) numbers += rows.length * rows.width;
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
    const last: Source = {
      descs: [MISSING],
      collect: (sink) => {
        if (missing.size > 0) writeMissing(missing, sink);
      },
    };
    const source = { descs: [], parts: [...parts, last], collect() {} };
    const options: ExposeOptions = {
      observer: { failed },
      ...(only && { only }),
    };
    const scrape = await this.#write(request, source, numbers, options, cost);
    if (scrape.state === "stream") return scrape; // it reports its end itself
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

  /** Writes a body whole, or begins a stream if it is large. */
  async #write(
    request: ScrapeRequest,
    source: Source,
    numbers: number,
    options: ExposeOptions,
    cost: ScrapeCost,
  ): Promise<WrittenScrape> {
    const { format, coding, names } = request;
    const { clock, timers, timeout } = this.#options;
    const cache = this.#caches.of(format);
    const gzip = coding === "gzip" ? this.#gzip : undefined;
    /** All chunks of a body that is too small to be compressed. */
    const small: Bytes[] = [];
    const plain = mapped(
      pagesOf(cache, source, numbers, options, gzip !== undefined),
      (pages) => {
        for (const { bytes } of pages) {
          cost.bytes += bytes.length;
          if (cost.bytes < MIN_COMPRESSED) small.push(bytes);
        }
        return pages;
      },
    );
    const written = gzip === undefined
      ? mapped(plain, (pages) => pages.map(({ bytes }) => bytes))
      : gzip.batches(plain);
    const reader = new TimeSlicedReader(clock, timers, cost);
    const first = await reader.readUpTo(MIN_STREAMED, written);
    if (cost.bytes >= MIN_STREAMED) {
      const all = chained(first, written);
      const stream = responseStream(
        () => reader.next(all),
        timeout,
        timers,
        (outcome) => {
          if (names === undefined) cache.size = cost.bytes;
          this.#end(cost, outcome);
        },
      );
      const body = coding === undefined || gzip !== undefined
        ? stream
        : stream.pipeThrough(compressor(coding));
      return { state: "stream", body, coding };
    }
    if (names === undefined) cache.size = cost.bytes;
    const isSmall = cost.bytes < MIN_COMPRESSED;
    const bytes = concatBytes(isSmall ? small : first.flat());
    const isPlain = coding === undefined || isSmall;
    const body = isPlain || gzip !== undefined
      ? bytes
      : await compressed(bytes, coding);
    return { state: "whole", body, coding: isPlain ? undefined : coding };
  }

  #fail(part: Source, error: unknown): void {
    reportFailure(this.#source, part, error, this.#options.observer);
  }

  /** Ends and reports a scrape. A refused one was never in flight. */
  #end(
    { start, blocked, bytes }: ScrapeCost,
    outcome: ScrapeReport["outcome"],
  ): void {
    if (outcome !== "refused") this.#inFlight--;
    const seconds = this.#clock.mono() - start;
    const report = { outcome, seconds, blocked, bytes };
    reportScrape(this.#source, report, this.#options.observer);
  }
}

/**
 * Returns the pages of a body. If it is expected to be small, they are written as
 * text: one page if it really is. Other pages come from the cache, borrowed or
 * for good.
 */
function pagesOf(
  cache: FormatCache,
  source: Source,
  numbers: number,
  options: ExposeOptions,
  isBorrowed: boolean,
): Iterable<readonly Page[]> {
  const { pages, texts, size } = cache;
  const isWhole = options.only === undefined;
  const expected = size === undefined || !isWhole
    ? numbers * BYTES_PER_NUMBER
    : Math.max(size, numbers * MIN_BYTES_PER_NUMBER);
  const limit = cache.isPaged ? STAY_PAGED * MIN_STREAMED : MIN_STREAMED;
  const isText = texts !== undefined && expected < limit;
  if (isWhole) cache.isPaged = !isText;
  if (isText) return encodedTexts(texts.texts(source, options));
  return isBorrowed
    ? pages.borrowed(source, options)
    : pages.published(source, options);
}

/** Yields text as one page up to `MIN_STREAMED` bytes, then as it comes. */
function* encodedTexts(
  batches: Iterable<readonly string[]>,
): Generator<readonly Page[], void> {
  let texts: string[] = [];
  let size = 0;
  for (const batch of batches) {
    for (const text of batch) {
      texts.push(text);
      size += text.length;
    }
    if (size < MIN_STREAMED) yield [];
    else {
      yield [encoded(texts)];
      texts = [];
    }
  }
  if (texts.length > 0) yield [encoded(texts)];
}

function encoded(texts: readonly string[]): Page {
  return { bytes: ENCODER.encode(texts.join("")), revision: 0 };
}

/** Writes one series for each source that is missing from the exposition. */
function writeMissing(names: ReadonlySet<string>, sink: Sink): void {
  if (!sink.family(MISSING)) return;
  for (const name of names) {
    sink.number(new Labels(MISSING.labelNames, [name]), 1, 0);
  }
}
