/**
 * Counts of the last hour in two resolutions: slots of seconds for the last 11
 * minutes, and the sum of the time before them, the past.
 *
 * - Memory is allocated once: `width` times 4 bytes for each slot and block.
 * - A past that is frozen neither grows nor forgets, so an incident of any length
 *   is compared with the time before it.
 */

/** Seconds of the slots: the longest window is 10 minutes. */
const RECENT = 660;

/** Seconds of a block of the past. */
const BLOCK = 300;

/** Number of blocks of the past: with the slots, an hour. */
const BLOCKS = 10;

/** Counts of `width` cells by slot. */
export class SlotCounts {
  /** Seconds of a slot. */
  readonly seconds: number;
  readonly #width: number;
  readonly #slots: Float32Array;
  readonly #length: number;
  readonly #blocks: Float64Array;
  /** The sums of all blocks: whole numbers, which have no rounding errors. */
  readonly #past: Float64Array;
  /** The slot that is written; all before it are complete. */
  #newest = 0;
  /** Number of slots that the past has taken in. */
  #taken = 0;
  /** Slots before this one do not become part of the past. */
  #calmFrom = 0;

  constructor(width: number, seconds: number) {
    this.seconds = seconds;
    this.#width = width;
    this.#length = RECENT / seconds;
    this.#slots = new Float32Array(width * this.#length);
    this.#blocks = new Float64Array(width * BLOCKS);
    this.#past = new Float64Array(width);
  }

  /** The oldest slot whose counts are kept. */
  get oldest(): number {
    return Math.max(0, this.#newest - this.#length + 1);
  }

  /** Adds to a cell of `slot`, which is the newest one or a later one. */
  add(slot: number, cell: number, by: number): void {
    this.moveTo(slot);
    this.#slots[this.#at(slot) + cell]! += by;
  }

  /** Makes `slot` the newest one. */
  moveTo(slot: number): void {
    // Slots that were not written in a long pause are empty.
    const first = Math.max(this.#newest + 1, slot - this.#length + 1);
    for (let old = this.oldest; old <= slot - this.#length; old++) {
      if (old > this.#newest) break;
      this.#takeIn(old);
    }
    for (let next = first; next <= slot; next++) {
      const at = this.#at(next);
      this.#slots.fill(0, at, at + this.#width);
    }
    this.#newest = Math.max(this.#newest, slot);
  }

  /**
   * Returns the sum over the slots of [from, to) of the cells from `cell` on:
   * `cells` of them. Default: one.
   */
  sum(cell: number, from: number, to: number, cells = 1): number {
    // Local names: engines read private fields slowly in a loop.
    const slots = this.#slots;
    const width = this.#width;
    const length = this.#length;
    const newest = this.#newest;
    const end = Math.min(to, newest + 1);
    let sum = 0;
    for (
      let slot = Math.max(from, newest - length + 1, 0);
      slot < end;
      slot++
    ) {
      const at = (slot % length) * width + cell;
      for (let i = at; i < at + cells; i++) sum += slots[i]!;
    }
    return sum;
  }

  /** Returns the sum over the past of each cell; read only. */
  get past(): Readonly<Float64Array> {
    return this.#past;
  }

  /** Stops the past: an incident has begun. */
  freeze(): void {
    this.#calmFrom = Infinity;
  }

  /** Continues the past with `slot`, the first one after an incident. */
  thaw(slot: number): void {
    this.#calmFrom = slot;
  }

  #at(slot: number): number {
    return (slot % this.#length) * this.#width;
  }

  #takeIn(slot: number): void {
    if (slot < this.#calmFrom) return;
    const perBlock = BLOCK / this.seconds;
    const [width, blocks, past] = [this.#width, this.#blocks, this.#past];
    const to = (Math.floor(this.#taken / perBlock) % BLOCKS) * width;
    const from = this.#at(slot);
    const isNew = this.#taken++ % perBlock === 0;
    for (let cell = 0; cell < width; cell++) {
      if (isNew) {
        past[cell]! -= blocks[to + cell]!;
        blocks[to + cell] = 0;
      }
      const count = this.#slots[from + cell]!;
      blocks[to + cell]! += count;
      past[cell]! += count;
    }
  }
}
