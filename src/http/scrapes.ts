/**
 * The scrapes of one source that are under way.
 *
 * - What overlaps is shared: one refresh of each part for all, one body for
 *   each format, coding and selection. What begins later is collected anew.
 * - What was written is kept, so that the next scrape writes what has changed.
 * - It never holds the event loop for long: after a fraction of a millisecond
 *   it gives way.
 * - A body of up to 256 KiB is sent in one piece. What is larger is a stream,
 *   written as its reader pulls. What is written between two turns of the event
 *   loop is of one moment; as a rule that is the whole, or a whole family.
 * - There are never more than so many at once, and none waits for ever: for its
 *   sources until its deadline, for its reader as long as the handler grants.
 * - Nothing that a source or a listener throws gets out.
 */
import type { Clock } from "../base/mod.ts";
import { concatBytes } from "../base/internal.ts";
import type { Format, Piece } from "../encode/mod.ts";
import type { ScrapeObserver, ScrapeReport, Source } from "../model/mod.ts";
import {
  nameOf,
  needsRefresh,
  partsOf,
  reportFailure,
  reportScrape,
} from "../model/internal.ts";
import { deflate } from "../platform/internal.ts";
import type { Coding } from "./accept_encoding.ts";
import { compressed, compressor } from "./compression.ts";
import { GzipPages } from "./gzip_pages.ts";
import { KeptFormats } from "./kept_formats.ts";
import { missingSources } from "./missing.ts";
import { patientStream } from "./patient_stream.ts";
import { Refreshes } from "./refreshes.ts";
import { familyFilter } from "./scrape_wish.ts";

/** What a scraper wants. */
export interface Wish {
  readonly format: Format;
  readonly coding: Coding | undefined;
  /** Names of families; all of them unless given. */
  readonly names: readonly string[] | undefined;
  /** How long sources are waited for. */
  readonly seconds: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What became of a scrape. */
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
  /** There are parts, and not one of them could be collected. */
  | { readonly state: "failed" }
  /** Too many others are under way. */
  | { readonly state: "refused" };

/**
 * Below this size compression costs more than it saves; and no page of a family
 * is handed on as it is, so that what is lent is larger.
 */
const LEAST_COMPRESSED = 1024;

/** From this size on a body is a stream. */
const LEAST_STREAMED = 262_144;

/**
 * Seconds for which the event loop is held at a time, but for one batch, in the
 * first second of a scrape; twice as long in the next one, and so on, so that
 * even the largest ones come to an end.
 */
const SLICE = 0.00015;

/**
 * Milliseconds of rest in between: enough for what has come meanwhile. Without
 * a timer, Deno would look for that in every 61st turn only.
 */
const REST = 1;

interface Pending {
  /** On the monotonic clock: when its sources are no longer waited for. */
  readonly until: number;
  readonly scrape: Promise<Scrape>;
}

/** What bounds the scrapes of a source. */
export interface ScrapeLimits {
  /** Seconds that a reader has to read on. */
  readonly patience: number;
  /** How many may be under way. */
  readonly most: number;
  /** How many bytes may be kept between them. */
  readonly keep: number;
}

/** Takes scrapes, and shares those that overlap. */
export class Scrapes {
  readonly #source: Source;
  readonly #limits: ScrapeLimits;
  readonly #clock: Clock;
  readonly #observer: ScrapeObserver | undefined;
  readonly #pending = new Map<string, Pending>();
  readonly #refreshes = new Refreshes();
  readonly #kept: KeptFormats;
  readonly #gzip: GzipPages | undefined;
  #underWay = 0;
  #sizeHint = 16_384;

  constructor(
    source: Source,
    limits: ScrapeLimits,
    clock: Clock,
    observer: ScrapeObserver | undefined,
  ) {
    this.#source = source;
    this.#limits = limits;
    this.#clock = clock;
    this.#observer = observer;
    this.#kept = new KeptFormats(limits.keep, clock);
    const zip = deflate();
    if (zip !== undefined) this.#gzip = new GzipPages(zip);
  }

  /** The scrape that is under way, if it ends in time, or else a new one. */
  async take(wish: Wish): Promise<Scrape> {
    const { format, coding, names, seconds } = wish;
    const key = JSON.stringify([format.contentType, coding, names]);
    const until = this.#clock.mono() + seconds;
    const known = this.#pending.get(key);
    if (known !== undefined && known.until <= until) {
      const shared = await known.scrape;
      // A stream is read once: it is for the one who began it.
      return shared.state === "stream" ? this.#begin(wish) : shared;
    }
    const scrape = this.#begin(wish);
    const pending = { until, scrape };
    this.#pending.set(key, pending);
    const begun = await scrape; // never rejects
    if (this.#pending.get(key) === pending) this.#pending.delete(key);
    return begun;
  }

  async #begin(wish: Wish): Promise<Scrape> {
    const work = new Work(this.#clock);
    if (this.#underWay >= this.#limits.most) {
      this.#report(work.report("refused"));
      return { state: "refused" };
    }
    this.#underWay++;
    const end = (outcome: ScrapeReport["outcome"]): void => {
      this.#underWay--;
      this.#report(work.report(outcome));
    };
    try {
      return await this.#taken(wish, work, end);
    } catch (error) {
      // Not a part of it, those are taken one by one: its list of parts.
      this.#reportFailure(this.#source, error);
      end("failed");
      return { state: "failed" };
    }
  }

  async #taken(
    wish: Wish,
    work: Work,
    end: (outcome: ScrapeReport["outcome"]) => void,
  ): Promise<Scrape> {
    const { format, coding, names } = wish;
    const only = names && familyFilter(names, format);
    const parts = [...partsOf(this.#source)].filter((part) =>
      only === undefined || part.descs.some(only)
    );
    const missing = new Set<string>();
    let failures = 0;
    const fail = (part: Source, error: unknown): void => {
      failures++;
      missing.add(nameOf(part));
      this.#reportFailure(part, error);
    };
    const late = await this.#refresh(parts, wish.seconds);
    for (const [part, error] of late) fail(part, error);
    const fresh = parts.filter((part) => !late.has(part));
    const source: Source = {
      descs: [],
      parts: [...fresh, missingSources(missing)],
      collect() {},
    };
    const options = {
      sizeHint: this.#sizeHint,
      observer: { failed: fail },
      ...(only && { only }),
    };
    const kept = this.#kept.of(format);
    const pages = coding === "gzip" ? this.#gzip : undefined;
    const batches = pages === undefined
      ? work.counted(kept.batches(source, options), (bytes) => bytes)
      : pages.batches(work.counted(kept.lent(source, options), bytesOf));
    const first = await work.first(batches);
    const { size } = work;
    if (size >= LEAST_STREAMED) {
      const all = chained(first, batches);
      const { patience } = this.#limits;
      const stream = patientStream(() => work.next(all), patience, end);
      const body = coding === undefined || pages !== undefined
        ? stream
        : stream.pipeThrough(compressor(coding));
      return { state: "stream", body, coding };
    }
    // Room for one more digit on many lines, rather than a second buffer.
    if (only === undefined) this.#sizeHint = size * 1.1 + 1024 | 0;
    if (failures > 0 && failures >= parts.length) {
      end("failed");
      return { state: "failed" };
    }
    const isPlain = coding === undefined || size < LEAST_COMPRESSED;
    const isSqueezed = pages !== undefined;
    const made = concatBytes(isPlain && isSqueezed ? work.small : first.flat());
    const body = isPlain || isSqueezed ? made : await compressed(made, coding);
    end("served");
    return { state: "whole", body, coding: isPlain ? undefined : coding };
  }

  async #refresh(
    parts: readonly Source[],
    seconds: number,
  ): Promise<ReadonlyMap<Source, unknown>> {
    if (!needsRefresh(this.#source)) return new Map();
    const late = new AbortController();
    // Not unref'd: it must fire where nothing else keeps the process alive,
    // and it is gone as soon as the sources have answered.
    const timer = setTimeout(() => {
      const reason = `not ready within ${seconds} s`;
      late.abort(new DOMException(reason, "TimeoutError"));
    }, seconds * 1000);
    try {
      return await this.#refreshes.wait(parts, late.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  #reportFailure(part: Source, error: unknown): void {
    reportFailure(this.#source, part, error, this.#observer);
  }

  #report(report: ScrapeReport): void {
    reportScrape(this.#source, report, this.#observer);
  }
}

type Batches = Generator<readonly Bytes[], void>;

function bytesOf({ bytes }: Piece): Bytes {
  return bytes;
}

/** Takes batches as fast as others allow, and knows what it costs. */
class Work {
  /** Bytes that were written, before compression. */
  size = 0;
  /** All of them, as long as they are too few to be compressed. */
  readonly small: Bytes[] = [];
  readonly #clock: Clock;
  readonly #from: number;
  /** Seconds of work since it last gave way. */
  #busy = 0;
  #blocked = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#from = clock.mono();
  }

  /** The same batches, counted. */
  *counted<Piece>(
    batches: Generator<readonly Piece[], void>,
    bytesOf: (piece: Piece) => Bytes,
  ): Generator<readonly Piece[], void> {
    for (const batch of batches) {
      for (const piece of batch) {
        const bytes = bytesOf(piece);
        this.size += bytes.length;
        if (this.size < LEAST_COMPRESSED) this.small.push(bytes);
      }
      yield batch;
    }
  }

  /** All batches, or as many as tell that the body will be a stream. */
  async first(batches: Batches): Promise<(readonly Bytes[])[]> {
    const found: (readonly Bytes[])[] = [];
    while (this.size < LEAST_STREAMED) {
      const batch = await this.next(batches);
      if (batch === undefined) break;
      found.push(batch);
    }
    return found;
  }

  /** The next batch with anything in it; undefined after the last one. */
  async next(batches: Batches): Promise<readonly Bytes[] | undefined> {
    for (;;) {
      const now = this.#clock.mono();
      if (this.#busy >= SLICE * Math.max(1, now - this.#from)) {
        await new Promise((resolve) => setTimeout(resolve, REST));
        this.#busy = 0;
        continue;
      }
      const { value, done } = batches.next();
      this.#busy += this.#clock.mono() - now;
      this.#blocked = Math.max(this.#blocked, this.#busy);
      if (done) return undefined;
      if (value !== undefined && value.length > 0) return value;
    }
  }

  report(outcome: ScrapeReport["outcome"]): ScrapeReport {
    const seconds = this.#clock.mono() - this.#from;
    return { outcome, seconds, blocked: this.#blocked, bytes: this.size };
  }
}

function* chained(
  first: readonly (readonly Bytes[])[],
  rest: Batches,
): Batches {
  yield* first;
  yield* rest;
}
