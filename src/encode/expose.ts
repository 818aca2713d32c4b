/** A source to the bytes of one exposition, at once or chunk by chunk. */
import { ByteWriter } from "../base/mod.ts";
import {
  type FamilyDesc,
  FilterSink,
  type ScrapeObserver,
  type Source,
} from "../model/mod.ts";
import { collectPart, partsOf } from "../model/internal.ts";
import type { Format } from "./format.ts";

/** A chunk of a stream is sent once it has so many bytes. */
const CHUNK = 16_384;

/** What can be said of one exposition. */
export interface ExposeOptions {
  /** Parts to leave out, such as those that `refreshParts` returned. */
  readonly except?: ReadonlySet<Source>;
  /** Which families to write; all of them unless given. */
  readonly only?: (desc: FamilyDesc) => boolean;
  /** Notified of each part that failed, after the registry's own counters. */
  readonly observer?: ScrapeObserver | undefined;
  /** How many bytes to make room for; a guess that saves copying. */
  readonly sizeHint?: number;
}

/**
 * Writes all of `source` in one synchronous pass, hence one consistent cut.
 *
 * A part that throws is left out whole; see `ExposeOptions.observer`.
 *
 * @throws What a part threw, if neither the source nor the options observe failures.
 */
export function expose(
  source: Source,
  format: Format,
  options: ExposeOptions = {},
): Uint8Array<ArrayBuffer> {
  const [whole] = exposeChunks(source, format, { ...options, chunk: Infinity });
  return whole ?? new Uint8Array(0);
}

/**
 * Writes `source` chunk by chunk, as they are asked for: each holds whole
 * families, at least one, and no more than make up `chunk` bytes, 16 KiB unless
 * given. Each family is of one moment, two of them may not be.
 *
 * Memory is one chunk; what is not asked for is not written.
 */
export function* exposeChunks(
  source: Source,
  format: Format,
  options: ExposeOptions & { readonly chunk?: number } = {},
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
    encoder.mark(); // before it, nothing is open any more
    yield out.take();
  }
  encoder.end();
  if (out.length > 0) yield out.take();
}

/**
 * Writes `source` as its reader pulls; see `exposeChunks`. Cancelling the
 * stream ends it.
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
