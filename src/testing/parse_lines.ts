/**
 * One line of an exposition, read strictly.
 *
 * It shares no code with the encoders: what both agree on was written twice.
 */

/** The dialects of `parseExposition`. */
export type Dialect = "text-0.0.4" | "openmetrics-1.0.0";

/** An exemplar as it stands in an exposition. */
export interface ParsedExemplar {
  /** Its labels, in the order of the line. */
  readonly labels: ReadonlyMap<string, string>;
  /** Its value. */
  readonly value: number;
  /** Unix seconds, if there is one. */
  readonly timestamp: number | undefined;
}

/** One line that is a sample. */
export interface ParsedSample {
  /** The name with its suffix. */
  readonly name: string;
  /** Its labels, in the order of the line. */
  readonly labels: ReadonlyMap<string, string>;
  /** Its value. */
  readonly value: number;
  /** Unix seconds, if there is one. */
  readonly timestamp: number | undefined;
  /** Its exemplar, if there is one. */
  readonly exemplar: ParsedExemplar | undefined;
}

/** One line that is metadata. */
export interface ParsedMetadata {
  readonly keyword: "TYPE" | "HELP" | "UNIT";
  readonly family: string;
  readonly text: string;
}

/** What a complaint may be about, if it is not the line at hand. */
export type Place = ParsedSample | ParsedMetadata["keyword"];

/** Says what is wrong, and where; never returns. */
export type Complain = (rule: string, place?: Place) => never;

const METRIC = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const NUMBER = /[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const SPECIAL = /NaN|[+-]Inf/y;
/** Of OpenMetrics: in any letter case. */
const SPECIAL_OPEN = /nan|[+-]?inf(?:inity)?/iy;
const SECONDS = /-?[0-9]+(?:\.[0-9]+)?/y;
const MILLISECONDS = /[0-9]+/y;
/** The first that no longer fits the signed 64 bits of the text format. */
const FIRST_TOO_LATE = 2 ** 63;

const METADATA = /^# (TYPE|HELP|UNIT) ([^ ]+)(?: (.*))?$/s;
/** What readers of text take for metadata, however it is spaced. */
const NEARLY_METADATA = /^#[ \t]*(?:TYPE|HELP)(?![^ \t])/;

/** Reads a line that begins with `#`; undefined for an ordinary comment. */
export function parseMetadata(
  line: string,
  dialect: Dialect,
  complain: Complain,
): ParsedMetadata | undefined {
  const open = dialect === "openmetrics-1.0.0";
  const [, word, family = "", text] = METADATA.exec(line) ?? [];
  if (word === undefined || (word === "UNIT" && !open)) {
    if (open) complain("no comments but TYPE, UNIT, HELP and EOF");
    if (NEARLY_METADATA.test(line)) complain("metadata with single blanks");
    return undefined;
  }
  const keyword = word as ParsedMetadata["keyword"];
  METRIC.lastIndex = 0;
  if (METRIC.exec(family)?.[0] !== family) complain("a legal family name");
  checkReserved(family, open, complain);
  if (keyword === "HELP" && !open) {
    return { keyword, family, text: unescaped(text ?? "", open, complain) };
  }
  if (text === undefined) return complain("a blank and a text after the name");
  if (keyword !== "HELP") return { keyword, family, text };
  return { keyword, family, text: unescaped(text, open, complain) };
}

/** Section "Label" and "Name": a leading underscore is kept for the standard. */
function checkReserved(name: string, open: boolean, complain: Complain): void {
  if (name.startsWith(open ? "_" : "__")) {
    complain("no reserved names, which begin with an underscore");
  }
}

function unescaped(text: string, quotes: boolean, complain: Complain): string {
  return text.replace(/\\(.?)|"/gs, (whole, escaped: string | undefined) => {
    if (whole === '"') {
      if (quotes) complain('a quote in HELP is written \\"');
      return whole;
    }
    if (escaped === "n") return "\n";
    if (escaped === "\\" || (escaped === '"' && quotes)) return escaped;
    return complain('no escapes but \\\\, \\n and \\"');
  });
}

/** Reads a line that is a sample. */
export function parseSample(
  line: string,
  dialect: Dialect,
  complain: Complain,
): ParsedSample {
  const open = dialect === "openmetrics-1.0.0";
  const cursor = new Cursor(line, open, complain);
  const name = cursor.take(METRIC, "a legal metric name");
  checkReserved(name, open, complain);
  const labels = cursor.at("{") ? cursor.labels() : new Map<string, string>();
  cursor.blank();
  const value = cursor.number();
  let timestamp: number | undefined;
  let exemplar: ParsedExemplar | undefined;
  if (cursor.at(" ") && !cursor.at(" #")) {
    cursor.blank();
    timestamp = open ? cursor.seconds() : cursor.milliseconds() / 1000;
  }
  if (cursor.at(" # ")) {
    if (!open) complain("no exemplars in this format");
    cursor.skip(" # ");
    if (!cursor.at("{")) complain("braces around the labels of an exemplar");
    exemplar = cursor.exemplar();
  }
  cursor.end();
  return { name, labels, value, timestamp, exemplar };
}

/** A position in a line that goes forward only. */
class Cursor {
  readonly #line: string;
  readonly #open: boolean;
  readonly #complain: Complain;
  #at = 0;

  constructor(line: string, open: boolean, complain: Complain) {
    this.#line = line;
    this.#open = open;
    this.#complain = complain;
  }

  at(text: string): boolean {
    return this.#line.startsWith(text, this.#at);
  }

  skip(text: string): void {
    if (!this.at(text)) this.#complain(`${JSON.stringify(text)} here`);
    this.#at += text.length;
  }

  blank(): void {
    this.skip(" ");
    if (this.at(" ")) this.#complain("single blanks");
  }

  end(): void {
    if (this.#at < this.#line.length) {
      this.#complain("nothing more on the line");
    }
  }

  take(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#line)?.[0];
    if (found === undefined) return this.#complain(what);
    this.#at += found.length;
    return found;
  }

  number(): number {
    const pattern = this.#open ? SPECIAL_OPEN : SPECIAL;
    pattern.lastIndex = this.#at;
    const special = pattern.exec(this.#line)?.[0];
    if (special === undefined) return this.#finite(NUMBER, "a number");
    this.#at += special.length;
    if (special.toLowerCase() === "nan") return NaN;
    return special.startsWith("-") ? -Infinity : Infinity;
  }

  seconds(): number {
    return this.#finite(SECONDS, "a timestamp");
  }

  milliseconds(): number {
    const value = this.#finite(MILLISECONDS, "a timestamp");
    if (value >= FIRST_TOO_LATE) this.#complain("a timestamp of 64 bits");
    return value;
  }

  #finite(pattern: RegExp, what: string): number {
    const value = Number(this.take(pattern, what));
    if (!Number.isFinite(value)) this.#complain(`${what} that is no overflow`);
    return value;
  }

  labels(): Map<string, string> {
    const labels = new Map<string, string>();
    this.skip("{");
    while (!this.at("}")) {
      if (labels.size > 0) this.skip(",");
      const name = this.take(LABEL, "a legal label name");
      checkReserved(name, this.#open, this.#complain);
      if (labels.has(name)) this.#complain("no label name twice");
      this.skip('="');
      labels.set(name, this.#labelValue());
    }
    this.skip("}");
    return labels;
  }

  exemplar(): ParsedExemplar {
    const labels = this.labels();
    this.blank();
    const value = this.number();
    let timestamp: number | undefined;
    if (this.at(" ")) {
      this.blank();
      timestamp = this.seconds();
    }
    return { labels, value, timestamp };
  }

  /** The text up to the closing quote, which is passed. */
  #labelValue(): string {
    let value = "";
    for (;;) {
      const c = this.#line[this.#at++];
      if (c === undefined) return this.#complain("a closing quote");
      if (c === '"') return value;
      if (c !== "\\") {
        value += c;
        continue;
      }
      const escaped = this.#line[this.#at++];
      if (escaped === "n") value += "\n";
      else if (escaped === "\\" || escaped === '"') value += escaped;
      else this.#complain('no escapes but \\\\, \\n and \\"');
    }
  }
}
