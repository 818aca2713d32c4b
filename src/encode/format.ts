/** What a format is: a name to ask for it by, and a sink that writes it. */
import type { ByteWriter } from "../base/mod.ts";
import type { RevocableSink } from "../model/mod.ts";

/** A sink that writes bytes. */
export interface Encoder extends RevocableSink {
  /** Writes what stands after the last family; call it once. */
  end(): void;
}

/** An exposition format. */
export interface Format {
  /** Short name: `text-0.0.4`. */
  readonly id: string;
  /** What a reader asks for: `text/plain`. */
  readonly mediaType: string;
  /** The version that a reader asks for: `0.0.4`. */
  readonly version: string;
  /** The `Content-Type` of its bodies. */
  readonly contentType: string;
  /** A new encoder that writes into `out`. */
  encoder(out: ByteWriter): Encoder;
}

/** What can be asked of a format beside its name. */
export interface FormatOptions {
  /**
   * Write when each counter, histogram and summary began, as a `_created`
   * sample. Off unless asked for: many servers store it as one more series.
   */
  readonly created?: boolean;
}
