/** An image of a slot in memory, and what it says by name and labels. */
import { widthOf } from "../../../src/fleet/slot/slot.ts";
import type {
  SlotFamily,
  SlotRow,
  SlotState,
  Tombstone,
} from "../../../src/fleet/slot/slot.ts";
import type {
  Image,
  KnownRow,
  KnownSlots,
} from "../../../src/fleet/publisher/image.ts";

/** The state of a row in words. */
export type StateName = "absent" | "held" | "expired";

const NAMES: readonly StateName[] = ["absent", "held", "expired"];

/** A row as tests compare it. */
export interface ShownRow {
  readonly state: StateName;
  readonly generation: number;
  readonly cells: readonly number[];
  readonly start: number;
}

/** An image of a slot; it continues from what was found. */
export class FakeImage implements Image, KnownSlots {
  readonly families: SlotFamily[] = [];
  rows: SlotRow[] = [];
  cells = new Float64Array(0);
  states = new Uint8Array(0);
  readonly tombstones: Tombstone[] = [];
  extras = new Map<number, string>();
  /** The rows of other slots. */
  readonly others: KnownRow[] = [];
  /** The number of calls of `rowsOf`. */
  searches = 0;
  readonly found: SlotState | undefined;

  constructor(found?: SlotState) {
    this.found = found;
    if (found === undefined) return;
    this.families.push(...found.families);
    this.rows.push(...found.rows);
    this.cells = found.cells.slice();
    this.states = found.states.slice();
    this.tombstones.push(...found.tombstones);
    this.extras = new Map(found.extras);
  }

  addFamily(family: SlotFamily): number {
    return this.families.push(family) - 1;
  }

  addRow(row: Omit<SlotRow, "at">): number {
    const last = this.rows.at(-1);
    const at = last === undefined
      ? 0
      : last.at + widthOf(this.families[last.family]!);
    const width = widthOf(this.families[row.family]!);
    if (at + width > this.cells.length) {
      const larger = new Float64Array(2 * (at + width));
      larger.set(this.cells);
      this.cells = larger;
    }
    if (this.rows.length === this.states.length) {
      const larger = new Uint8Array(2 * (this.rows.length + 1));
      larger.set(this.states);
      this.states = larger;
    }
    return this.rows.push({ ...row, at }) - 1;
  }

  addTombstone(tombstone: Tombstone): void {
    this.tombstones.push(tombstone);
  }

  setExtra(row: number, text: string | undefined): void {
    if (text === undefined) this.extras.delete(row);
    else this.extras.set(row, text);
  }

  /** Returns what a reader of the slot finds. */
  state(): SlotState {
    return {
      meta: {
        incarnation: 1,
        joinedAt: 0,
        process: "p",
        run: "",
        hasLeft: false,
        declared: [],
      },
      publishedAt: 0,
      families: [...this.families],
      rows: [...this.rows],
      tombstones: [...this.tombstones],
      cells: this.cells.slice(),
      states: this.states.slice(),
      extras: new Map(this.extras),
    };
  }

  /**
   * Drops rows like the compaction of a slot; returns the new number of each,
   * or -1.
   */
  compact(keeps: (row: number) => boolean): Int32Array {
    const numbers = new Int32Array(this.rows.length).fill(-1);
    const { rows, cells, states, extras } = this;
    const kept = rows.map((_, row) => keeps(row));
    this.rows = [];
    this.cells = new Float64Array(0);
    this.states = new Uint8Array(0);
    this.extras = new Map();
    rows.forEach(({ at, ...row }, number) => {
      if (!kept[number]) return;
      const to = numbers[number] = this.addRow(row);
      const width = widthOf(this.families[row.family]!);
      this.cells.set(cells.subarray(at, at + width), this.rows[to]!.at);
      this.states[to] = states[number]!;
      this.setExtra(to, extras.get(number));
    });
    return numbers;
  }

  /** Returns the rows that no tombstone hides, by name and label values. */
  shown(): Map<string, ShownRow> {
    const shown = new Map<string, ShownRow>();
    this.rows.forEach(({ family, labels, generation, at, start }, row) => {
      const { name } = this.families[family]!.desc;
      if (generation <= this.removedOf(name, labels)) return;
      const width = widthOf(this.families[family]!);
      const key = keyOf(name, labels);
      const known = shown.get(key);
      if (known !== undefined) throw new Error(`two rows are shown: ${key}`);
      shown.set(key, {
        state: NAMES[this.states[row]!]!,
        generation,
        cells: [...this.cells.subarray(at, at + width)],
        start,
      });
    });
    return shown;
  }

  /** Returns the highest generation that is removed, or -1. */
  removedOf(name: string, labels: string): number {
    let highest = -1;
    for (const tombstone of this.tombstones) {
      const isOf = tombstone.labels === labels &&
        this.families[tombstone.family]!.desc.name === name;
      if (isOf) highest = Math.max(highest, tombstone.generation);
    }
    return highest;
  }

  rowsOf(): readonly KnownRow[] {
    this.searches++;
    return this.others;
  }

  /** Returns the row of a series that is shown; throws if there is none. */
  row(name: string, ...values: string[]): ShownRow {
    const row = this.shown().get(keyOf(name, JSON.stringify(values)));
    if (row === undefined) throw new Error(`${name} ${values} is not shown`);
    return row;
  }

  /** Returns the extra of a series that is shown. */
  extra(name: string, ...values: string[]): unknown {
    const labels = JSON.stringify(values);
    const row = this.rows.findIndex((row) =>
      this.families[row.family]!.desc.name === name && row.labels === labels &&
      row.generation > this.removedOf(name, labels)
    );
    const text = this.extras.get(row);
    return text === undefined ? undefined : JSON.parse(text);
  }
}

/** Returns the key of a series in `shown`. */
export function keyOf(name: string, labels: string): string {
  return `${name}${labels}`;
}
