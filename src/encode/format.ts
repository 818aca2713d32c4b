/** What a format is: a name to ask for it by, and a sink that writes it. */
import type { ByteWriter } from "../base/mod.ts";
import type { EscapingScheme, RevocableSink } from "../model/mod.ts";

/** A sink that writes bytes. */
export interface Encoder extends RevocableSink {
  /**
   * From here on, all can be taken back; what stands before is whole, and may
   * be taken out of the writer.
   */
  mark(): void;
  /** Writes what stands after the last family; call it once. */
  end(): void;
}

/** An exposition format. */
export interface Format {
  /** Short name: `text-0.0.4`. */
  readonly id: string;
  /** What a reader asks for: `text/plain`. */
  readonly mediaType: string;
  /** The version that a reader asks for: `0.0.4`; `""` if it has none. */
  readonly version: string;
  /**
   * Parameters that a reader must name to get it; who asks less exactly gets
   * something else.
   */
  readonly required: Readonly<Record<string, string>>;
  /** How names that are not classic are written. */
  readonly escaping: EscapingScheme;
  /** The `Content-Type` of its bodies. */
  readonly contentType: string;
  /** The same for a reader that asked for a scheme, which is told of it. */
  escapedBy(scheme: EscapingScheme): Format;
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
  /** 1.0.0 unless given; the bodies of the draft 0.0.1 are the same. */
  readonly version?: "0.0.1" | "1.0.0";
}

/** What makes one format another than the others. */
export interface FormatInit extends Pick<Format, "id" | "mediaType"> {
  readonly version?: string;
  readonly required?: Readonly<Record<string, string>>;
  /** What stands in the content type after the media type. */
  readonly parameters: string;
  readonly encoder: (out: ByteWriter, escaping: EscapingScheme) => Encoder;
}

/** A format that escapes by underscores, until it is asked for otherwise. */
export function makeFormat(init: FormatInit): Format {
  const { id, mediaType, version = "", required = {}, parameters } = init;
  const contentType = `${mediaType}; ${parameters}`;
  const make = (escaping: EscapingScheme, contentType: string): Format => ({
    id,
    mediaType,
    version,
    required,
    escaping,
    contentType,
    escapedBy,
    encoder: (out) => init.encoder(out, escaping),
  });
  const escapedBy = (scheme: EscapingScheme): Format =>
    make(scheme, `${contentType}; escaping=${scheme}`);
  return make("underscores", contentType);
}
