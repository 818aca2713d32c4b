/**
 * Ids of traces and spans: random, in hexadecimal, never all zero.
 *
 * Random bytes are drawn by the pool, because each draw has a price of its own.
 */

/** Fills bytes with randomness. */
export type Random = (bytes: Uint8Array<ArrayBuffer>) => void;

/** The randomness of the machine. */
export const systemRandom: Random = (bytes) => {
  crypto.getRandomValues(bytes);
};

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;
const POOL = 4096;

/** Draws ids. */
export class IdSource {
  readonly #random: Random;
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  /** The pool in hexadecimal: an id is a part of it. */
  #digits = "";
  #at = 0;

  /** `random` is asked for 4 KiB at a time. */
  constructor(random: Random) {
    this.#random = random;
  }

  /** 32 hexadecimal digits. */
  traceId(): string {
    return this.#draw(TRACE_DIGITS, NO_TRACE);
  }

  /** 16 hexadecimal digits. */
  spanId(): string {
    return this.#draw(SPAN_DIGITS, NO_SPAN);
  }

  #draw(digits: number, none: string): string {
    if (this.#at + digits > this.#digits.length) this.#fill();
    const id = this.#digits.slice(this.#at, this.#at += digits);
    return id === none ? id.replace(/0$/, "1") : id;
  }

  #fill(): void {
    const bytes = this.#bytes ??= new Uint8Array(POOL);
    this.#random(bytes);
    const digits = new Uint8Array(2 * POOL);
    for (let i = 0; i < POOL; i++) {
      const byte = bytes[i]!;
      digits[2 * i] = DIGITS.charCodeAt(byte >> 4);
      digits[2 * i + 1] = DIGITS.charCodeAt(byte & 15);
    }
    this.#digits = new TextDecoder().decode(digits);
    this.#at = 0;
  }
}

const DIGITS = "0123456789abcdef";
const NO_TRACE = "0".repeat(TRACE_DIGITS);
const NO_SPAN = "0".repeat(SPAN_DIGITS);
