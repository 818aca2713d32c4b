/** The contents of a slot in the memory of its owner. */
import { concatBytes } from "../../base/internal.ts";
import { MAX_SECONDS } from "../../model/internal.ts";
import {
  type SlotFamily,
  type SlotRow,
  type SlotState,
  type Tombstone,
  widthOf,
} from "./slot.ts";
import { SlotLog } from "./slot_log.ts";

/** The rows whose extras are encoded together. */
const CHUNK = 16;

const ENCODER = /* @__PURE__ */ new TextEncoder();

/** The image of a slot: its owner changes it between two publishes. */
export class SlotImage {
  /** The earlier contents of the slot; undefined if it begins empty. */
  readonly found: SlotState | undefined;
  /** The cells of the image. The owner writes to them, from `at` of a row on. */
  cells: Float64Array = new Float64Array(0);
  /** The states of the rows of the image. */
  states: Uint8Array = new Uint8Array(0);
  /** Lines that were added since the log was published. */
  protected pending = "";
  /** Whether the rows have other numbers than when they were published. */
  protected isRenumbered = false;
  protected log: SlotLog = new SlotLog();
  #extras = new Map<number, string>();
  /** The lines of extras, by row / `CHUNK`; undefined: they have changed. */
  #chunks: (Uint8Array<ArrayBuffer> | undefined)[] = [];
  #extrasBytes: Uint8Array | undefined;

  /** Takes `found` for its own, and begins with a copy of it. */
  protected constructor(found: SlotState | undefined) {
    this.found = found;
    if (found === undefined) return;
    this.log.add({ ...found, cells: cellsOf(found) });
    this.cells = found.cells.slice();
    this.states = found.states.slice();
    this.#extras = new Map(found.extras);
  }

  get families(): readonly SlotFamily[] {
    return this.log.families;
  }

  get rows(): readonly SlotRow[] {
    return this.log.rows;
  }

  get tombstones(): readonly Tombstone[] {
    return this.log.tombstones;
  }

  /** Adds a family; returns its number. */
  addFamily(family: SlotFamily): number {
    this.pending += this.log.addFamily(family);
    return this.families.length - 1;
  }

  /**
   * Adds a row, with cells of 0 and the state `ABSENT`. May replace `cells` and
   * `states`. Returns its number.
   */
  addRow(row: Omit<SlotRow, "at">): number {
    const start = row.start >= 0 && row.start <= MAX_SECONDS ? row.start : 0;
    this.pending += this.log.addRow({ ...row, start });
    this.#makeRoom();
    return this.rows.length - 1;
  }

  /** Adds a tombstone. */
  addTombstone(tombstone: Tombstone): void {
    this.pending += this.log.addTombstone(tombstone);
  }

  /** Sets the extra of a row, a text without line breaks; undefined: none. */
  setExtra(row: number, text: string | undefined): void {
    if (this.#extras.get(row) === text) return;
    if (text === undefined) this.#extras.delete(row);
    else this.#extras.set(row, text);
    this.#chunks[Math.floor(row / CHUNK)] = undefined;
    this.#extrasBytes = undefined;
  }

  /**
   * Drops the rows and tombstones that are not to be kept, in the image at once, in
   * the file with the next publish. Returns the new number of each row; -1: dropped.
   */
  compact(
    keeps: (row: number) => boolean,
    keepsTombstone: (tombstone: Tombstone) => boolean,
  ): Int32Array {
    const { families, rows, cells, states } = this;
    const numbers = new Int32Array(rows.length).fill(-1);
    const log = new SlotLog();
    for (const family of families) log.addFamily(family);
    rows.forEach((row, old) => {
      if (!keeps(old)) return;
      numbers[old] = log.rows.length;
      log.addRow(row);
    });
    for (const it of this.tombstones.filter(keepsTombstone)) {
      log.addTombstone(it);
    }
    const extras = new Map<number, string>();
    this.log = log;
    this.cells = new Float64Array(0);
    this.states = new Uint8Array(0);
    this.#makeRoom();
    rows.forEach(({ at, family }, old) => {
      const number = numbers[old]!;
      if (number < 0) return;
      const end = at + widthOf(families[family]!);
      this.cells.set(cells.subarray(at, end), log.rows[number]!.at);
      this.states[number] = states[old]!;
      const extra = this.#extras.get(old);
      if (extra !== undefined) extras.set(number, extra);
    });
    this.#extras = extras;
    this.#chunks = [];
    this.#extrasBytes = undefined;
    this.isRenumbered = true;
    return numbers;
  }

  /** Returns the extras as bytes. They begin with the publish that changed them. */
  protected extrasFor(number: number): Uint8Array {
    return this.#extrasBytes ??= this.#encodeExtras(number);
  }

  /** Returns the extras for the first publish in a new file. */
  protected extrasAnew(): Uint8Array {
    // The count of publishes restarts, or goes on in the old file if this
    // fails.
    this.#extrasBytes = undefined;
    return this.#encodeExtras(1);
  }

  #encodeExtras(number: number): Uint8Array {
    const parts = [ENCODER.encode(`${number}\n`)];
    const rows = this.#extras.size > 0 ? this.rows.length : 0;
    for (let first = 0; first < rows; first += CHUNK) {
      parts.push(this.#chunks[first / CHUNK] ??= this.#encodeChunk(first));
    }
    return concatBytes(parts);
  }

  #encodeChunk(first: number): Uint8Array<ArrayBuffer> {
    let text = "";
    for (let row = first; row < first + CHUNK; row++) {
      const extra = this.#extras.get(row);
      if (extra !== undefined) text += `${row}\t${extra}\n`;
    }
    return ENCODER.encode(text);
  }

  #makeRoom(): void {
    if (this.cells.length < this.log.cells) {
      const cells = new Float64Array(roomFor(this.log.cells));
      cells.set(this.cells);
      this.cells = cells;
    }
    if (this.states.length < this.rows.length) {
      const states = new Uint8Array(roomFor(this.rows.length));
      states.set(this.states);
      this.states = states;
    }
  }
}

/** Returns the length of an array for `count` elements and some more. */
export function roomFor(count: number): number {
  return Math.ceil(count * 1.25);
}

/** Returns the number of cells of all rows. */
function cellsOf({ families, rows }: SlotState): number {
  const last = rows.at(-1);
  return last ? last.at + widthOf(families[last.family]!) : 0;
}
