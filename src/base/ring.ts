/**
 * A ring of items with ever-growing ids, from 1 on.
 *
 * - `push` is O(1) and never waits: it replaces the oldest item.
 * - `get` copies nothing. A reader keeps its own cursor and learns from `oldest`
 *   how much it has missed.
 * - It knows neither topics nor readers.
 */

/** A queue of fixed size that drops the oldest item first. */
export class Ring<T> {
  /** Maximum number of items. */
  readonly capacity: number;
  readonly #slots: (T | undefined)[];
  /** Slot of the newest item. */
  #at = -1;
  #newest = 0;

  /** Allocates all slots, so that `push` never allocates. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#slots = new Array<T | undefined>(capacity).fill(undefined);
  }

  /** Id of the newest item; 0 if the ring is empty. */
  get newest(): number {
    return this.#newest;
  }

  /** Id of the oldest item; 1 if the ring is empty. */
  get oldest(): number {
    return Math.max(1, this.#newest - this.capacity + 1);
  }

  /** Number of items. */
  get size(): number {
    return Math.min(this.#newest, this.capacity);
  }

  /** Adds an item and returns its id. */
  push(item: T): number {
    if (++this.#at === this.capacity) this.#at = 0;
    this.#slots[this.#at] = item;
    return ++this.#newest;
  }

  /** Returns the item with `id`; undefined if it was dropped or not yet added. */
  get(id: number): T | undefined {
    const back = this.#newest - id;
    if (back < 0 || back >= this.capacity) return undefined;
    const slot = this.#at - back;
    return this.#slots[slot < 0 ? slot + this.capacity : slot];
  }
}
