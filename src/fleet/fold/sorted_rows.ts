/**
 * Rows of numbers in the order of their keys, with gaps.
 *
 * - The order is a function of the keys alone, so that all members write the
 *   same bytes, whenever each of them has seen a series.
 * - A new row moves few others: those of its block, or of a few blocks if the
 *   block is full. Only their versions grow, so that sinks keep the rest.
 */
import type { RowChanges } from "../../model/mod.ts";
import { BLOCK, BLOCK_BITS } from "../../model/internal.ts";
import { longer } from "../slot/columns.ts";

/** The contents of a row. */
export interface Placed {
  /** Identifies the row, and gives its place among others. */
  readonly key: string;
  /** The index of the row; -1: it has none. */
  position: number;
}

/** The rows per block up to which several blocks are filled. */
const FILLED = 12;

/** The rows per block after all blocks were refilled. */
const ROOMY = 8;

/** New rows per block from which on all blocks are refilled at once. */
const MANY = 2;

/** Rows of `width` numbers, sorted by key. */
export class SortedRows<E extends Placed> {
  readonly width: number;
  cells: Float64Array = new Float64Array(0);
  #changes: RowChanges = {
    numbers: new Uint32Array(0),
    versions: new Uint32Array(0),
  };
  /** By position; `BLOCK` for each block. */
  #placed: (E | undefined)[] = [];

  constructor(width: number) {
    this.width = width;
  }

  /** The counters of changes. */
  get changes(): RowChanges {
    return this.#changes;
  }

  /** The number of rows, with the gaps. */
  get length(): number {
    return this.#placed.length;
  }

  /** Returns the contents of a row. */
  at(position: number): E | undefined {
    return this.#placed[position];
  }

  /** Counts a change of the numbers of a row. */
  countNumbers(position: number): void {
    this.#changes.numbers[position >> BLOCK_BITS]!++;
  }

  /** Counts another change of a row: of its start, or an exemplar. */
  countVersion(position: number): void {
    this.#changes.versions[position >> BLOCK_BITS]!++;
  }

  /** Removes a row. */
  remove(entry: E): void {
    const { position } = entry;
    const from = position * this.width;
    this.cells.fill(0, from, from + this.width);
    this.#placed[position] = undefined;
    this.countVersion(position);
    entry.position = -1;
  }

  /** Adds rows of zeros; sorts `added`. */
  insert(added: E[]): void {
    added.sort(byKey);
    const blocks = this.#blocks;
    if (added.length > MANY * blocks) {
      this.#refill(merged(this.#between(0, blocks), added));
    } else for (const entry of added) this.#insert(entry);
  }

  #insert(entry: E): void {
    const block = this.#blockOf(entry.key);
    const blocks = this.#blocks;
    for (let window = 1;; window *= 2) {
      const from = block - block % window;
      const to = Math.min(from + window, blocks);
      const placed = merged(this.#between(from, to), [entry]);
      const room = window === 1 ? BLOCK : FILLED * (to - from);
      if (placed.length <= room) return this.#spread(placed, from, to);
      if (window >= blocks) return this.#refill(placed);
    }
  }

  get #blocks(): number {
    return this.#placed.length >> BLOCK_BITS;
  }

  /** Returns the last block that begins with a key up to `key`, or the first. */
  #blockOf(key: string): number {
    let low = 0;
    let high = this.#blocks - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      let block = middle;
      let first = this.#firstOf(block);
      while (first === undefined && block < high) {
        first = this.#firstOf(++block);
      }
      if (first === undefined || first.key > key) high = middle - 1;
      else low = block;
    }
    return low;
  }

  #firstOf(block: number): E | undefined {
    const to = (block + 1) << BLOCK_BITS;
    for (let position = block << BLOCK_BITS; position < to; position++) {
      const entry = this.#placed[position];
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** Returns the entries of some blocks. */
  #between(from: number, to: number): E[] {
    return this.#placed.slice(from << BLOCK_BITS, to << BLOCK_BITS)
      .filter((entry) => entry !== undefined);
  }

  /** Refills all blocks, and adds blocks so that there is room. */
  #refill(placed: readonly E[]): void {
    const needed = placed.length <= BLOCK
      ? 1
      : Math.ceil(placed.length / ROOMY);
    this.#spread(placed, 0, Math.max(needed, this.#blocks));
  }

  /** Spreads entries, which are sorted, evenly over the blocks of a window. */
  #spread(placed: readonly E[], from: number, to: number): void {
    const { width } = this;
    const moved = new Float64Array(placed.length * width);
    placed.forEach(({ position }, i) => {
      if (position < 0) return;
      const at = position * width;
      moved.set(this.cells.subarray(at, at + width), i * width);
    });
    this.#grow(to);
    const start = from << BLOCK_BITS;
    const end = to << BLOCK_BITS;
    this.cells.fill(0, start * width, end * width);
    this.#placed.fill(undefined, start, end);
    for (let block = from, i = 0; block < to; block++) {
      const until = Math.floor(
        (block - from + 1) * placed.length / (to - from),
      );
      let position = block << BLOCK_BITS;
      for (; i < until; i++, position++) {
        const entry = placed[i]!;
        entry.position = position;
        this.#placed[position] = entry;
        const values = moved.subarray(i * width, (i + 1) * width);
        this.cells.set(values, position * width);
      }
      this.#changes.versions[block]!++;
    }
  }

  #grow(blocks: number): void {
    if (blocks <= this.#blocks) return;
    const { numbers, versions } = this.#changes;
    this.cells = longer(this.cells, (blocks << BLOCK_BITS) * this.width);
    this.#changes = {
      numbers: longer(numbers, blocks),
      versions: longer(versions, blocks),
    };
    while (this.#placed.length < blocks << BLOCK_BITS) {
      this.#placed.push(undefined);
    }
  }
}

function byKey(a: Placed, b: Placed): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** Merges two sorted lists. */
function merged<E extends Placed>(a: readonly E[], b: readonly E[]): E[] {
  const all: E[] = [];
  let i = 0;
  for (const entry of b) {
    while (i < a.length && a[i]!.key < entry.key) all.push(a[i++]!);
    all.push(entry);
  }
  while (i < a.length) all.push(a[i++]!);
  return all;
}
