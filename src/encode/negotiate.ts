/**
 * Selects a format by the `Accept` header of a reader.
 *
 * The header is not trusted: only its first part is read, malformed entries are
 * ignored, and every header selects a format.
 */
import { ESCAPING_SCHEMES } from "../model/mod.ts";
import type { Format } from "./format.ts";

/** Longer headers are cut off; real ones have some 300 characters. */
const MAX_CHARACTERS = 4096;
const MAX_ENTRIES = 64;

/** One media range of the header. */
interface Entry {
  /** `text/plain`, `text/*` or `*` + `/*`; lower case. */
  readonly range: string;
  /** All parameters except q, by name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The weight: 0 (never) to 1. */
  readonly q: number;
}

/**
 * Returns the format that `accept` prefers, with the escaping scheme that it
 * names. If no format is acceptable, returns the first one, because any
 * exposition is more useful than the status 406.
 *
 * If `accept` names no version, the first version in `formats` is selected.
 */
export function negotiate(
  accept: string | null,
  formats: readonly [Format, ...Format[]],
): Format {
  if (accept === null) return formats[0];
  const entries = parse(accept);
  const refusals = entries.filter(({ q }) => q === 0);
  const accepted = entries.filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q); // stable: the first of equals wins
  for (const entry of accepted) {
    const format = formats.find((candidate) =>
      covers(entry, candidate) &&
      !refusals.some((refusal) => forbids(refusal, candidate, entry))
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
  // `*/*` never selects a format that requires explicit parameters.
  return Object.keys(format.required).length === 0 &&
    (range === "*/*" || range === `${format.mediaType.split("/")[0]}/*`);
}

/** A refusal, `q=0`, applies to all entries that are not more specific. */
function forbids(refusal: Entry, format: Format, entry: Entry): boolean {
  return covers(refusal, format) && specificity(refusal) >= specificity(entry);
}

function specificity({ range, parameters }: Entry): number {
  if (range === "*/*") return 0;
  if (range.endsWith("/*")) return 1;
  return parameters.has("version") ? 3 : 2;
}

/** Unknown escaping schemes are ignored. */
function escapedFor({ parameters }: Entry, format: Format): Format {
  const name = parameters.get("escaping")?.toLowerCase();
  const scheme = ESCAPING_SCHEMES.find((known) => known === name);
  return scheme === undefined ? format : format.escapedBy(scheme);
}

function parse(header: string): Entry[] {
  const entries: Entry[] = [];
  const parts = splitOutsideQuotes(header.slice(0, MAX_CHARACTERS), ",");
  if (header.length > MAX_CHARACTERS) parts.pop(); // incomplete, perhaps without its q=0
  for (const part of parts.slice(0, MAX_ENTRIES)) {
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

/** Splits `a,"b,c",d` into `a`, `"b,c"` and `d`. Cost: linear in the text. */
function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "\\" && isQuoted) i++;
    else if (c === '"') isQuoted = !isQuoted;
    else if (c === separator && !isQuoted) {
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
