/**
 * Stage 3 of a scrape: writes the body, from a cache and in time slices.
 *
 * - A body that is expected to be small is written as text, and encoded and
 *   compressed in one go. A larger one is written as pages: only changes cost
 *   time.
 * - A body that has less than 256 KiB as it is sent is sent whole. A larger one is
 *   a stream, written as its reader pulls.
 * - Everything that is written in one turn of the event loop is consistent:
 *   usually a whole small body, at least each small family.
 */
import type { Clock, Timers } from "../../base/mod.ts";
import { concatBytes } from "../../base/internal.ts";
import type { ExposeOptions, Page } from "../../encode/mod.ts";
import { type FormatCache, FormatCaches } from "../../encode/internal.ts";
import type { Source } from "../../model/mod.ts";
import { deflate } from "../../platform/internal.ts";
import { BodyReaders } from "./body_readers.ts";
import { type Coding, compressed, compressor } from "./compression.ts";
import { GzipPages } from "./gzip_pages.ts";
import { responseStream, type StreamOutcome } from "./response_stream.ts";
import type { ScrapeRequest } from "./scrape_request.ts";
import {
  chained,
  mapped,
  type ScrapeCost,
  TimeSlicedReader,
} from "./time_sliced.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A body, and its content coding if it has one. */
export type Body =
  | {
    readonly state: "whole";
    readonly body: Bytes;
    readonly coding: Coding | undefined;
  }
  | {
    readonly state: "stream";
    readonly body: ReadableStream<Bytes>;
    readonly coding: Coding | undefined;
  };

/** The outcome of writing: a body, or none if no other body can be streamed. */
export type Written = Body | { readonly state: "refused" };

/** Options of a writer, all of them required. */
export interface BodyWriterOptions {
  /** The maximum number of streams that are being read. */
  readonly maxReaders: number;
  /** Seconds that a reader may pause. */
  readonly timeout: number;
  /** The maximum size of the cache, in bytes. */
  readonly keep: number;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** The body to write. */
export interface BodyRequest {
  readonly request: ScrapeRequest;
  readonly source: Source;
  /** The numbers in the rows of `source`. */
  readonly numbers: number;
  readonly options: ExposeOptions;
  /** The cost of the scrape, which the writer adds to. */
  readonly cost: ScrapeCost;
  /** Called when a stream has ended. */
  readonly onEnd: (outcome: StreamOutcome) => void;
}

/**
 * Below this size, in bytes, compression costs more than it saves: such a body
 * fits into one packet of Ethernet anyway. A cached page that becomes a separate
 * chunk is never smaller.
 */
const MIN_COMPRESSED = 1400;

/**
 * From this size on, in bytes, a body is a stream, and is written as pages. The
 * size is that of the bytes which are sent.
 */
const MIN_STREAMED = 262_144;

/** Characters of a page of text that is not cached. */
const MAX_PAGE = 65_536;

/** Expected bytes of a number in a body that has not been written yet. */
const BYTES_PER_NUMBER = 100;

/** The least bytes of a number in a body: a source may have grown. */
const MIN_BYTES_PER_NUMBER = 30;

/** From this share of `MIN_STREAMED` on, large bodies stay pages. */
const STAY_PAGED = 0.75;

const ENCODER = new TextEncoder();

/** Writes the bodies of one source. */
export class BodyWriter {
  readonly #options: BodyWriterOptions;
  readonly #caches: FormatCaches;
  readonly #gzip: GzipPages | undefined;
  readonly #readers: BodyReaders;

  constructor(options: BodyWriterOptions) {
    this.#options = options;
    this.#readers = new BodyReaders(options.maxReaders);
    this.#caches = new FormatCaches(options.keep, options.clock);
    const zip = deflate();
    if (zip !== undefined) this.#gzip = new GzipPages(zip);
  }

  /** Writes a body whole, or begins a stream if it is large. */
  async write(body: BodyRequest): Promise<Written> {
    const { request, source, options, cost } = body;
    const cache = this.#caches.of(request.format);
    const { clock, timers } = this.#options;
    const reader = new TimeSlicedReader(clock, timers, cost);
    if (isText(cache, body)) return await this.#writeText(body, cache, reader);
    const pages = request.coding === "gzip" && this.#gzip !== undefined
      ? cache.pages.borrowed(source, options)
      : cache.pages.published(source, options);
    return await this.#writePages(body, cache, reader, pages);
  }

  async #writeText(
    body: BodyRequest,
    cache: FormatCache,
    reader: TimeSlicedReader,
  ): Promise<Written> {
    const { source, options, request: { coding, names }, cost } = body;
    const batches = cache.texts!.texts(source, options);
    const texts: string[] = [];
    let size = 0;
    await reader.readSmall(batches, (batch) => {
      for (const text of batch) {
        texts.push(text);
        size += text.length;
      }
      return size < MIN_STREAMED;
    });
    if (size >= MIN_STREAMED) { // the source has grown, or its labels are long
      const pages = pagesOf(chained([texts], batches));
      return await this.#writePages(body, cache, reader, pages);
    }
    await reader.restIfDue();
    const plain = reader.run(() => encoded(texts));
    if (plain.length >= MIN_STREAMED) { // more bytes than characters
      const pages = [[{ bytes: plain, revision: 0 }]];
      return await this.#writePages(body, cache, reader, pages);
    }
    cost.bytes = plain.length;
    if (names === undefined) cache.size = plain.length;
    if (coding === undefined || plain.length < MIN_COMPRESSED) {
      return { state: "whole", body: plain, coding: undefined };
    }
    await reader.restIfDue();
    const whole = await reader.run(() => compressed(plain, coding));
    return { state: "whole", body: whole, coding };
  }

  async #writePages(
    { request, cost, onEnd }: BodyRequest,
    cache: FormatCache,
    reader: TimeSlicedReader,
    pages: Iterable<readonly Page[]>,
  ): Promise<Written> {
    const { coding, names } = request;
    const { timers, timeout } = this.#options;
    const gzip = coding === "gzip" ? this.#gzip : undefined;
    /** All chunks of a body that is too small to be compressed. */
    const small: Bytes[] = [];
    const counted = mapped(pages, (pages) => {
      for (const { bytes } of pages) {
        cost.bytes += bytes.length;
        if (cost.bytes < MIN_COMPRESSED) small.push(bytes);
      }
      return pages;
    });
    const written = gzip === undefined
      ? mapped(counted, (pages) => pages.map(({ bytes }) => bytes))
      : gzip.batches(counted);
    const first: Bytes[] = [];
    let size = 0;
    await reader.read(written, (chunks) => {
      for (const chunk of chunks) {
        first.push(chunk);
        size += chunk.length;
      }
      return size < MIN_STREAMED;
    });
    if (size >= MIN_STREAMED) {
      const readers = this.#readers;
      if (!readers.makeRoom()) return { state: "refused" };
      const all = chained([first], written);
      const stream = responseStream({
        next: () => reader.next(all),
        timeout,
        timers,
        readers,
        onEnd: (outcome) => {
          if (names === undefined) cache.size = cost.bytes;
          onEnd(outcome);
        },
      });
      const body = coding === undefined || gzip !== undefined
        ? stream
        : stream.pipeThrough(compressor(coding));
      return { state: "stream", body, coding };
    }
    if (names === undefined) cache.size = cost.bytes;
    const isSmall = cost.bytes < MIN_COMPRESSED;
    const bytes = concatBytes(isSmall ? small : first);
    if (coding === undefined || isSmall) {
      return { state: "whole", body: bytes, coding: undefined };
    }
    if (gzip !== undefined) return { state: "whole", body: bytes, coding };
    await reader.restIfDue();
    const whole = await reader.run(() => compressed(bytes, coding));
    return { state: "whole", body: whole, coding };
  }
}

/**
 * Decides whether a body is written as text. A selection of families is written
 * as the last exposition of all families was, once there was one.
 */
function isText(
  cache: FormatCache,
  { numbers, options }: BodyRequest,
): boolean {
  const { texts, size } = cache;
  if (texts === undefined) return false;
  const isWhole = options.only === undefined;
  if (!isWhole && size !== undefined) return !cache.isPaged;
  const expected = size === undefined
    ? numbers * BYTES_PER_NUMBER
    : Math.max(size, numbers * MIN_BYTES_PER_NUMBER);
  const limit = cache.isPaged ? STAY_PAGED * MIN_STREAMED : MIN_STREAMED;
  const isText = expected < limit;
  if (isWhole) cache.isPaged = !isText;
  return isText;
}

/** Returns texts as pages of some `MAX_PAGE` characters, one in each batch. */
function* pagesOf(
  batches: Iterable<readonly string[]>,
): Generator<readonly Page[], void> {
  for (const batch of batches) {
    let texts: string[] = [];
    let size = 0;
    for (const text of batch) {
      texts.push(text);
      size += text.length;
      if (size < MAX_PAGE) continue;
      yield [{ bytes: encoded(texts), revision: 0 }];
      texts = [];
      size = 0;
    }
    yield texts.length > 0 ? [{ bytes: encoded(texts), revision: 0 }] : [];
  }
}

function encoded(texts: readonly string[]): Bytes {
  return ENCODER.encode(texts.join(""));
}
