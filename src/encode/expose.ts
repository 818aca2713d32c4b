/** A source to the bytes of one exposition, at once or family by family. */
import { ByteWriter } from "../base/mod.ts";
import {
  collectPart,
  type FailureListener,
  partsOf,
  type Source,
} from "../model/mod.ts";
import type { Format } from "./format.ts";

/** A chunk of a stream is sent once it has so many bytes. */
const CHUNK = 16_384;

/** What can be said of one exposition. */
export interface ExposeOptions {
  /** Parts to leave out, such as those that `refreshParts` returned. */
  readonly except?: ReadonlySet<Source>;
  /** Told of each part that failed; `source.failed` is told as well. */
  readonly onFailure?: FailureListener;
  /** How many bytes to make room for; a guess that saves copying. */
  readonly sizeHint?: number;
}

/**
 * Writes all of `source` in one synchronous pass, hence one consistent cut.
 *
 * A part that throws is left out whole; see `ExposeOptions.onFailure`.
 *
 * @throws What a part threw, if neither the source nor the options listen.
 */
export function expose(
  source: Source,
  format: Format,
  options: ExposeOptions = {},
): Uint8Array<ArrayBuffer> {
  const { sizeHint = CHUNK, except, onFailure } = options;
  const out = new ByteWriter(sizeHint);
  const encoder = format.encoder(out);
  for (const part of partsOf(source)) {
    if (except?.has(part)) continue;
    collectPart(source, part, encoder, onFailure);
  }
  encoder.end();
  return out.take();
}

/**
 * Writes `source` as its reader pulls: a chunk holds whole families, at least
 * one, and no more than make up 16 KiB. Each family is of one moment, two of
 * them may not be.
 *
 * Memory is one chunk; what a reader does not pull is not written. Cancelling
 * the stream ends it.
 */
export function exposeStream(
  source: Source,
  format: Format,
  options: ExposeOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const out = new ByteWriter(CHUNK);
  const encoder = format.encoder(out);
  const parts = [...partsOf(source)].values();
  return new ReadableStream({
    pull(controller): void {
      while (out.length < CHUNK) {
        const { value: part, done } = parts.next();
        if (done) {
          encoder.end();
          if (out.length > 0) controller.enqueue(out.take());
          return controller.close();
        }
        if (options.except?.has(part)) continue;
        collectPart(source, part, encoder, options.onFailure);
      }
      controller.enqueue(out.take());
    },
  }, { highWaterMark: 0 });
}
