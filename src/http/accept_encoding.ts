/**
 * Whether a client takes gzip, by its `Accept-Encoding` header.
 *
 * Not sure is no: plain bytes can be read by everybody.
 */

/** Real headers have some 30 characters; one beyond this is not read. */
const MOST_CHARACTERS = 1024;

/**
 * Whether gzip may be sent: it, or else `*`, is listed, and nowhere with a
 * weight of 0 (RFC 9110, section 12.5.3). An absent header means no, and so
 * does one that is too long: half of it could hide a refusal.
 */
export function acceptsGzip(header: string | null): boolean {
  if (header === null || header.length > MOST_CHARACTERS) return false;
  let named: number | undefined;
  let any: number | undefined;
  for (const part of header.split(",")) {
    const [coding = "", ...parameters] = part.split(";");
    const name = coding.trim().toLowerCase();
    // Of two weights for one coding, the least counts: it may be a refusal.
    if (name === "gzip" || name === "x-gzip") {
      named = Math.min(named ?? 1, weightOf(parameters));
    } else if (name === "*") {
      any = Math.min(any ?? 1, weightOf(parameters));
    }
  }
  return (named ?? any ?? 0) > 0;
}

/** 1 unless there is a weight; 0 for one that cannot be read. */
function weightOf(parameters: readonly string[]): number {
  let least = 1;
  for (const parameter of parameters) {
    const weight = /^\s*q\s*=\s*(.*?)\s*$/i.exec(parameter)?.[1];
    if (weight === undefined) continue;
    const legal = /^(0(\.[0-9]*)?|1(\.0*)?|\.[0-9]+)$/.test(weight);
    least = Math.min(least, legal ? Number(weight) : 0);
  }
  return least;
}
