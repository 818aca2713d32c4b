/**
 * Content codings: those that the runtime supports, the choice by the
 * `Accept-Encoding` header, and the compression of a whole body.
 *
 * Brotli is not offered: `CompressionStream` has a single level of it, which
 * costs seconds of CPU for a body that is read once.
 */

import { compress, encodesResponses } from "../../platform/internal.ts";

/** A content coding, by its name in HTTP. */
export type Coding = "zstd" | "gzip" | "deflate";

/** The fastest first. HTTP and `CompressionStream` use the same names. */
const CODINGS: readonly Coding[] = ["zstd", "gzip", "deflate"];

/** The maximum length of a header; real ones have about 30 characters. */
const MAX_CHARACTERS = 1024;

/** Whether `CompressionStream` has zstd; undefined until it is first needed. */
let hasZstd: boolean | undefined;

/**
 * Returns the codings that the runtime may support, the fastest first; none if it
 * compresses responses itself, and would compress them again. It creates no
 * stream: the first one takes tens of milliseconds on Deno.
 */
export function availableCodings(): readonly Coding[] {
  if (encodesResponses()) return [];
  return "CompressionStream" in globalThis ? CODINGS : [];
}

/** Returns whether the runtime supports `coding`, one of `availableCodings`. */
export function isSupported(coding: Coding): boolean {
  if (coding !== "zstd") return true; // wherever there is a CompressionStream
  if (hasZstd !== undefined) return hasZstd;
  try {
    compressor(coding);
    return hasZstd = true;
  } catch {
    return hasZstd = false;
  }
}

/**
 * Returns the coding of `available` that the client prefers, the first of equal
 * ones; undefined to send the body uncompressed. `supports` is called only for
 * codings that the client would prefer.
 *
 * A coding is chosen only if the header names it (`*` stands for gzip alone) and
 * never gives it weight 0 (RFC 9110, section 12.5.3). When in doubt, do not
 * compress: everyone reads plain bytes. A header that is too long is such a
 * doubt, because its end could refuse a coding.
 */
export function chooseCoding(
  header: string,
  available: readonly Coding[],
  supports: (coding: Coding) => boolean = () => true,
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
    if (!supports(coding)) continue;
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

/**
 * Compresses a whole body: at once if the runtime can, otherwise by a stream.
 *
 * @throws {TypeError} If the runtime does not support `coding`.
 */
export function compressed(
  bytes: Uint8Array<ArrayBuffer>,
  coding: Coding,
): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> {
  return compress(bytes, coding) ?? streamed(bytes, coding);
}

async function streamed(
  bytes: Uint8Array<ArrayBuffer>,
  coding: Coding,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(compressor(coding));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
