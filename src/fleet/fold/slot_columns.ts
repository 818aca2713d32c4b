/** A slot as the fold sees it: facts about its rows, in columns. */
import { MAX_SECONDS } from "../../model/internal.ts";
import { type Extra, extraFrom, NO_EXTRA } from "../slot/extra.ts";
import type { Entry } from "./entry.ts";
import type { SlotRows } from "./merge_picks.ts";
import type { MergedFamily } from "./merged_family.ts";
import { type SlotMeta, type SlotState, widthOf } from "../slot/slot.ts";
import { longer } from "../slot/columns.ts";

/** One slot. */
export class SlotColumns implements SlotRows {
  /** The number of the slot. */
  readonly slot: number;
  /** The contents as last taken; undefined: never seen. */
  state: SlotState | undefined;
  /** Whether its owner counts: it has not left, and is not known to be dead. */
  isLive = false;
  /** Whether it is the lowest live slot of its process. */
  isLeader = false;
  /** The families that the owner declares, as last taken. */
  declared: readonly number[] = [];
  /** The tombstones that were taken. */
  tombstones: { readonly name: string; readonly labels: string }[] = [];
  /** By number of the family in the slot. */
  families: MergedFamily[] = [];
  /** By row: what it adds to; undefined if the row is illegal. */
  entries: (Entry | undefined)[] = [];
  cells: Float64Array = new Float64Array(0);
  states: Uint8Array = new Uint8Array(0);
  /** By row: the index of its first cell. */
  at: Int32Array = new Int32Array(0);
  generations: Float64Array = new Float64Array(0);
  /** By row: when it began, in unix seconds; 0: unknown. */
  starts: Float64Array = new Float64Array(0);
  /** By row: the text of its extra. Readers replace the map if one changes. */
  #texts: ReadonlyMap<number, string> = new Map();
  readonly #extras = new Map<number, Extra | undefined>();

  constructor(slot: number) {
    this.slot = slot;
  }

  /** Facts about the owner; undefined: the slot was never seen. */
  get meta(): SlotMeta | undefined {
    return this.state?.meta;
  }

  get publishedAt(): number {
    return this.state?.publishedAt ?? 0;
  }

  get process(): string {
    const { process = "" } = this.state?.meta ?? {};
    return process;
  }

  /** The number of rows that were taken. */
  get length(): number {
    return this.entries.length;
  }

  /** Forgets all rows. */
  clear(): void {
    this.families = [];
    this.entries = [];
    this.tombstones = [];
    this.#texts = new Map();
    this.#extras.clear();
  }

  /** Makes room for `rows` rows. */
  reserve(rows: number): void {
    if (rows <= this.at.length) return;
    const length = Math.max(rows, Math.ceil(1.25 * this.at.length));
    this.at = longer(this.at, length);
    this.states = longer(this.states, length);
    this.generations = longer(this.generations, length);
    this.starts = longer(this.starts, length);
  }

  /** Adds the next row of the slot. */
  add(entry: Entry | undefined): void {
    const row = this.entries.length;
    const { at, generation, start } = this.state!.rows[row]!;
    this.at[row] = at;
    this.states[row] = this.state!.states[row]!;
    this.generations[row] = generation;
    this.starts[row] = start > 0 && start <= MAX_SECONDS ? start : 0;
    this.entries.push(entry);
  }

  /**
   * Marks the entries of rows that differ from what was taken last; `before` are
   * the cells as they were then, undefined if they are not known.
   */
  compare(before: Float64Array | undefined): void {
    const { entries, states } = this;
    const { states: now } = this.state!;
    const { length } = entries;
    if (before === undefined) this.markAll();
    else this.#compareCells(before);
    for (let row = 0; row < length; row++) {
      if (states[row] === now[row]) continue;
      states[row] = now[row]!;
      entries[row]?.mark();
    }
  }

  /** Compares in one loop over all cells: most of them have not changed. */
  #compareCells(before: Float64Array): void {
    const { entries, at, cells } = this;
    const last = entries.length - 1;
    if (last < 0) return;
    const family = entries[last]?.family.declared;
    const end = family ? at[last]! + widthOf(family) : cells.length;
    for (let cell = 0, row = 0; cell < end; cell++) {
      const x = cells[cell]!;
      const y = before[cell]!;
      if (x === y || Object.is(x, y)) continue; // NaN equals NaN
      while (row < last && at[row + 1]! <= cell) row++;
      entries[row]?.markCells();
    }
  }

  /** Takes the texts of extras, and marks the entries of those that differ. */
  compareExtras(): void {
    const { extras } = this.state!;
    const known = this.#texts;
    if (extras === known) return;
    // Not single texts: one of them keeps the text of all extras alive.
    this.#texts = extras;
    for (const row of known.keys()) {
      if (!extras.has(row)) this.#changeExtra(row);
    }
    for (const [row, text] of extras) {
      if (known.get(row) !== text) this.#changeExtra(row);
    }
  }

  #changeExtra(row: number): void {
    this.#extras.delete(row);
    const entry = this.entries[row];
    if (entry === undefined) return;
    entry.hasExtra = true;
    entry.mark();
  }

  /** Returns the extra of a row; undefined if its text is illegal. */
  extraOf(row: number): Extra | undefined {
    const text = this.#texts.get(row);
    if (text === undefined) return NO_EXTRA;
    let extra = this.#extras.get(row);
    if (extra === undefined && !this.#extras.has(row)) {
      extra = extraFrom(text, this.entries[row]!.family.declared.desc);
      this.#extras.set(row, extra);
    }
    return extra;
  }

  /** Marks everything that the slot adds to. */
  markAll(): void {
    for (const entry of this.entries) entry?.mark();
  }
}
