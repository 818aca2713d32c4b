/**
 * A strict reader of Prometheus text 0.0.4 and OpenMetrics 1.0.
 *
 * - It refuses what the published formats forbid and what strict readers do
 *   not take, where real servers often look away.
 * - It shares no code with the encoders.
 * - Beyond the formats it demands one canonical spelling of `le` and
 *   `quantile`, in both of them.
 */
import {
  type Dialect,
  type ParsedMetadata,
  type ParsedSample,
  parseMetadata,
  parseSample,
} from "./parse_lines.ts";
import { checkFamily, suffixesOf } from "./parse_rules.ts";

/** A family as it stands in an exposition. */
export interface ParsedFamily {
  /** As in its metadata: in OpenMetrics without `_total` and `_info`. */
  readonly name: string;
  /** As in its metadata; `untyped` or `unknown` if there is none. */
  readonly type: string;
  /** The help text, unescaped. */
  readonly help: string;
  /** The unit; `""` if there is none. */
  readonly unit: string;
  /** The lines of the family, in order. */
  readonly samples: readonly ParsedSample[];
}

/** A body that breaks a rule of its format. */
export class ExpositionError extends Error {
  /** The name of the class. */
  override readonly name = "ExpositionError";
  /** Counted from 1. */
  readonly line: number;
  /** What should have been there. */
  readonly rule: string;

  /** `text` is the line itself. */
  constructor(rule: string, line: number, text: string) {
    super(`Cannot read line ${line} (${JSON.stringify(text)}): wants ${rule}`);
    this.line = line;
    this.rule = rule;
  }
}

class FamilyInProgress {
  readonly name: string;
  type: string | undefined;
  help: string | undefined;
  unit: string | undefined;
  readonly samples: ParsedSample[] = [];

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * Reads a whole body.
 *
 * @throws {ExpositionError} At the first line that breaks a rule.
 */
export function parseExposition(
  body: string | Uint8Array,
  dialect: Dialect,
): readonly ParsedFamily[] {
  const text = typeof body === "string" ? body : decoded(body);
  const lines = text.split("\n");
  const reader = new Reader(dialect);
  if (text.startsWith("\ufeff")) reader.complain("no byte order mark");
  const last = lines.pop();
  if (last !== "") {
    reader.line = lines.length + 1;
    reader.text = last ?? "";
    reader.complain("a line feed at the end");
  }
  for (const line of lines) reader.read(line);
  return reader.finish();
}

function decoded(body: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(body);
  } catch {
    throw new ExpositionError("valid UTF-8", 0, "");
  }
}

class Reader {
  readonly #dialect: Dialect;
  readonly #families: ParsedFamily[] = [];
  /** Every name that a finished family has, or could have, written. */
  readonly #taken = new Map<string, string>();
  #open: FamilyInProgress | undefined;
  #ended = false;
  line = 0;
  text = "";

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  readonly complain = (rule: string): never => {
    throw new ExpositionError(rule, this.line, this.text);
  };

  read(line: string): void {
    this.line++;
    this.text = line;
    if (this.#ended) this.complain("nothing after # EOF");
    const strict = this.#dialect === "openmetrics-1.0.0";
    if (line === "# EOF" && strict) {
      this.#ended = true;
    } else if (line === "") {
      if (strict) this.complain("no blank lines");
    } else if (line.startsWith("#")) {
      const metadata = parseMetadata(line, this.#dialect, this.complain);
      if (metadata !== undefined) this.#metadata(metadata);
    } else {
      this.#sample(parseSample(line, this.#dialect, this.complain));
    }
  }

  finish(): readonly ParsedFamily[] {
    const strict = this.#dialect === "openmetrics-1.0.0";
    if (strict && !this.#ended) this.complain("# EOF as the last line");
    this.#close();
    return this.#families;
  }

  #metadata({ keyword, family, text }: ParsedMetadata): void {
    if (this.#open?.name !== family) this.#begin(family);
    const open = this.#open!;
    if (open.samples.length > 0) this.complain("metadata before the samples");
    const key = keyword.toLowerCase() as "type" | "help" | "unit";
    if (open[key] !== undefined) this.complain(`one ${keyword} a family`);
    if (keyword === "TYPE" && suffixesOf(text, this.#dialect) === undefined) {
      this.complain("a type of this format");
    }
    open[key] = text;
  }

  #sample(sample: ParsedSample): void {
    if (!this.#belongs(sample.name)) {
      if (this.#open !== undefined && this.#open.samples.length === 0) {
        this.complain(`a sample of family "${this.#open.name}"`);
      }
      this.#begin(sample.name);
      if (!this.#belongs(sample.name)) this.complain("a sample of the family");
    }
    this.#open!.samples.push(sample);
  }

  #belongs(name: string): boolean {
    const open = this.#open;
    if (open === undefined || !name.startsWith(open.name)) return false;
    const suffixes = suffixesOf(this.#typeOf(open), this.#dialect)!;
    return suffixes.includes(name.slice(open.name.length));
  }

  #typeOf(family: FamilyInProgress): string {
    const untyped = this.#dialect === "text-0.0.4" ? "untyped" : "unknown";
    return family.type ?? untyped;
  }

  #begin(name: string): void {
    this.#close();
    this.#open = new FamilyInProgress(name);
  }

  #close(): void {
    const open = this.#open;
    if (open === undefined) return;
    const family: ParsedFamily = {
      name: open.name,
      type: this.#typeOf(open),
      help: open.help ?? "",
      unit: open.unit ?? "",
      samples: open.samples,
    };
    checkFamily(family, this.#dialect, this.complain);
    for (const suffix of ["", ...suffixesOf(family.type, this.#dialect)!]) {
      const name = family.name + suffix;
      const owner = this.#taken.get(name);
      if (owner !== undefined && owner !== family.name) {
        this.complain(`no name of two families ("${owner}" writes "${name}")`);
      }
      if (owner !== undefined && suffix === "") {
        this.complain("each family once, and its samples together");
      }
    }
    for (const suffix of ["", ...suffixesOf(family.type, this.#dialect)!]) {
      this.#taken.set(family.name + suffix, family.name);
    }
    this.#families.push(family);
    this.#open = undefined;
  }
}
