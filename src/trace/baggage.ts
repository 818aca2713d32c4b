/**
 * W3C baggage: entries that requests carry from service to service.
 *
 * - Malformed members are skipped; all others are used. Ill-formed UTF-8 in a
 *   value becomes U+FFFD.
 * - At most 64 members and 8192 characters are read and written.
 *
 * Source: https://www.w3.org/TR/baggage/, section 3.
 */

/** One entry of baggage. */
export interface BaggageEntry {
  /** The decoded value: any string. */
  readonly value: string;
  /** Properties after the value, with the leading `;`, as received. */
  readonly properties?: string | undefined;
}

/** Entries of baggage by name. */
export type Baggage = ReadonlyMap<string, BaggageEntry>;

/** Empty baggage. */
export const NO_BAGGAGE: Baggage = new Map();

const MAX_MEMBERS = 64;
const MAX_LENGTH = 8192;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const ENCODED = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const PROPERTIES = /^[\x20-\x2b\x2d-\x7e\t]*$/;
const STRAY_PERCENT = /%(?![0-9A-Fa-f]{2})/;

/** Parses a `baggage` header. If a name is repeated, its first member counts. */
export function parseBaggage(header: string | null | undefined): Baggage {
  if (typeof header !== "string" || header === "") return NO_BAGGAGE;
  const found = new Map<string, BaggageEntry>();
  // A member that the limit cuts in two is left out.
  const end = header.length > MAX_LENGTH
    ? header.lastIndexOf(",", MAX_LENGTH)
    : header.length;
  for (const member of header.slice(0, Math.max(0, end)).split(",")) {
    if (found.size === MAX_MEMBERS) break;
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

/**
 * Formats a `baggage` header; empty if there is no valid entry. Malformed
 * properties are left out.
 */
export function formatBaggage(baggage: Baggage): string {
  return written(baggage, encodeURIComponent, false) ??
    written(baggage, encodedTersely, true)!;
}

/**
 * Writes values by `encode`. Returns undefined if they are too long and
 * `mayOmit` is false.
 */
function written(
  baggage: Baggage,
  encode: (text: string) => string,
  mayOmit: boolean,
): string | undefined {
  let header = "";
  let members = 0;
  for (const [name, { value, properties = "" }] of baggage) {
    if (!TOKEN.test(name) || typeof value !== "string") continue;
    const text = encode(value.toWellFormed());
    const member = `${header === "" ? "" : ","}${name}=${text}${
      checkedProperties(properties)
    }`;
    if (header.length + member.length > MAX_LENGTH) {
      if (mayOmit) continue;
      return undefined;
    }
    header += member;
    if (++members === MAX_MEMBERS) break;
  }
  return header;
}

/**
 * Encodes as little as the grammar allows, so that a legal header never grows on
 * its way.
 */
function encodedTersely(text: string): string {
  return text.replace(
    /[^\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+/g,
    encodeURIComponent,
  );
}

function checkedProperties(properties: unknown): string {
  if (properties === "" || typeof properties !== "string") return "";
  const isValid = properties.startsWith(";") && PROPERTIES.test(properties);
  return isValid ? properties : "";
}

/** Decodes a value; undefined if it is malformed. */
function decoded(value: string): string | undefined {
  if (!value.includes("%")) return ENCODED.test(value) ? value : undefined;
  if (!ENCODED.test(value) || STRAY_PERCENT.test(value)) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return decodedLossily(value);
  }
}

/** Section "value": ill-formed sequences are replaced by U+FFFD. */
function decodedLossily(value: string): string {
  const octets = value.replace(
    /%(..)/g,
    (_, digits: string) => String.fromCharCode(parseInt(digits, 16)),
  );
  const bytes = Uint8Array.from(octets, (octet) => octet.charCodeAt(0));
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
