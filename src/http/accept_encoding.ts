/** Whether a client takes gzip, by its `Accept-Encoding` header. */

/** So much of a header is read. */
const MOST_CHARACTERS = 1024;

/**
 * Whether gzip may be sent: it, or else `*`, is listed with a weight above 0
 * (RFC 9110, section 12.5.3). An absent header, and one that makes no sense,
 * mean no.
 */
export function acceptsGzip(header: string | null): boolean {
  if (header === null) return false;
  let any: number | undefined;
  for (const part of header.slice(0, MOST_CHARACTERS).split(",")) {
    const [coding = "", ...parameters] = part.split(";");
    const name = coding.trim().toLowerCase();
    if (name !== "gzip" && name !== "x-gzip" && name !== "*") continue;
    const weight = weightOf(parameters);
    if (name !== "*") return weight > 0;
    any ??= weight;
  }
  return any !== undefined && any > 0;
}

/** 0 for a weight that cannot be read: not sure is no. */
function weightOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const weight = /^\s*q\s*=\s*(.*?)\s*$/i.exec(parameter)?.[1];
    if (weight === undefined) continue;
    return /^(0(\.[0-9]{0,3})?|1(\.0{0,3})?)$/.test(weight)
      ? Number(weight)
      : 0;
  }
  return 1;
}
