/**
 * Content codings: those that the runtime supports, the choice by the
 * `Accept-Encoding` header, and the compression of a whole body.
 *
 * Brotli is not offered: `CompressionStream` has a single level of it, which
 * costs seconds of CPU for a body that is read once.
 */

/** A content coding, by its name in HTTP. */
export type Coding = "zstd" | "gzip" | "deflate";

/** The fastest first. HTTP and `CompressionStream` use the same names. */
const CODINGS: readonly Coding[] = ["zstd", "gzip", "deflate"];

/** The maximum length of a header; real ones have about 30 characters. */
const MAX_CHARACTERS = 1024;

/** Returns the codings that the runtime supports, the fastest first. */
export function availableCodings(): readonly Coding[] {
  return CODINGS.filter((coding) => {
    try {
      compressor(coding);
      return true;
    } catch {
      return false; // an unknown coding, or no `CompressionStream` at all
    }
  });
}

/**
 * Returns the coding of `available` that the client prefers, the first of equal
 * ones; undefined to send the body uncompressed.
 *
 * A coding is chosen only if the header names it (`*` stands for gzip alone) and
 * never gives it weight 0 (RFC 9110, section 12.5.3). When in doubt, do not
 * compress: everyone reads plain bytes. A header that is too long is such a
 * doubt, because its end could refuse a coding.
 */
export function chooseCoding(
  header: string,
  available: readonly Coding[],
): Coding | undefined {
  if (header.length > MAX_CHARACTERS) return undefined;
  const weights = parseWeights(header);
  const identity = weights.get("identity") ?? 0;
  let best: Coding | undefined;
  let bestWeight = 0;
  for (const coding of available) {
    const wildcard = coding === "gzip" ? weights.get("*") : undefined;
    const weight = weights.get(coding) ?? wildcard ?? 0;
    if (weight <= bestWeight || weight < identity) continue;
    best = coding;
    bestWeight = weight;
  }
  return best;
}

/**
 * Parses the weight of each coding: 1 by default, 0 if it is malformed. If a
 * coding has several weights, the smallest counts, as it may be a refusal.
 */
function parseWeights(header: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const entry of header.split(",")) {
    const [coding = "", ...parameters] = entry.split(";");
    // Only the whitespace of HTTP: trim() would also remove other kinds.
    const name = coding.replace(/^[ \t]+|[ \t]+$/g, "").toLowerCase()
      .replace(/^x-gzip$/, "gzip");
    let weight = weights.get(name) ?? 1;
    for (const parameter of parameters) {
      const value = /^\s*q\s*=\s*(.*?)\s*$/i.exec(parameter)?.[1];
      if (value === undefined) continue;
      const isValid = /^(0(\.[0-9]*)?|1(\.0*)?|\.[0-9]+)$/.test(value);
      weight = Math.min(weight, isValid ? Number(value) : 0);
    }
    weights.set(name, weight);
  }
  return weights;
}

/**
 * Returns a stream that compresses its input.
 *
 * @throws {TypeError} If the runtime does not support `coding`.
 */
export function compressor(coding: Coding): CompressionStream {
  type Format = ConstructorParameters<typeof CompressionStream>[0];
  return new CompressionStream(coding as Format);
}

/** Compresses a whole body. */
export async function compressed(
  bytes: Uint8Array<ArrayBuffer>,
  coding: Coding,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(compressor(coding));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
