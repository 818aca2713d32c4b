/**
 * Which format a reader gets: the one that it wants most among those that it
 * can read, by its `Accept` header.
 *
 * The header is hostile: only its first part is read, what makes no sense is
 * passed over, and there is an answer to anything.
 */
import { ESCAPING_SCHEMES } from "../model/mod.ts";
import type { Format } from "./format.ts";

/** So much of a header is read; real ones have some 300 characters. */
const MOST_CHARACTERS = 4096;
const MOST_ENTRIES = 64;

interface Entry {
  /** `text/plain`, `text/*` or `*` + `/*`; lower case. */
  readonly range: string;
  /** By name in lower case, all but q. */
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 (never) to 1. */
  readonly q: number;
}

/**
 * The format of `formats` that `accept` prefers, escaped as it asks; the first
 * one where it says nothing that helps, because a scrape is worth more than a
 * 406.
 *
 * Of formats that differ in their version alone, a reader that names none gets
 * the one that stands first.
 */
export function negotiate(
  accept: string | null,
  formats: readonly [Format, ...Format[]],
): Format {
  if (accept === null) return formats[0];
  const entries = parse(accept);
  const refused = entries.filter(({ q }) => q === 0);
  const wanted = entries.filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q); // stable: of equals, the first
  for (const entry of wanted) {
    const format = formats.find((one) =>
      covers(entry, one) && !refused.some((no) => forbids(no, one, entry))
    );
    if (format !== undefined) return escapedFor(entry, format);
  }
  return formats[0];
}

function covers({ range, parameters }: Entry, format: Format): boolean {
  const version = parameters.get("version");
  if (version !== undefined && version !== format.version) return false;
  for (const [name, value] of Object.entries(format.required)) {
    if (parameters.get(name)?.toLowerCase() !== value.toLowerCase()) {
      return false;
    }
  }
  if (range === format.mediaType) return true;
  // Who asks for anything has not asked for what needs to be asked for.
  return Object.keys(format.required).length === 0 &&
    (range === "*/*" || range === `${format.mediaType.split("/")[0]}/*`);
}

/** A refusal holds against everything that is less exact than itself. */
function forbids(refusal: Entry, format: Format, wish: Entry): boolean {
  return covers(refusal, format) && exactness(refusal) >= exactness(wish);
}

function exactness({ range, parameters }: Entry): number {
  if (range === "*/*") return 0;
  if (range.endsWith("/*")) return 1;
  return parameters.has("version") ? 3 : 2;
}

/** A scheme that nobody knows is one that nobody asked for. */
function escapedFor({ parameters }: Entry, format: Format): Format {
  const asked = parameters.get("escaping")?.toLowerCase();
  const scheme = ESCAPING_SCHEMES.find((one) => one === asked);
  return scheme === undefined ? format : format.escapedBy(scheme);
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
  const [range = "", ...rest] = splitOutsideQuotes(text, ";");
  const parameters = new Map<string, string>();
  let q = 1;
  for (const parameter of rest) {
    const at = parameter.indexOf("=");
    if (at < 0) continue;
    const name = parameter.slice(0, at).trim().toLowerCase();
    const value = unquoted(parameter.slice(at + 1).trim());
    if (name !== "q") parameters.set(name, value);
    else q = /^(0(\.[0-9]*)?|1(\.0*)?|\.[0-9]+)$/.test(value) ? +value : NaN;
  }
  if (Number.isNaN(q) || !range.includes("/")) return undefined;
  return { range: range.trim().toLowerCase(), parameters, q };
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
