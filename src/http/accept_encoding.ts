/**
 * Which compression a client gets, by its `Accept-Encoding` header.
 *
 * Not sure is none: plain bytes can be read by everybody.
 */

/** Real headers have some 30 characters; one beyond this is not read. */
const MOST_CHARACTERS = 1024;

/** A compression, by its name in HTTP. */
export type Coding = "zstd" | "gzip" | "deflate";

/**
 * The coding of `available` that the client likes best, of equals the one that
 * stands first; undefined for none at all.
 *
 * Only what is listed by name may be sent, gzip also by `*`, and nothing that
 * has a weight of 0 anywhere (RFC 9110, section 12.5.3). An absent header means
 * none, and so does one that is too long: half of it could hide a refusal.
 */
export function chooseCoding(
  header: string | null,
  available: readonly Coding[],
): Coding | undefined {
  if (header === null || header.length > MOST_CHARACTERS) return undefined;
  const weights = weightsOf(header);
  const plain = weights.get("identity") ?? 0;
  let best: Coding | undefined;
  let most = 0;
  for (const coding of available) {
    const any = coding === "gzip" ? weights.get("*") : undefined;
    const weight = weights.get(coding) ?? any ?? 0;
    if (weight <= most || weight < plain) continue;
    best = coding;
    most = weight;
  }
  return best;
}

/** Of two weights for one coding, the least: it may be a refusal. */
function weightsOf(header: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const part of header.split(",")) {
    const [coding = "", ...parameters] = part.split(";");
    // Blanks of HTTP alone: trim() would take away others, too.
    const name = coding.replace(/^[ \t]+|[ \t]+$/g, "").toLowerCase()
      .replace(/^x-gzip$/, "gzip");
    const known = weights.get(name) ?? 1;
    weights.set(name, Math.min(known, weightOf(parameters)));
  }
  return weights;
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
