/**
 * Parses one line of an exposition strictly.
 *
 * Shares no code with the encoders, so that both cannot share a mistake.
 */
import { Cursor, type ParsedExemplar, type Reading } from "./parse_cursor.ts";

/** The formats of `parseExposition`. Read OpenMetrics 0.0.1 as 1.0.0. */
export type Dialect = "text-0.0.4" | "text-1.0.0" | "openmetrics-1.0.0";

/** All dialects. */
export const DIALECTS: readonly Dialect[] = [
  "text-0.0.4",
  "text-1.0.0",
  "openmetrics-1.0.0",
];

/** One sample line of an exposition. */
export interface ParsedSample {
  /** Name with its suffix. */
  readonly name: string;
  /** Labels in the order of the line. */
  readonly labels: ReadonlyMap<string, string>;
  /** Value of the sample. */
  readonly value: number;
  /** Unix seconds; undefined if there is no timestamp. */
  readonly timestamp: number | undefined;
  /** Exemplar; undefined if there is none. */
  readonly exemplar: ParsedExemplar | undefined;
}

/** One metadata line of an exposition. */
export interface ParsedMetadata {
  readonly keyword: "TYPE" | "HELP" | "UNIT";
  readonly family: string;
  readonly text: string;
}

/** The sample or metadata at fault, if it is not on the current line. */
export type Place = ParsedSample | ParsedMetadata["keyword"];

/** Throws an error; `rule` was expected at `place` or on the current line. */
export type Complain = (rule: string, place?: Place) => never;

/** Ends before the name: a pattern that matches long names exhausts the stack. */
const METADATA = /^# (TYPE|HELP|UNIT) (?=[^ ])/;
/** Lines with other spacing, which lenient readers accept as metadata. */
const NEARLY_METADATA = /^#[ \t]*(?:TYPE|HELP)(?![^ \t])/;

/** Reads a line that begins with `#`; returns undefined for a comment. */
export function parseMetadata(
  line: string,
  reading: Reading,
  complain: Complain,
): ParsedMetadata | undefined {
  const { open } = reading;
  const [head, word] = METADATA.exec(line) ?? [];
  if (head === undefined || (word === "UNIT" && !open)) {
    if (open) complain("no comments except TYPE, UNIT, HELP and EOF");
    if (NEARLY_METADATA.test(line)) complain("metadata with single spaces");
    return undefined;
  }
  const keyword = word as ParsedMetadata["keyword"];
  const cursor = new Cursor(line, reading, complain);
  cursor.skip(head);
  const family = cursor.metric();
  if (!cursor.isAtEnd() && !cursor.at(" ")) complain("a legal family name");
  const text = cursor.isAtEnd() ? undefined : cursor.rest().slice(1);
  if (keyword === "HELP" && !open) {
    return { keyword, family, text: unescaped(text ?? "", open, complain) };
  }
  if (text === undefined) return complain("a space and a text after the name");
  if (keyword !== "HELP") return { keyword, family, text };
  return { keyword, family, text: unescaped(text, open, complain) };
}

function unescaped(text: string, quotes: boolean, complain: Complain): string {
  return text.replace(/\\(.?)|"/gs, (whole, escaped: string | undefined) => {
    if (whole === '"') {
      if (quotes) complain('quotes in HELP written as \\"');
      return whole;
    }
    if (escaped === "n") return "\n";
    if (escaped === "\\" || (escaped === '"' && quotes)) return escaped;
    return complain('only the escapes \\\\, \\n and \\"');
  });
}

/** Reads a sample line. */
export function parseSample(
  line: string,
  reading: Reading,
  complain: Complain,
): ParsedSample {
  const { open } = reading;
  const cursor = new Cursor(line, reading, complain);
  const { name, labels } = cursor.series();
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
