/**
 * One line of an exposition, read strictly.
 *
 * It shares no code with the encoders: what both agree on was written twice.
 */
import { Cursor, type ParsedExemplar, type Reading } from "./parse_cursor.ts";

/** The dialects of `parseExposition`; OpenMetrics 0.0.1 is that of 1.0.0. */
export type Dialect = "text-0.0.4" | "text-1.0.0" | "openmetrics-1.0.0";

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

/** Up to the name; a pattern for the name itself could exhaust the stack. */
const METADATA = /^# (TYPE|HELP|UNIT) (?=[^ ])/;
/** What readers of text take for metadata, however it is spaced. */
const NEARLY_METADATA = /^#[ \t]*(?:TYPE|HELP)(?![^ \t])/;

/** Reads a line that begins with `#`; undefined for an ordinary comment. */
export function parseMetadata(
  line: string,
  reading: Reading,
  complain: Complain,
): ParsedMetadata | undefined {
  const { open } = reading;
  const [head, word] = METADATA.exec(line) ?? [];
  if (head === undefined || (word === "UNIT" && !open)) {
    if (open) complain("no comments but TYPE, UNIT, HELP and EOF");
    if (NEARLY_METADATA.test(line)) complain("metadata with single blanks");
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
  if (text === undefined) return complain("a blank and a text after the name");
  if (keyword !== "HELP") return { keyword, family, text };
  return { keyword, family, text: unescaped(text, open, complain) };
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
