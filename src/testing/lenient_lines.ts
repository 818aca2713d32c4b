/**
 * Reads the lines of an exposition as the scrape parsers of Prometheus do.
 *
 * Shares no code with the encoders and none with the strict reader.
 */
import type { ParsedExemplar } from "./parse_cursor.ts";
import type { Dialect, ParsedMetadata, ParsedSample } from "./parse_lines.ts";
import { suffixesOf } from "./parse_rules.ts";

/** Throws an error; `rule` was expected at the offset `at`. */
export type Refuse = (rule: string, at: number) => never;

const METRIC = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const HEAD = /#[ \t]+(HELP|TYPE)[ \t]+/y;
const OPEN_HEAD = /# (HELP|TYPE|UNIT) /y;
const BLANKS = /[ \t]*/y;
const VALUE = /[^{ \t\n]+/y;
const OPEN_VALUE = / [^ \n]+/y;
const MILLISECONDS = /[0-9]+/y;
const LAST_MILLISECOND = 2n ** 63n - 1n;
const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;

/** A position in a body that only moves forward. */
export class LenientLines {
  readonly #text: string;
  readonly #dialect: Dialect;
  /** Whether the body is OpenMetrics. */
  readonly #open: boolean;
  readonly #refuse: Refuse;
  #at = 0;

  /** `text` ends in a line feed. */
  constructor(text: string, dialect: Dialect, refuse: Refuse) {
    this.#text = text;
    this.#dialect = dialect;
    this.#open = dialect === "openmetrics-1.0.0";
    this.#refuse = refuse;
  }

  /** Returns the next metadata or sample; undefined at the end. */
  next(): ParsedMetadata | ParsedSample | undefined {
    for (;;) {
      this.#blanks();
      // In place of a line, NUL is the end; Prometheus reads no further.
      const isAtEnd = this.#at === this.#text.length ||
        (!this.#open && this.#is("\0"));
      if (isAtEnd && this.#open) this.#expected("# EOF as the last line");
      if (isAtEnd || this.#isEof()) return undefined;
      if (!this.#is("#")) {
        if (!this.#skips("\n")) return this.#sample();
        if (this.#open) this.#expected("no blank lines");
        continue;
      }
      const keyword = this.#match(this.#open ? OPEN_HEAD : HEAD, 1);
      if (keyword !== undefined) {
        return this.#metadata(keyword as ParsedMetadata["keyword"]);
      }
      if (this.#open) this.#expected("TYPE, UNIT, HELP or EOF");
      this.#rest(); // a comment
    }
  }

  #isEof(): boolean {
    if (!this.#open || !this.#skips("# EOF")) return false;
    this.#skips("\n");
    const isAtEnd = this.#at === this.#text.length || this.#is("\0");
    if (!isAtEnd) this.#expected("nothing after # EOF");
    return true;
  }

  #metadata(keyword: ParsedMetadata["keyword"]): ParsedMetadata {
    const family = this.#is('"')
      ? this.#quoted("a metric name")
      : this.#match(METRIC) ?? this.#expected("a metric name");
    const from = this.#at;
    const rest = this.#rest();
    if (this.#open && !rest.startsWith(" ")) {
      return this.#refuse("a space and a text after the name", from);
    }
    const text = rest.slice(1);
    if (keyword === "HELP") {
      return { keyword, family, text: unescaped(text, this.#open) };
    }
    const isType = keyword === "TYPE";
    if (isType && suffixesOf(text, this.#dialect) === undefined) {
      this.#refuse("a type of this format", from);
    }
    if (!isType && text !== "" && !family.endsWith(`_${text}`)) {
      this.#refuse("a family name that ends in the unit", from);
    }
    return { keyword, family, text };
  }

  #sample(): ParsedSample {
    const labels = new Map<string, string>();
    let name = this.#match(METRIC);
    this.#blanks();
    if (this.#skips("{")) name = this.#labels(labels, name);
    if (name === undefined) return this.#expected("a metric name");
    const value = this.#number();
    const timestamp = this.#timestamp();
    let exemplar: ParsedExemplar | undefined;
    if (this.#open && this.#skips(" # {")) exemplar = this.#exemplar();
    this.#blanks();
    if (!this.#skips("\n")) this.#expected("the end of the line");
    return { name, labels, value, timestamp, exemplar };
  }

  /**
   * Reads labels up to `}`. Returns the name of the metric, which may be among
   * them if `name` is undefined.
   */
  #labels(
    labels: Map<string, string>,
    name: string | undefined,
    isExemplar = false,
  ): string | undefined {
    let metric = name;
    const repeated = new Map<string, number>();
    for (;;) {
      this.#blanks();
      if (this.#skips("}")) break;
      const from = this.#at;
      const isQuoted = this.#is('"');
      const label = isQuoted
        ? this.#quoted("a label name")
        : this.#match(LABEL) ?? this.#expected("a label name");
      this.#blanks();
      if (isQuoted && (this.#is(",") || this.#is("}"))) {
        if (metric !== undefined || label === "") {
          this.#refuse("one metric name", from);
        }
        metric = label;
        this.#skips(",");
        continue;
      }
      if (label === "") this.#refuse("a label name", from);
      if (label === "__name__" && !isExemplar) {
        this.#refuse("each label name once", from);
      }
      if (!this.#skips("=")) this.#expected('"=" here');
      this.#blanks();
      if (!this.#is('"')) this.#expected("a label value");
      const valueAt = this.#at;
      const value = this.#quoted("a label value", this.#open);
      // Prometheus reads NUL in the values of series only.
      if (isExemplar && value.includes("\0")) {
        this.#refuse("no NUL in an exemplar", valueAt);
      }
      if (labels.has(label)) repeated.set(label, from);
      // An empty value removes the label, also one that is repeated.
      labels.set(label, labels.get(label) === "" ? "" : value);
      this.#blanks();
      // The text format needs no comma between two labels.
      if (!this.#skips(",") && this.#open && !this.#is("}")) {
        this.#expected('"," or "}" here');
      }
    }
    if (!isExemplar) {
      for (const [label, at] of repeated) {
        if (labels.get(label) !== "") this.#refuse("each label name once", at);
      }
    }
    return metric;
  }

  #exemplar(): ParsedExemplar {
    const labels = new Map<string, string>();
    const from = this.#at;
    if (this.#labels(labels, undefined, true) !== undefined) {
      this.#refuse("labels of an exemplar", from);
    }
    return { labels, value: this.#number(), timestamp: this.#timestamp() };
  }

  #number(): number {
    this.#blanks();
    const from = this.#at;
    const word = this.#match(this.#open ? OPEN_VALUE : VALUE) ??
      this.#expected("a value");
    return numberOf(this.#open ? word.slice(1) : word) ??
      this.#refuse("a number", from);
  }

  /** Reads a timestamp: seconds in OpenMetrics, milliseconds in text. */
  #timestamp(): number | undefined {
    this.#blanks();
    const from = this.#at;
    if (this.#open) {
      if (!this.#is(" ") || this.#is(" # {")) return undefined;
      const seconds = numberOf(this.#match(OPEN_VALUE)?.slice(1) ?? "");
      if (seconds === undefined || !Number.isFinite(seconds)) {
        return this.#refuse("a timestamp", from);
      }
      return seconds;
    }
    const digits = this.#match(MILLISECONDS);
    if (digits === undefined) return undefined;
    // More digits would only cost time.
    if (digits.length > 1000 || BigInt(digits) > LAST_MILLISECOND) {
      this.#refuse("a timestamp that fits 64 bits", from);
    }
    return Number(digits) / 1000;
  }

  /** Reads a quoted text. In the text format it may contain line feeds. */
  #quoted(rule: string, oneLine = false): string {
    const text = this.#text;
    const from = ++this.#at;
    for (; text[this.#at] !== '"'; this.#at++) {
      if (text[this.#at] === "\\" && text[++this.#at] === "\n") {
        this.#refuse(rule, from);
      }
      const c = text[this.#at];
      if (c === undefined || (oneLine && c === "\n")) this.#refuse(rule, from);
    }
    return unescaped(text.slice(from, this.#at++), true);
  }

  /** Skips spaces and tabs, which OpenMetrics does not allow. */
  #blanks(): void {
    if (!this.#open) this.#match(BLANKS);
  }

  #is(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #skips(text: string): boolean {
    const found = this.#is(text);
    if (found) this.#at += text.length;
    return found;
  }

  #match(pattern: RegExp, group = 0): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found[group];
  }

  /** Reads up to the end of the line. */
  #rest(): string {
    const from = this.#at;
    const feed = this.#text.indexOf("\n", from);
    this.#at = feed + 1;
    return this.#text.slice(from, feed);
  }

  #expected(rule: string): never {
    return this.#refuse(rule, this.#at);
  }
}

/** Replaces the escapes of the formats; keeps a backslash before others. */
function unescaped(text: string, quotes: boolean): string {
  return text.replace(
    quotes ? /\\([\\n"])/g : /\\([\\n])/g,
    (_, escaped: string) => escaped === "n" ? "\n" : escaped,
  );
}

/** Reads a number as Go does, without hexadecimal digits and underscores. */
function numberOf(text: string): number | undefined {
  if (INFINITE.test(text)) return text[0] === "-" ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  const value = DECIMAL.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : undefined;
}
