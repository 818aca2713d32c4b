/**
 * Parses the tokens of a line: names, labels, numbers, timestamps, exemplars.
 *
 * Shares no code with the encoders, so that both cannot share a mistake.
 */

/** The rules that apply to a body. */
export interface Reading {
  /** Whether the rules of OpenMetrics apply. */
  readonly open: boolean;
  /** Whether names are escaped; escaped names may begin with underscores. */
  readonly escaped: boolean;
}

/** An exemplar as read from an exposition. */
export interface ParsedExemplar {
  /** Labels in the order of the line. */
  readonly labels: ReadonlyMap<string, string>;
  /** Value of the observation. */
  readonly value: number;
  /** Unix seconds; undefined if there is no timestamp. */
  readonly timestamp: number | undefined;
}

/** Throws an error; `rule` is the expected syntax. */
type Refuse = (rule: string) => never;

const METRIC = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const NUMBER = /[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const SPECIAL = /NaN|[+-]Inf/y;
/** Special numbers of OpenMetrics, in any letter case. */
const SPECIAL_OPEN = /nan|[+-]?inf(?:inity)?/iy;
const SECONDS = /-?[0-9]+(?:\.[0-9]+)?/y;
const MILLISECONDS = /[0-9]+/y;
/** The first value beyond the signed 64 bits of a timestamp in milliseconds. */
const FIRST_TOO_LATE = 2 ** 63;

/** A position in a line that only moves forward. */
export class Cursor {
  readonly #line: string;
  readonly #reading: Reading;
  readonly #complain: Refuse;
  #at = 0;

  constructor(line: string, reading: Reading, complain: Refuse) {
    this.#line = line;
    this.#reading = reading;
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
    if (this.at(" ")) this.#complain("single spaces");
  }

  isAtEnd(): boolean {
    return this.#at === this.#line.length;
  }

  /** Returns the unread part of the line, without moving. */
  rest(): string {
    return this.#line.slice(this.#at);
  }

  end(): void {
    if (!this.isAtEnd()) this.#complain("the end of the line");
  }

  take(pattern: RegExp, rule: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#line)?.[0];
    if (found === undefined) return this.#complain(rule);
    this.#at += found.length;
    return found;
  }

  number(): number {
    const pattern = this.#reading.open ? SPECIAL_OPEN : SPECIAL;
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
    if (value >= FIRST_TOO_LATE) {
      this.#complain("a timestamp that fits 64 bits");
    }
    return value;
  }

  #finite(pattern: RegExp, rule: string): number {
    const value = Number(this.take(pattern, rule));
    if (!Number.isFinite(value)) {
      this.#complain(`${rule} that does not overflow`);
    }
    return value;
  }

  /** Reads the name of a family or sample; refuses needless quotes. */
  metric(): string {
    return this.#name(METRIC, "a legal metric name");
  }

  /** Reads `name{labels}` or `{"na.me",labels}`. */
  series(): { readonly name: string; readonly labels: Map<string, string> } {
    if (this.at('"')) this.#complain("a quoted name within braces");
    if (!this.at("{")) {
      const name = this.metric();
      const bare = new Map<string, string>();
      return { name, labels: this.at("{") ? this.labels() : bare };
    }
    this.skip("{");
    if (!this.at('"')) this.#complain("a legal metric name");
    const name = this.metric();
    const labels = new Map<string, string>();
    while (!this.at("}")) {
      this.skip(",");
      this.#label(labels);
    }
    this.skip("}");
    return { name, labels };
  }

  labels(): Map<string, string> {
    const labels = new Map<string, string>();
    this.skip("{");
    while (!this.at("}")) {
      if (labels.size > 0) this.skip(",");
      this.#label(labels);
    }
    this.skip("}");
    return labels;
  }

  #label(labels: Map<string, string>): void {
    const name = this.#name(LABEL, "a legal label name");
    if (labels.has(name)) this.#complain("each label name once");
    this.skip('="');
    labels.set(name, this.#text());
  }

  #name(classic: RegExp, rule: string): string {
    const quoted = this.at('"');
    if (quoted) this.skip('"');
    const name = quoted ? this.#text() : this.take(classic, rule);
    if (name === "") this.#complain(rule);
    classic.lastIndex = 0;
    if (quoted && classic.exec(name)?.[0] === name) {
      this.#complain("no quotes around a classic name");
    }
    this.#checkReserved(name, quoted);
    return name;
  }

  /**
   * Sections "Label" and "Name": a leading underscore is reserved, except in
   * escaped names, which never need quotes.
   */
  #checkReserved(name: string, quoted: boolean): void {
    const { open, escaped } = this.#reading;
    const mayBeReserved = escaped && !quoted && name !== "__name__";
    if (mayBeReserved || !name.startsWith(open ? "_" : "__")) return;
    this.#complain("no reserved names, which begin with an underscore");
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

  /** Reads quoted text and its closing quote. */
  #text(): string {
    let value = "";
    for (let from = this.#at;; this.#at++) {
      const c = this.#line[this.#at];
      if (c === undefined) return this.#complain("a closing quote");
      if (c !== '"' && c !== "\\") continue;
      value += this.#line.slice(from, this.#at++);
      if (c === '"') return value;
      const escaped = this.#line[this.#at];
      if (escaped === "n") value += "\n";
      else if (escaped === "\\" || escaped === '"') value += escaped;
      else this.#complain('only the escapes \\\\, \\n and \\"');
      from = this.#at + 1;
    }
  }
}
