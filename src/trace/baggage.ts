/**
 * W3C baggage: what a request carries from service to service.
 *
 * - Malformed members are left out; the rest counts.
 * - Bounded: at most 64 members and 8192 characters are read, and written.
 *
 * Source: https://www.w3.org/TR/baggage/, section 3.
 */

/** What is carried under one name. */
export interface BaggageEntry {
  /** Any text. */
  readonly value: string;
  /** What stands behind the value, `;` and all, as it came; often nothing. */
  readonly properties?: string;
}

/** What a request carries, by names. */
export type Baggage = ReadonlyMap<string, BaggageEntry>;

/** Nothing is carried. */
export const NO_BAGGAGE: Baggage = new Map();

const MOST_MEMBERS = 64;
const MOST_LENGTH = 8192;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const ENCODED = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const PROPERTIES = /^[\x20-\x2b\x2d-\x7e\t]*$/;

/** What a header carries; the first word on a name counts. */
export function parseBaggage(header: string | null | undefined): Baggage {
  if (!header) return NO_BAGGAGE;
  const found = new Map<string, BaggageEntry>();
  // What the cut goes through is malformed or wrong: it is left out.
  const end = header.length > MOST_LENGTH
    ? header.lastIndexOf(",", MOST_LENGTH)
    : header.length;
  for (const member of header.slice(0, Math.max(0, end)).split(",")) {
    if (found.size === MOST_MEMBERS) break;
    const semicolon = member.indexOf(";");
    const pair = semicolon < 0 ? member : member.slice(0, semicolon);
    const equals = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, equals)).trim();
    const value = decoded(pair.slice(equals + 1).trim());
    if (!TOKEN.test(name) || value === undefined || found.has(name)) continue;
    const properties = semicolon < 0 ? "" : member.slice(semicolon).trim();
    if (!PROPERTIES.test(properties)) continue;
    found.set(name, properties === "" ? { value } : { value, properties });
  }
  return found;
}

/** The header that carries `baggage` on; empty if there is nothing to carry. */
export function formatBaggage(baggage: Baggage): string {
  let header = "";
  let members = 0;
  for (const [name, { value, properties = "" }] of baggage) {
    const text = value.toWellFormed();
    const member = `${name}=${encodeURIComponent(text)}${properties}`;
    const length = header.length + 1 + member.length;
    if (!TOKEN.test(name) || length > MOST_LENGTH) continue;
    header += header === "" ? member : `,${member}`;
    if (++members === MOST_MEMBERS) break;
  }
  return header;
}

function decoded(value: string): string | undefined {
  if (!ENCODED.test(value)) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
