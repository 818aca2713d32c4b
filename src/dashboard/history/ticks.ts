/**
 * Seconds, counted so that none comes twice: the numbers of frames.
 *
 * Tick `n` ends at `base + n` in unix seconds, and `base` is a multiple of ten, so
 * columns are aligned to the clock. If the clock is set back, the labels of all
 * earlier ticks move with it.
 */

/** Timers may fire this many seconds early. */
const EARLY = 0.02;

/** Counts seconds by a clock that can be set. */
export class Ticks {
  #base: number;
  /** The newest tick. */
  last: number;

  constructor(unix: number) {
    this.#base = floor10(unix) - 10;
    this.last = Math.floor(unix) - this.#base;
  }

  /**
   * Advances to the time `unix`. Returns false if that second has been counted
   * already: wait for the next one.
   */
  advance(unix: number): boolean {
    const tick = Math.floor(unix - this.#base + EARLY);
    const back = this.last - tick;
    if (back >= 10) {
      // By whole columns of ten seconds; the rest is waited for.
      this.#base -= floor10(back);
      return this.advance(unix);
    }
    if (back >= 0) return false;
    this.last = tick;
    return true;
  }

  /** Returns the tick at a time, as far as it is known now. */
  at(unix: number): number {
    return Math.max(this.last, Math.floor(unix - this.#base));
  }

  /** Returns the end of a tick in unix seconds. */
  time(tick: number): number {
    return this.#base + tick;
  }
}

/** Returns the multiple of ten that is not above `value`. */
export function floor10(value: number): number {
  return 10 * Math.floor(value / 10);
}
