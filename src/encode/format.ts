/** Formats: how a reader requests one, and the encoder that writes it. */
import type { ByteWriter, TextWriter } from "../base/mod.ts";
import {
  fn,
  ofType,
  readOptions,
  rule,
  type SchemaOf,
  text,
  wrongOption,
} from "../base/internal.ts";
import type {
  EscapingScheme,
  FamilyDesc,
  RevocableSink,
} from "../model/mod.ts";

/** A sink that writes an exposition as bytes. */
export interface Encoder extends RevocableSink {
  /**
   * Marks the point to which `rollback` returns. Everything before it is
   * complete and may be taken out of the writer.
   */
  mark(): void;
  /** Writes what follows the last family; called once. */
  end(): void;
  /**
   * This encoder with the hooks of the page cache. Default: none, expositions in
   * this format are not cached.
   */
  readonly pageable?: PageableEncoder | undefined;
}

/**
 * An encoder whose families can be cached page by page: the metadata and the
 * points of a family are written separately, and the points in any order.
 */
export interface PageableEncoder extends Encoder {
  /** Whether the encoder reports its values to `marks`. */
  readonly canPatch: boolean;
  /** Receives the values of a page that is written or patched. */
  marks: ValueMarks | undefined;
  /**
   * Reserves the names of a family for this exposition; returns the family with
   * escaped names.
   *
   * @throws {RangeError | FamilyConflictError} If a name is illegal, or taken.
   */
  reserveFamily(desc: FamilyDesc): FamilyDesc;
  /** Opens a reserved family; its metadata is written with the first point. */
  openFamily(reserved: FamilyDesc): void;
  /** Opens a reserved family and writes its metadata at once. */
  beginFamily(reserved: FamilyDesc): void;
  /** Writes what precedes the metadata and points of a family of `size` bytes. */
  writeFrame(size: number): void;
}

/**
 * The positions of the values in a page, so that changed values can be rewritten
 * without the rest.
 */
export interface ValueMarks {
  /** Whether a page is patched: only its values are written, by `put`. */
  readonly isPatching: boolean;
  /** Records the position in the writer at which the next value is written. */
  mark(position: number): void;
  /** Rewrites the next value of the page that is being patched. */
  put(value: number): void;
}

/** An exposition format; made by `defineFormat`. */
export interface Format {
  /** Short name, such as `text-0.0.4`: any text that is not empty. */
  readonly id: string;
  /** The media type in `Accept`, in lower case, such as `text/plain`. */
  readonly mediaType: string;
  /** The version in `Accept`, such as `0.0.4`; `""` if the format has none. */
  readonly version: string;
  /**
   * The parameters that `Accept` must name to select this format, with their
   * values.
   */
  readonly required: Readonly<Record<string, string>>;
  /** The scheme by which names that are not classic are escaped. */
  readonly escaping: EscapingScheme;
  /** The `Content-Type` of its bodies. */
  readonly contentType: string;
  /** Returns this format with another scheme, which its content type names. */
  escapedBy(scheme: EscapingScheme): Format;
  /** Returns a new encoder that writes into `out`. */
  encoder(out: ByteWriter): Encoder;
  /**
   * Returns a new encoder that writes into any `TextWriter`. Default: none, the
   * format is binary.
   */
  readonly textEncoder?: ((out: TextWriter) => Encoder) | undefined;
}

/** Creates an encoder that uses only the methods of `TextWriter`. */
export type TextEncoderFactory = (
  out: TextWriter,
  escaping: EscapingScheme,
) => Encoder;

/** Options of OpenMetrics 1.0. */
export interface FormatOptions {
  /**
   * Whether to write the start time of each counter, histogram and summary as a
   * `_created` sample. Many servers store it as another series. Default: false.
   */
  readonly created?: boolean | undefined;
  /**
   * The version in the content type; the bodies of both are the same. Default:
   * `1.0.0`.
   */
  readonly version?: "0.0.1" | "1.0.0" | undefined;
}

/** The definition of a format, for `defineFormat`. */
export interface FormatInit extends Pick<Format, "id" | "mediaType"> {
  /**
   * The version that `Accept` may name. Readers see it only if `parameters`
   * repeats it: `version=1.0.0; charset=utf-8`. Default: none.
   */
  readonly version?: string | undefined;
  /** The parameters that `Accept` must name, in lower case. Default: none. */
  readonly required?: Readonly<Record<string, string>> | undefined;
  /** The parameters of `Content-Type`, such as `charset=utf-8`. */
  readonly parameters: string;
  /** Returns a new encoder; usually a `LineEncoder` or `CheckedEncoder`. */
  readonly encoder: (out: ByteWriter, escaping: EscapingScheme) => Encoder;
  /**
   * The same encoder for any writer of text, if the format is text: usually the
   * same function, with an `out` of the type `TextWriter`. It writes small
   * bodies, in a quarter of the time while the code is not yet compiled. Default:
   * none, all bodies are written by `encoder`.
   */
  readonly textEncoder?: TextEncoderFactory | undefined;
}

/**
 * Defines a format. Names that are not classic are escaped by the scheme
 * `underscores`; readers can request another one. `formatLaws` of
 * `@barograph/barograph/testing` checks the result.
 *
 * ```ts
 * import {
 *   defineFormat,
 *   fragment,
 *   LineEncoder,
 * } from "@barograph/barograph/encode";
 * import type { FamilyDesc, LabelSet } from "@barograph/barograph/model";
 *
 * class BareEncoder extends LineEncoder {
 *   #name = fragment("");
 *   protected override writeMetadata({ name }: FamilyDesc): void {
 *     this.#name = this.lineName(name);
 *   }
 *   protected override writeNumber(labels: LabelSet, value: number): void {
 *     this.beginPoint(labels);
 *     this.writeSample(this.#name);
 *     this.writeValue(value);
 *   }
 *   protected override writeHistogram(): void {} // left out
 *   protected override writeSummary(): void {} // left out
 * }
 *
 * export const bareLines = defineFormat({
 *   id: "bare-lines",
 *   mediaType: "text/x-bare-lines",
 *   parameters: "charset=utf-8",
 *   encoder: (out, escaping) => new BareEncoder(out, escaping),
 * });
 * ```
 *
 * @throws {TypeError} If an option is missing, is wrong or does not exist.
 */
export function defineFormat(init: FormatInit): Format {
  const action = "Cannot define a format";
  // Not a constant of the module: few programs define a format.
  const schema = {
    id: text("bare-lines"),
    mediaType: ofType<string>(
      ["string"],
      'a string in lower case, such as "text/x-bare-lines"',
    ),
    version: text("1.0.0"),
    required: rule<Readonly<Record<string, string>>>(
      (value) =>
        typeof value === "object" && value !== null &&
        Object.entries(value).every(([name, text]) =>
          name === name.toLowerCase() && typeof text === "string"
        ),
      'strings by names in lower case, such as { version: "1.0.0" }',
    ),
    parameters: text("charset=utf-8"),
    encoder: fn<FormatInit["encoder"]>(
      "(out, escaping) => new Encoder(out, escaping)",
    ),
    textEncoder: fn<TextEncoderFactory>(
      "(out, escaping) => new Encoder(out, escaping)",
    ),
  } satisfies SchemaOf<FormatInit>;
  const read = readOptions(action, schema, init);
  for (const name of ["id", "mediaType", "parameters", "encoder"] as const) {
    const value = read[name];
    if (value === undefined) {
      throw wrongOption(action, name, undefined, schema[name]);
    }
    if (typeof value !== "string" || TEXTS[name]!.test(value)) continue;
    throw wrongOption(action, name, value, { ...schema[name], isShown: true });
  }
  return formatOf({
    ...read as FormatInit,
    encoder: (out, escaping) => init.encoder(out, escaping),
  });
}

/** `negotiate` compares in lower case; headers hold no other characters. */
const TEXTS: Readonly<Record<string, RegExp>> = {
  id: /\S/,
  mediaType: /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/,
  parameters: /^[\w.+-]+=[ -~]+$/,
};

/** Returns the format that `init` defines, without checks. */
export function formatOf(init: FormatInit): Format {
  const {
    id,
    mediaType,
    version = "",
    required = {},
    parameters,
    encoder,
    textEncoder,
  }: FormatInit = {
    version: undefined,
    required: undefined,
    textEncoder: undefined,
    ...init, // own properties only
  };
  const contentType = `${mediaType}; ${parameters}`;
  const make = (escaping: EscapingScheme, contentType: string): Format => ({
    id,
    mediaType,
    version,
    required,
    escaping,
    contentType,
    escapedBy,
    encoder: (out) => encoder(out, escaping),
    textEncoder: textEncoder && ((out) => textEncoder(out, escaping)),
  });
  const escapedBy = (scheme: EscapingScheme): Format =>
    make(scheme, `${contentType}; escaping=${scheme}`);
  return make("underscores", contentType);
}
