/**
 * A ring of items addressed by an ever-growing id, from 1 on.
 *
 * - `push` is O(1) and never waits; the oldest item makes room.
 * - `get` copies nothing; who reads keeps a cursor of its own and sees by
 *   `oldest` how much it has missed.
 * - It knows neither topics nor readers.
 */

/** A queue of fixed size that forgets the oldest item first. */
export class Ring<T> {
  /** How many items it holds at most. */
  readonly capacity: number;
  readonly #slots: (T | undefined)[];
  /** The slot of the newest item. */
  #at = -1;
  #newest = 0;

  /** All slots are made here, so that `push` never grows anything. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#slots = new Array<T | undefined>(capacity).fill(undefined);
  }

  /** The id of the item that came last; 0 while there is none. */
  get newest(): number {
    return this.#newest;
  }

  /** The id of the oldest item that is still there; 1 while there is none. */
  get oldest(): number {
    return Math.max(1, this.#newest - this.capacity + 1);
  }

  /** How many items are there. */
  get size(): number {
    return Math.min(this.#newest, this.capacity);
  }

  /** Takes an item in, and returns its id. */
  push(item: T): number {
    if (++this.#at === this.capacity) this.#at = 0;
    this.#slots[this.#at] = item;
    return ++this.#newest;
  }

  /** The item of that id; undefined if it is gone, or not there as yet. */
  get(id: number): T | undefined {
    const back = this.#newest - id;
    if (back < 0 || back >= this.capacity) return undefined;
    const slot = this.#at - back;
    return this.#slots[slot < 0 ? slot + this.capacity : slot];
  }
}
