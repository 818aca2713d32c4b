/**
 * Ids of traces and spans: random, hexadecimal, never all zero.
 *
 * Random bytes are fetched 4 KiB at a time: each call is expensive.
 */

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
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  /** The random bytes in hexadecimal; each id is a slice. */
  #digits = "";
  #at = 0;

  /** `random` fills 4 KiB at a time; the first call waits for the first id. */
  constructor(random: Random) {
    this.#random = random;
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
    const id = this.#digits.slice(this.#at, this.#at += digits);
    return id === zero ? id.replace(/0$/, "1") : id;
  }

  #fill(): void {
    const bytes = this.#bytes ??= new Uint8Array(POOL_BYTES);
    this.#random(bytes);
    const digits = new Uint8Array(2 * POOL_BYTES);
    for (let i = 0; i < POOL_BYTES; i++) {
      const byte = bytes[i]!;
      digits[2 * i] = DIGITS.charCodeAt(byte >> 4);
      digits[2 * i + 1] = DIGITS.charCodeAt(byte & 15);
    }
    this.#digits = new TextDecoder().decode(digits);
    this.#at = 0;
  }
}

const DIGITS = "0123456789abcdef";
const ZERO_TRACE = "0".repeat(TRACE_DIGITS);
const ZERO_SPAN = "0".repeat(SPAN_DIGITS);
