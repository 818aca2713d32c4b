/**
 * A strict parser of Prometheus text 0.0.4 and 1.0.0 and of OpenMetrics 1.0.
 *
 * - Refuses everything that the formats forbid, even if servers often accept it.
 * - Shares no code with the encoders.
 * - Is stricter than the formats where a modern encoder has no reason to deviate:
 *   canonical forms of `le` and `quantile`, single spaces, no comma after the
 *   last label, a line feed at the end, timestamps without exponents, quotes
 *   around a name only if it needs them, one point per series, ascending
 *   quantiles, no samples of another family directly after metadata, exemplars
 *   in the lowest bucket that counts their value.
 */
import { flag, type OptionRule, readOptions } from "../base/internal.ts";
import type { Reading } from "./parse_cursor.ts";
import { FamilyReader, type ParsedFamily } from "./parse_family.ts";
import {
  type Complain,
  type Dialect,
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
 * Parses a body in the text format or OpenMetrics 1.0 strictly, in linear time.
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
 * @throws {TypeError} If an option has a wrong value or does not exist.
 * @throws {ExpositionError} At the first line that breaks a rule.
 */
export function parseExposition(
  body: string | Uint8Array,
  dialect: Dialect,
  options: ReadOptions = {},
): readonly ParsedFamily[] {
  const { escaped } = readEscaped(options);
  return new Reader(linesOf(body), dialect, escaped).read();
}

/** Options of `parseExposition` and `parseOpenMetrics2`. */
export interface ReadOptions {
  /**
   * Whether names were escaped. Unquoted names can then begin with underscores,
   * which are otherwise reserved. Default: false.
   */
  readonly escaped?: boolean | undefined;
}

const SCHEMA = { escaped: flag(false) } satisfies Record<
  keyof ReadOptions,
  OptionRule<unknown>
>;

/** Checks the options of a parser and fills in the defaults. */
export function readEscaped(
  options: ReadOptions,
): { readonly escaped: boolean } {
  return readOptions("Cannot read an exposition", SCHEMA, options);
}

/**
 * Returns the lines of a body without their line feeds.
 *
 * @throws {ExpositionError} If the body is not UTF-8, or does not end in a line
 *   feed.
 */
export function linesOf(body: string | Uint8Array): readonly string[] {
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

function decoded(body: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decode = (bytes: Uint8Array): string | undefined => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  };
  const whole = decode(body);
  if (whole !== undefined) return whole;
  for (let line = 1, from = 0;; line++) {
    const feed = body.indexOf(0x0a, from);
    const bytes = body.subarray(from, feed < 0 ? body.length : feed);
    // In UTF-8, the byte 0x0a is always a line feed, so one line is invalid.
    if (decode(bytes) === undefined || feed < 0) {
      const text = new TextDecoder().decode(bytes);
      throw new ExpositionError("valid UTF-8", line, text);
    }
    from = feed + 1;
  }
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
