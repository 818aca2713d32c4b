/** Turns a source into the bytes of one exposition, whole or chunk by chunk. */
import { ByteWriter } from "../base/mod.ts";
import {
  type FamilyDesc,
  FilterSink,
  type ScrapeObserver,
  type Source,
} from "../model/mod.ts";
import { collectPart, partsOf } from "../model/internal.ts";
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

/**
 * Returns the exposition of `source`, written in one synchronous pass: one
 * consistent cut.
 *
 * A part that throws is left out as a whole and reported to the observer.
 *
 * @throws The error of a part if neither the source nor the caller observes
 *   failures.
 */
export function expose(
  source: Source,
  format: Format,
  options: ExposeOptions = {},
): Uint8Array<ArrayBuffer> {
  const [body] = exposeChunks(source, format, { ...options, chunk: Infinity });
  return body ?? new Uint8Array(0);
}

/**
 * Writes `source` chunk by chunk, on demand. A chunk holds whole families and
 * ends with the family in which it reaches `chunk` bytes (default: 16 KiB). The
 * series of a family are read at the same moment, different families at
 * different moments.
 *
 * Memory: one chunk.
 */
export function* exposeChunks(
  source: Source,
  format: Format,
  options: ExposeOptions & { readonly chunk?: number | undefined } = {},
): Generator<Uint8Array<ArrayBuffer>, void> {
  const { chunk = CHUNK, sizeHint = CHUNK, except, only, observer } = options;
  const out = new ByteWriter(sizeHint);
  const encoder = format.encoder(out);
  const sink = only === undefined ? encoder : new FilterSink(encoder, only);
  for (const part of [...partsOf(source)]) {
    if (except?.has(part)) continue;
    if (only !== undefined && !part.descs.some(only)) continue;
    collectPart(source, part, sink, observer);
    if (out.length < chunk) continue;
    encoder.mark(); // nothing before it is open any more
    yield out.take();
  }
  encoder.end();
  if (out.length > 0) yield out.take();
}

/**
 * Returns a stream that writes `source` as its reader pulls; see `exposeChunks`.
 * Cancelling the stream ends the exposition.
 */
export function exposeStream(
  source: Source,
  format: Format,
  options: ExposeOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = exposeChunks(source, format, options);
  return new ReadableStream({
    pull(controller): void {
      const { value, done } = chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  }, { highWaterMark: 0 });
}
