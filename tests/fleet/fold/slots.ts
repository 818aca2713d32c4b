/** Slots for tests of the fold, without files. */
import {
  type DescInit,
  type Exemplar,
  familyDesc,
  type NativeView,
} from "../../../src/model/mod.ts";
import { extraText } from "../../../src/fleet/slot/extra.ts";
import type { SlotView } from "../../../src/fleet/fold/fold.ts";
import {
  HELD,
  type SlotFamily,
  type SlotMeta,
  type SlotRow,
  type Tombstone,
  widthOf,
} from "../../../src/fleet/slot/slot.ts";

/** Facts about a row; the defaults describe a held row of generation 0. */
export interface RowInit {
  readonly state?: number;
  readonly generation?: number;
  readonly start?: number;
}

/** A slot, and what its reader returns. */
export class FakeSlot {
  meta: SlotMeta;
  publishedAt = 1;
  families: SlotFamily[] = [];
  rows: SlotRow[] = [];
  tombstones: Tombstone[] = [];
  cells: number[] = [];
  states: number[] = [];
  readonly extras = new Map<number, string>();
  /** The arrays of the last two reads; older ones are overwritten. */
  #arrays: Float64Array[] = [];

  constructor(meta: Partial<SlotMeta> = {}) {
    this.meta = {
      incarnation: 1,
      joinedAt: 1,
      process: "p",
      run: "",
      hasLeft: false,
      declared: [],
      ...meta,
    };
  }

  /** Adds a family that the owner declares; returns its number. */
  family(
    init: Omit<DescInit, "help"> & { help?: string },
    bounds: readonly number[] = [],
    isNative = false,
  ): number {
    const desc = familyDesc({ help: "Help.", ...init }, "utf-8");
    const number = this.families.push({ desc, bounds, isNative }) - 1;
    this.meta = { ...this.meta, declared: [...this.meta.declared, number] };
    return number;
  }

  /** Adds a row; returns its number. */
  row(
    family: number,
    values: readonly string[],
    cells: readonly number[],
    { state = HELD, generation = 0, start = 0 }: RowInit = {},
  ): number {
    const labels = JSON.stringify(values);
    const at = this.cells.length;
    const width = widthOf(this.families[family]!);
    for (let i = 0; i < width; i++) this.cells.push(cells[i] ?? 0);
    this.states.push(state);
    return this.rows.push({ family, generation, start, labels, at }) - 1;
  }

  /** Writes the same contents in another order, as after a compaction. */
  rewrite(): void {
    const numbers = [...this.rows.keys()].reverse();
    const widths = this.rows.map(({ family }) =>
      widthOf(this.families[family]!)
    );
    const cells: number[] = [];
    const rows = numbers.map((number) => {
      const row = this.rows[number]!;
      const at = cells.length;
      cells.push(...this.cells.slice(row.at, row.at + widths[number]!));
      return { ...row, at };
    });
    const extras = [...this.extras];
    this.extras.clear();
    for (const [row, text] of extras) {
      this.extras.set(numbers.indexOf(row), text);
    }
    this.states = numbers.map((number) => this.states[number]!);
    this.families = [...this.families];
    this.tombstones = [...this.tombstones];
    this.rows = rows;
    this.cells = cells;
  }

  /** Sets one cell of a row. */
  set(row: number, value: number, cell = 0): void {
    this.cells[this.rows[row]!.at + cell] = value;
  }

  /** Sets the exemplars and native buckets of a row. */
  extra(
    row: number,
    exemplars: readonly (Exemplar | undefined)[],
    native?: NativeView,
  ): void {
    const text = extraText({ exemplars, native });
    if (text === undefined) this.extras.delete(row);
    else this.extras.set(row, text);
  }

  /** Returns what is published now, like a reader that reuses two arrays. */
  read(): SlotView {
    const before = this.#arrays.at(-1);
    if (this.#arrays.length > 1) this.#arrays.shift()!.fill(-99);
    const cells = Float64Array.from([...this.cells, 99]);
    this.#arrays.push(cells);
    return {
      before,
      state: {
        meta: this.meta,
        publishedAt: this.publishedAt,
        families: this.families,
        rows: this.rows,
        tombstones: this.tombstones,
        cells,
        states: Uint8Array.from([...this.states, HELD]),
        extras: new Map(this.extras),
      },
    };
  }
}
