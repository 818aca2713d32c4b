/** Turns a source into the bytes of one exposition, whole or chunk by chunk. */
import { ByteWriter } from "../base/mod.ts";
import {
  fn,
  type OptionSchema,
  readOptions,
  rule,
  type SchemaOf,
  withMethods,
} from "../base/internal.ts";
import {
  type FamilyDesc,
  FilterSink,
  type ScrapeObserver,
  type Source,
} from "../model/mod.ts";
import {
  collectPart,
  descsOf,
  partsOf,
  SCRAPE_OBSERVER,
} from "../model/internal.ts";
import type { Format } from "./format.ts";

/** Bytes from which on a chunk is handed on. */
const CHUNK = 16_384;

/** Options of one exposition. */
export interface ExposeOptions {
  /** Parts to leave out, such as those whose refresh failed. Default: none. */
  readonly except?: ReadonlySet<Source> | undefined;
  /** Selects the families to write. Default: all. */
  readonly only?: ((desc: FamilyDesc) => boolean) | undefined;
  /** Notified of each part that failed, after the source's own observer. */
  readonly observer?: ScrapeObserver | undefined;
  /** The expected size in bytes; a good guess saves copies. Default: 16 KiB. */
  readonly sizeHint?: number | undefined;
}

/** Options of `exposeChunks`. */
export interface ExposeChunksOptions extends ExposeOptions {
  /** The bytes from which on a chunk is handed on. Default: 16 KiB. */
  readonly chunk?: number | undefined;
}

/** Returns `options`, checked; a function, so that bundles can drop it. */
export function checkedOptions(
  options: ExposeOptions,
  more: OptionSchema = {},
): ExposeChunksOptions {
  const schema = {
    except: withMethods<ReadonlySet<Source>>(
      ["has"],
      "a set of sources, such as new Set([source])",
    ),
    only: fn<(desc: FamilyDesc) => boolean>("({ name }) => true"),
    observer: SCRAPE_OBSERVER,
    sizeHint: BYTES,
  } satisfies SchemaOf<ExposeOptions>;
  return readOptions("Cannot expose", { ...schema, ...more }, options);
}

const BYTES = /* @__PURE__ */ rule<number>(
  (value) => typeof value === "number" && value >= 1,
  "a number of bytes, such as 16384",
);

/**
 * Returns the exposition of `source`, written in one synchronous pass: one
 * consistent cut.
 *
 * A part that throws is left out as a whole and reported to the observer.
 *
 * @throws The error of a part if neither the source nor the caller observes
 *   failures.
 * @throws {TypeError | RangeError} If an option is wrong or does not exist.
 */
export function expose(
  source: Source,
  format: Format,
  options: ExposeOptions = {},
): Uint8Array<ArrayBuffer> {
  const whole = { ...checkedOptions(options), chunk: Infinity };
  const [body] = writeChunks(source, format, whole);
  return body ?? new Uint8Array(0);
}

/**
 * Writes `source` chunk by chunk, on demand. A chunk holds whole families and
 * ends with the family in which it reaches `chunk` bytes (default: 16 KiB). The
 * series of a family are read at the same moment, different families at
 * different moments.
 *
 * Memory: one chunk.
 *
 * @throws {TypeError | RangeError} If an option is wrong or does not exist.
 */
export function exposeChunks(
  source: Source,
  format: Format,
  options: ExposeChunksOptions = {},
): Generator<Uint8Array<ArrayBuffer>, void> {
  return writeChunks(source, format, checkedOptions(options, { chunk: BYTES }));
}

/** Like `exposeChunks`, for callers that have checked their options. */
export function* writeChunks(
  source: Source,
  format: Format,
  { chunk = CHUNK, sizeHint = CHUNK, except, only, observer }:
    ExposeChunksOptions,
): Generator<Uint8Array<ArrayBuffer>, void> {
  const out = new ByteWriter(sizeHint);
  const encoder = format.encoder(out);
  const sink = only === undefined ? encoder : new FilterSink(encoder, only);
  for (const part of partsOf(source)) {
    if (except?.has(part)) continue;
    if (only !== undefined && !descsOf(part).some(only)) continue;
    collectPart(source, part, sink, observer);
    if (out.length < chunk) continue;
    encoder.mark(); // everything before it is closed
    yield out.take();
  }
  encoder.end();
  if (out.length > 0) yield out.take();
}

/**
 * Returns a stream that writes `source` as its reader pulls; see `exposeChunks`.
 * Cancelling the stream ends the exposition.
 *
 * @throws {TypeError | RangeError} If an option is wrong or does not exist.
 */
export function exposeStream(
  source: Source,
  format: Format,
  options: ExposeOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = writeChunks(source, format, checkedOptions(options));
  return new ReadableStream({
    pull(controller): void {
      const { value, done } = chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  }, { highWaterMark: 0 });
}
