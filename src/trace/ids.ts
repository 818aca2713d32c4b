/**
 * Ids of traces and spans: random, hexadecimal, never all zero.
 *
 * Random bytes are fetched 4 KiB at a time: each call is expensive.
 */

import { callSafely } from "../base/internal.ts";

/** Fills an array with random bytes. */
export type Random = (bytes: Uint8Array<ArrayBuffer>) => void;

/** Fills an array by `crypto.getRandomValues`. */
export const systemRandom: Random = (bytes) => {
  crypto.getRandomValues(bytes);
};

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;
const POOL_BYTES = 4096;

/** Generates ids. */
export class IdSource {
  readonly #random: Random;
  readonly #failed: () => void;
  #pool: Pool | undefined;
  /** The random bytes in hexadecimal; each id is a slice. */
  #digits = "";
  #at = 0;

  /**
   * `random` fills 4 KiB at a time; the first call waits for the first id. If it
   * throws, `failed` is called and the system's random bytes are used.
   */
  constructor(random: Random, failed: () => void = () => {}) {
    this.#random = random;
    this.#failed = failed;
  }

  /** Returns 32 hexadecimal digits. */
  traceId(): string {
    return this.#next(TRACE_DIGITS, ZERO_TRACE);
  }

  /** Returns 16 hexadecimal digits. */
  spanId(): string {
    return this.#next(SPAN_DIGITS, ZERO_SPAN);
  }

  #next(digits: number, zero: string): string {
    if (this.#at + digits > this.#digits.length) this.#fill();
    const from = this.#at;
    const id = this.#digits.slice(from, this.#at = from + digits);
    // A comparison copies the slice: most ids need none.
    if (this.#digits[from] !== "0" || id !== zero) return id;
    return id.replace(/0$/, "1");
  }

  #fill(): void {
    const { bytes, pairs, digits, decoder } = this.#pool ??= createPool();
    callSafely(this.#random, bytes, () => {
      this.#failed();
      systemRandom(bytes);
    });
    for (let i = 0; i < POOL_BYTES; i++) digits[i] = pairs[bytes[i]!]!;
    this.#digits = decoder.decode(digits);
    this.#at = 0;
  }
}

/** The buffers in which random bytes become text. */
interface Pool {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The digits of each value of a byte: two characters in an element. */
  readonly pairs: Uint16Array;
  /** The digits of `bytes`. */
  readonly digits: Uint16Array;
  readonly decoder: TextDecoder;
}

function createPool(): Pool {
  const pairs = Array.from(
    { length: 256 },
    (_, byte) => byte.toString(16).padStart(2, "0"),
  );
  const text = new TextEncoder().encode(pairs.join(""));
  return {
    bytes: new Uint8Array(POOL_BYTES),
    pairs: new Uint16Array(Uint8Array.from(text).buffer),
    digits: new Uint16Array(POOL_BYTES),
    decoder: new TextDecoder(),
  };
}

const ZERO_TRACE = "0".repeat(TRACE_DIGITS);
const ZERO_SPAN = "0".repeat(SPAN_DIGITS);
