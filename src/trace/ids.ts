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

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;
const POOL = 4096; // a draw of it costs about 10 ns an id (trace_bench)

/** Draws ids. */
export class IdSource {
  readonly #random: Random;
  #pool: Uint8Array<ArrayBuffer> | undefined;
  #at = POOL;

  /** `random` is asked for 4 KiB at a time. */
  constructor(random: Random) {
    this.#random = random;
  }

  /** 32 hexadecimal digits. */
  traceId(): string {
    return this.#draw(TRACE_BYTES);
  }

  /** 16 hexadecimal digits. */
  spanId(): string {
    return this.#draw(SPAN_BYTES);
  }

  #draw(bytes: number): string {
    if (this.#at + bytes > POOL) {
      this.#random(this.#pool ??= new Uint8Array(POOL));
      this.#at = 0;
    }
    const pool = this.#pool!;
    const end = this.#at + bytes;
    let digits = "";
    let some = 0;
    for (let at = this.#at; at < end; at++) {
      digits += HEX[pool[at]!];
      some |= pool[at]!;
    }
    this.#at = end;
    return some === 0 ? "1".padStart(2 * bytes, "0") : digits;
  }
}

const HEX: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);
