/**
 * Which format a reader gets: the one that it wants most among those that it
 * can read, by its `Accept` header.
 *
 * The header is hostile: only its first part is read, what makes no sense is
 * passed over, and there is an answer to anything.
 */
import type { Format } from "./format.ts";

/** So much of a header is read; real ones have some 300 characters. */
const MOST_CHARACTERS = 4096;
const MOST_ENTRIES = 64;

interface Entry {
  /** `text/plain`, `text/*` or `*` + `/*`; lower case. */
  readonly range: string;
  /** As asked for; undefined if any will do. */
  readonly version: string | undefined;
  /** 0 (never) to 1. */
  readonly q: number;
}

/**
 * The format of `formats` that `accept` prefers; the first one where it says
 * nothing that helps, because a scrape is worth more than a 406.
 */
export function negotiate(
  accept: string | null,
  formats: readonly [Format, ...Format[]],
): Format {
  const entries = parse(accept ?? "");
  const refused = entries.filter(({ q }) => q === 0);
  const wanted = entries.filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q); // stable: of equals, the first
  for (const entry of wanted) {
    const format = formats.find((one) =>
      covers(entry, one) && !refused.some((no) => forbids(no, one, entry))
    );
    if (format !== undefined) return format;
  }
  return formats[0];
}

function covers({ range, version }: Entry, format: Format): boolean {
  if (version !== undefined && version !== format.version) return false;
  if (range === "*/*" || range === format.mediaType) return true;
  return range === `${format.mediaType.split("/")[0]}/*`;
}

/** A refusal holds against everything that is less exact than itself. */
function forbids(refusal: Entry, format: Format, wish: Entry): boolean {
  return covers(refusal, format) && exactness(refusal) >= exactness(wish);
}

function exactness({ range, version }: Entry): number {
  if (range === "*/*") return 0;
  if (range.endsWith("/*")) return 1;
  return version === undefined ? 2 : 3;
}

function parse(header: string): Entry[] {
  const entries: Entry[] = [];
  const parts = splitOutsideQuotes(header.slice(0, MOST_CHARACTERS), ",");
  if (header.length > MOST_CHARACTERS) parts.pop(); // cut, perhaps at a q=0
  for (const part of parts.slice(0, MOST_ENTRIES)) {
    const entry = parseEntry(part);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function parseEntry(text: string): Entry | undefined {
  const [range = "", ...parameters] = splitOutsideQuotes(text, ";");
  let version: string | undefined;
  let q = 1;
  for (const parameter of parameters) {
    const at = parameter.indexOf("=");
    if (at < 0) continue;
    const name = parameter.slice(0, at).trim().toLowerCase();
    const value = unquoted(parameter.slice(at + 1).trim());
    if (name === "version") version = value;
    if (name !== "q") continue;
    q = /^(0(\.[0-9]*)?|1(\.0*)?|\.[0-9]+)$/.test(value) ? Number(value) : NaN;
  }
  if (Number.isNaN(q) || !range.includes("/")) return undefined;
  return { range: range.trim().toLowerCase(), version, q };
}

/** `a,"b,c",d` at commas: `a`, `"b,c"`, `d`. Linear in the text. */
function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "\\" && quoted) i++;
    else if (c === '"') quoted = !quoted;
    else if (c === separator && !quoted) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

function unquoted(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) {
    return text;
  }
  return text.slice(1, -1).replace(/\\(.)/g, "$1");
}
