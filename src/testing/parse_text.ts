/**
 * A strict parser of Prometheus text 0.0.4 and 1.0.0 and of OpenMetrics 1.0, with
 * a lenient mode for the bodies of other libraries.
 *
 * - The strict mode refuses everything that the formats forbid, even if servers
 *   often accept it, and some that they allow: the documentation of
 *   `parseExposition` lists it.
 * - Shares no code with the encoders.
 */
import {
  flag,
  type OptionRule,
  quoted,
  readOptions,
} from "../base/internal.ts";
import type { Reading } from "./parse_cursor.ts";
import { FamilyReader, type ParsedFamily } from "./parse_family.ts";
import { parseLenient } from "./parse_lenient.ts";
import {
  type Complain,
  type Dialect,
  DIALECTS,
  type ParsedMetadata,
  type ParsedSample,
  parseMetadata,
  parseSample,
} from "./parse_lines.ts";

/** The error of a body that breaks a rule of its format. */
export class ExpositionError extends Error {
  /** Name of the class. */
  override readonly name = "ExpositionError";
  /** The line at fault, counted from 1. */
  readonly line: number;
  /** The broken rule, as what was expected. */
  readonly rule: string;

  /** `text` is the line at fault. */
  constructor(rule: string, line: number, text: string) {
    super(
      `Cannot read line ${line} (${JSON.stringify(text)}): expected ${rule}`,
    );
    this.line = line;
    this.rule = rule;
  }
}

/**
 * Parses a body in the text format or OpenMetrics 1.0, in linear time.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { expose, openMetrics } from "@barograph/barograph/encode";
 * import { parseExposition } from "@barograph/barograph/testing";
 *
 * const registry = createRegistry();
 * registry.gauge({ name: "queue_length", help: "Jobs that wait." }).set(3);
 * const body = expose(registry, openMetrics);
 * const [family] = parseExposition(body, "openmetrics-1.0.0");
 * console.assert(family?.samples[0]?.value === 3);
 * ```
 *
 * By default it is strict. Beyond the rules of the formats it demands:
 *
 * - Lines: a line feed after the last one, none with a carriage return at its
 *   end, single spaces as the only blanks, no blank before a line feed.
 * - Families: each once, its metadata before its samples, TYPE, HELP and UNIT at
 *   most once, samples of one label set together, no sample of another family
 *   directly after metadata, no name that two families could write.
 * - Series: each once. Samples of a label set have timestamps, or none has.
 * - Names: quotes only where they are needed, no leading underscore that is
 *   reserved, unless the option `escaped` is set. A quoted name of a metric is
 *   the first in its braces.
 * - Labels: a comma between two, none after the last; each name once; only the
 *   escapes `\\`, `\n` and `\"`.
 * - Numbers: no overflow, no hexadecimal digits; `NaN`, `+Inf` and `-Inf` in the
 *   text format; timestamps without exponents, in text not below 0.
 * - `le` and `quantile`: canonical form (`1.0`, `1e+06`, `+Inf`), ascending, on
 *   buckets and quantiles only, ranks from 0 to 1.
 * - Counters: not below 0, not NaN. Infos: 1. States: 0 or 1.
 * - Histograms: a last bucket `+Inf` that equals the count, whole counts that
 *   never decrease, both sum and count.
 * - OpenMetrics: its suffixes, a sum of 0 or more unless a bound is negative, no
 *   negative quantile, NaN as quantile of no observations, `_created` at the end
 *   of its group, units at the end of names, exemplars on `_total` and `_bucket`
 *   only, within the bucket, of at most 128 code points, no other comments.
 *
 * With `lenient` it reads everything that the scrape parsers of Prometheus 3
 * read. The only rules are then the syntax of lines, the types of the format,
 * unique label names, and in OpenMetrics the unit in the name and `# EOF`.
 * Families may be interleaved; the last metadata of a family counts.
 *
 * @throws {TypeError} If `body` is no text, if there is no such dialect, or if an
 *   option has a wrong value or does not exist.
 * @throws {ExpositionError} At the first line that breaks a rule.
 */
export function parseExposition(
  body: string | Uint8Array,
  dialect: Dialect,
  options: ExpositionReadOptions = {},
): readonly ParsedFamily[] {
  const { escaped, lenient } = readOptions(ACTION, SCHEMA, options);
  checkBody(body);
  if (!DIALECTS.includes(dialect)) {
    throw new TypeError(
      `${ACTION}: the dialect is ${quoted(dialect)}; give any of ` +
        DIALECTS.map(quoted).join(", "),
    );
  }
  if (!lenient) return new Reader(linesOf(body), dialect, escaped).read();
  const text = typeof body === "string" ? body : decoded(body, true);
  return parseLenient(text, dialect, (rule, at) => {
    const line = text.slice(0, at).split("\n").length;
    throw new ExpositionError(rule, line, text.split("\n")[line - 1] ?? "");
  });
}

const ACTION = "Cannot read an exposition";

function checkBody(body: unknown): void {
  if (typeof body === "string" || body instanceof Uint8Array) return;
  throw new TypeError(
    `${ACTION}: the body is of type ${typeof body}; give a string or a ` +
      `Uint8Array, such as await response.text()`,
  );
}

/** Options of `parseExposition` and `parseOpenMetrics2`. */
export interface ReadOptions {
  /**
   * Whether names were escaped. Unquoted names can then begin with underscores,
   * which are otherwise reserved. Default: false.
   */
  readonly escaped?: boolean | undefined;
}

/** Options of `parseExposition`. */
export interface ExpositionReadOptions extends ReadOptions {
  /**
   * Whether to read everything that Prometheus reads, such as `le="1"`, a comma
   * after the last label, interleaved families and missing types. Default:
   * false.
   */
  readonly lenient?: boolean | undefined;
}

const STRICT_SCHEMA = { escaped: flag(false) } satisfies Record<
  keyof ReadOptions,
  OptionRule<unknown>
>;

const SCHEMA = { ...STRICT_SCHEMA, lenient: flag(false) } satisfies Record<
  keyof ExpositionReadOptions,
  OptionRule<unknown>
>;

/** Checks the options of a parser and fills in the defaults. */
export function readEscaped(
  options: ReadOptions,
): { readonly escaped: boolean } {
  return readOptions(ACTION, STRICT_SCHEMA, options);
}

/**
 * Returns the lines of a body without their line feeds.
 *
 * @throws {ExpositionError} If the body is not UTF-8, or does not end in a line
 *   feed.
 */
export function linesOf(body: string | Uint8Array): readonly string[] {
  checkBody(body);
  const text = typeof body === "string" ? body : decoded(body);
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  if (text.startsWith("\ufeff")) {
    throw new ExpositionError("no byte order mark", 1, lines[0] ?? last);
  }
  if (last !== "") {
    throw new ExpositionError(
      "a line feed at the end",
      lines.length + 1,
      last,
    );
  }
  return lines;
}

const COMMENT = /^[ \t]*#(?![ \t]+(?:HELP|TYPE|UNIT)(?:[ \t]|$))/;

/** Decodes a body; `lenient` accepts comments that are not UTF-8. */
function decoded(body: Uint8Array, lenient = false): string {
  const options = { ignoreBOM: true };
  const decoder = new TextDecoder("utf-8", { fatal: true, ...options });
  const decode = (bytes: Uint8Array): string | undefined => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  };
  const whole = decode(body);
  if (whole !== undefined) return whole;
  for (let line = 1, from = 0; from <= body.length; line++) {
    const feed = body.indexOf(0x0a, from);
    const to = feed < 0 ? body.length : feed;
    const bytes = body.subarray(from, to);
    // In UTF-8, the byte 0x0a is always a line feed, so one line is invalid.
    if (decode(bytes) === undefined) {
      const text = new TextDecoder().decode(bytes);
      if (!lenient || !COMMENT.test(text)) {
        throw new ExpositionError("valid UTF-8", line, text);
      }
    }
    from = to + 1;
  }
  return new TextDecoder("utf-8", options).decode(body);
}

/** Assigns the lines of a body to families. */
class Reader {
  readonly #lines: readonly string[];
  readonly #dialect: Dialect;
  readonly #reading: Reading;
  readonly #families: ParsedFamily[] = [];
  /** Names that samples of finished families have or could have. */
  readonly #taken = new Map<string, string>();
  #family: FamilyReader | undefined;
  #ended = false;
  /** The current line, counted from 1; 0 before the first. */
  #line = 0;

  constructor(lines: readonly string[], dialect: Dialect, escaped: boolean) {
    this.#lines = lines;
    this.#dialect = dialect;
    this.#reading = { open: dialect === "openmetrics-1.0.0", escaped };
  }

  read(): readonly ParsedFamily[] {
    for (const line of this.#lines) {
      this.#line++;
      this.#read(line);
    }
    if (this.#reading.open && !this.#ended) {
      this.#complain("# EOF as the last line");
    }
    this.#close();
    return this.#families;
  }

  readonly #complain: Complain = (rule, place) => {
    const known = place && this.#family?.lineOf(place);
    const line = known ?? Math.max(1, this.#line);
    throw new ExpositionError(rule, line, this.#lines[line - 1] ?? "");
  };

  #read(line: string): void {
    if (this.#ended) this.#complain("nothing after # EOF");
    if (!line.isWellFormed()) this.#complain("valid UTF-8");
    // A help text may contain a carriage return, and may end in one.
    if (line.endsWith("\r") && !line.startsWith("# HELP ")) {
      this.#complain("a line feed without a carriage return");
    }
    if (line === "") {
      if (this.#reading.open) this.#complain("no blank lines");
    } else if (line === "# EOF" && this.#reading.open) {
      this.#ended = true;
    } else if (line.startsWith("#")) {
      const metadata = parseMetadata(line, this.#reading, this.#complain);
      if (metadata !== undefined) this.#metadata(metadata);
    } else {
      this.#sample(parseSample(line, this.#reading, this.#complain));
    }
  }

  #metadata(metadata: ParsedMetadata): void {
    if (this.#family?.name !== metadata.family) {
      this.#close();
      const owner = this.#taken.get(metadata.family);
      if (owner === metadata.family) this.#refuseSplit();
      if (owner !== undefined) this.#refuseClash(owner, metadata.family);
      this.#begin(metadata.family);
    }
    this.#family!.metadata(metadata, this.#line);
  }

  #sample(sample: ParsedSample): void {
    if (!this.#family?.owns(sample.name)) {
      if (this.#family?.isEmpty) {
        this.#complain(`a sample of family "${this.#family.name}"`);
      }
      this.#close();
      if (this.#taken.has(sample.name)) this.#refuseSplit();
      this.#begin(sample.name);
    }
    this.#family!.sample(sample, this.#line);
  }

  #refuseSplit(): never {
    return this.#complain("each family once, with its samples together");
  }

  #refuseClash(owner: string, name: string): never {
    return this.#complain(
      `no name shared by two families ("${owner}" writes "${name}")`,
      "TYPE",
    );
  }

  #begin(name: string): void {
    this.#family = new FamilyReader(name, this.#dialect, this.#complain);
  }

  #close(): void {
    const family = this.#family;
    if (family === undefined) return;
    family.end();
    for (const name of family.names()) {
      const owner = this.#taken.get(name);
      if (owner !== undefined) this.#refuseClash(owner, name);
    }
    for (const name of family.names()) this.#taken.set(name, family.name);
    this.#families.push(family.parsed());
    this.#family = undefined;
  }
}
