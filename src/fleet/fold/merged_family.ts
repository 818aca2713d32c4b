/**
 * One family, merged from all slots.
 *
 * - An entry is one series: the rows of all slots with its labels.
 * - Only marked entries are merged again, always from all of their rows, in the
 *   order of the slots. So a sum of floats never depends on the order in which
 *   changes were learned, and never falls while its parts grow.
 */
import type {
  FamilyDesc,
  RowChanges,
  Rows,
  Sink,
  Source,
} from "../../model/mod.ts";
import { descFrom, trustSource, VERBS } from "../../model/internal.ts";
import { ColumnSums } from "./column_sums.ts";
import { Entry, type EntryFamily, valuesFrom, withMember } from "./entry.ts";
import { EntryWriter } from "./entry_writer.ts";
import { Groups } from "./groups.ts";
import { knownRows } from "./known_rows.ts";
import {
  limitCells,
  mergeCells,
  mergedHistogram,
  newestExemplars,
  type Picks,
  type SlotRows,
  startOf,
} from "./merge_picks.ts";
import { longer } from "../slot/columns.ts";
import { EXPIRED, HELD, isCumulative, type SlotFamily } from "../slot/slot.ts";
import { exactLabels, type Pattern } from "../slot/labels.ts";
import type { KnownRow } from "../publisher/image.ts";
import { SortedRows } from "./sorted_rows.ts";

/** The label by which members are told apart. */
const MEMBER = "member";

/** The numbers of entries. */
interface Ids {
  readonly free: number[];
  next: number;
}

/** A family that all slots with the same declaration add to. */
export class MergedFamily implements Source, Rows, EntryFamily {
  desc: FamilyDesc;
  descs: readonly FamilyDesc[];
  /** The declaration that all of its slots share, except for the help. */
  readonly declared: SlotFamily;
  readonly rows: Rows;
  readonly isComplete: boolean;
  readonly width: number;
  /** The bounds of classic buckets. */
  readonly bounds: Float64Array;
  /** The entries to merge again. */
  dirty: Entry[] = [];
  /** How many families of slots add to it. */
  uses = 0;
  /** Whether members are told apart by a label. */
  readonly byMember: boolean;
  /** Whether all entries depend on facts that no cell shows. */
  readonly isWhole: boolean;

  readonly #slots: readonly SlotRows[];
  /** Returns the highest removed generation of label values, or -1. */
  readonly #removedOf: (labels: string) => number;
  readonly #sorted: SortedRows<Entry>;
  readonly #entries = new Map<string, Entry>();
  /** By id, unless members are told apart. */
  readonly #inOrder: (Entry | undefined)[] = [];
  /** The id of the entry that was found last. */
  #last = -1;
  /** The ids of entries, by slot if members are told apart; else one list. */
  readonly #ids: Ids[] = [];
  /** By slot and entry: the row, or -1. */
  readonly #rowsOf: Int32Array[] = [];
  /** Whether rows of owners that are gone count, too. */
  readonly #isCumulative: boolean;
  readonly #isOfProcess: boolean;
  /** The sums of its rows, if all of them are added up. */
  readonly #sums: ColumnSums | undefined;
  /** The slots that count, if the newest series of a group are those of one. */
  readonly #groups: Groups | undefined;
  readonly #picks: Picks;
  readonly #merged: Float64Array;
  readonly #writer: EntryWriter;

  /**
   * `slots` are all slots by number, a list that grows. `removedOf` returns the
   * highest removed generation of label values, or -1.
   */
  constructor(
    declared: SlotFamily,
    slots: readonly SlotRows[],
    removedOf: (labels: string) => number,
  ) {
    this.#removedOf = removedOf;
    const { desc, bounds, isNative } = declared;
    const { name, type, merge, labelNames } = desc;
    this.declared = declared;
    this.#slots = slots;
    this.byMember = merge === "each-worker" && !labelNames.includes(MEMBER);
    const isDistribution = VERBS[type] === "histogram";
    const isTimed = merge === "last" && VERBS[type] === "number";
    this.#isCumulative = isCumulative(desc);
    this.#isOfProcess = name.startsWith("process_") && !this.#isCumulative;
    const isGrouped = type === "stateset" && merge === "last";
    this.#groups = isGrouped ? new Groups() : undefined;
    const isNewest = merge === "last" || merge === "each-worker";
    this.isWhole = isGrouped || this.#isOfProcess ||
      (isNewest && !this.byMember && !isTimed);
    this.desc = this.#described(desc.help);
    this.descs = [this.desc];
    this.rows = this;
    this.isComplete = !isNative;
    this.bounds = Float64Array.from(bounds);
    this.width = isDistribution
      ? bounds.length + 2
      : type === "summary"
      ? 2
      : 1;
    const isSummed = this.#isCumulative && merge === "sum" &&
      !isNative;
    this.#sums = isSummed ? new ColumnSums(this.width) : undefined;
    this.#sorted = new SortedRows(this.width);
    this.#merged = new Float64Array(this.width);
    this.#picks = { count: 0, slots: [], rows: [] };
    this.#writer = new EntryWriter(this.desc, bounds);
    trustSource(this);
  }

  get length(): number {
    return this.#sorted.length;
  }

  get cells(): Float64Array {
    return this.#sorted.cells;
  }

  get changes(): RowChanges {
    return this.#sorted.changes;
  }

  /** Replaces the help text. */
  describe(help: string): void {
    if (help === this.desc.help) return;
    this.desc = this.#described(help);
    this.descs = [this.desc];
  }

  #described(help: string): FamilyDesc {
    const { desc } = this.declared;
    const labelNames = this.byMember
      ? withMember(desc, desc.labelNames, MEMBER)
      : desc.labelNames;
    return descFrom({ ...desc, help, labelNames }, "utf-8");
  }

  /** Does nothing: `settle` has counted all changes. */
  open(): void {}

  collect(sink: Sink): void {
    if (sink.family(this.desc)) this.emit(0, this.length, sink);
  }

  emit(from: number, to: number, sink: Sink): void {
    for (let row = from; row < to; row++) {
      const entry = this.#sorted.at(row);
      if (entry !== undefined) this.#writer.write(entry, this.cells, sink);
    }
  }

  /**
   * Returns the entry of label values in a slot, at first a new one; undefined if
   * they are illegal. `labels` is their JSON.
   */
  entryOf(labels: string, slot: number): Entry | undefined {
    // Members that run the same code often have their series in the same order.
    const guess = this.#inOrder[this.#last + 1];
    const known = guess?.key === labels ? guess : this.find(labels, slot);
    if (known !== undefined) {
      this.#last = known.id;
      return known;
    }
    const values = valuesFrom(labels, this.declared.desc);
    if (values === undefined) return undefined;
    const canonical = JSON.stringify(values);
    const other = canonical === labels ? undefined : this.find(canonical, slot);
    if (other !== undefined) return other;
    const all = this.byMember
      ? withMember(this.declared.desc, values, `${slot}`)
      : values;
    const key = this.byMember ? JSON.stringify(all) : canonical;
    const of = this.byMember ? slot : -1;
    const ids = this.#ids[of + 1] ??= { free: [], next: 0 };
    const id = ids.free.pop() ?? ids.next++;
    const removed = this.#removedOf(canonical);
    const entry = new Entry(this, id, of, key, all, removed);
    this.#entries.set(key, entry);
    if (of < 0) this.#inOrder[id] = entry;
    return entry;
  }

  /** Returns the entry of label values in a slot, if there is one. */
  find(labels: string, slot: number): Entry | undefined {
    if (!this.byMember) return this.#entries.get(labels);
    const { desc } = this.declared;
    if (desc.type !== "stateset") { // without reading the JSON: it is quick
      const comma = desc.labelNames.length > 0 ? "," : "";
      return this.#entries.get(`${labels.slice(0, -1)}${comma}"${slot}"]`);
    }
    const values = valuesFrom(labels, desc);
    return values &&
      this.#entries.get(JSON.stringify(withMember(desc, values, `${slot}`)));
  }

  /** Adds a row of a slot to an entry. */
  addRow(entry: Entry, slot: number, row: number, generation: number): void {
    while (this.#rowsOf.length <= slot) this.#rowsOf.push(new Int32Array(0));
    let rows = this.#rowsOf[slot]!;
    if (entry.id >= rows.length) {
      const { length } = rows;
      rows = longer(rows, Math.max(entry.id + 1, 2 * length, 8));
      rows.fill(-1, length);
      this.#rowsOf[slot] = rows;
    }
    const known = rows[entry.id]!;
    if (known < 0) entry.uses++;
    if (known < 0 || generation >= this.#slots[slot]!.generations[known]!) {
      rows[entry.id] = row;
    }
    entry.mark();
  }

  /** Removes the row of a slot from an entry. */
  removeRow(entry: Entry, slot: number): void {
    const rows = this.#rowsOf[slot]!;
    if (rows[entry.id]! < 0) return; // two rows of the slot had these labels
    rows[entry.id] = -1;
    entry.uses--;
    entry.mark();
  }

  #rowOf({ id, slot: only }: Entry, slot: number): number {
    if (only >= 0 && only !== slot) return -1;
    const rows = this.#rowsOf[slot];
    return rows !== undefined && id < rows.length ? rows[id]! : -1;
  }

  /** Returns the rows that count, of the series that a pattern matches. */
  rowsOf(pattern: Pattern): Iterable<KnownRow> {
    const exact = exactLabels(this.declared.desc, pattern);
    const entries = exact === undefined
      ? this.#entries.values()
      : this.#found(exact);
    const slots = this.#slots.slice(0, this.#rowsOf.length);
    const rowOf = (entry: Entry, slot: number) => this.#rowOf(entry, slot);
    return knownRows(this.declared, entries, pattern, slots, rowOf);
  }

  /** Returns the entries of label values. */
  #found(labels: string): Entry[] {
    const slots = this.byMember ? this.#slots : this.#slots.slice(0, 1);
    return slots.flatMap(({ slot }) => this.find(labels, slot) ?? []);
  }

  /** Hides the rows of label values up to a generation. */
  setRemoved(labels: string, generation: number): void {
    for (const entry of this.#found(labels)) {
      entry.removed = generation;
      entry.mark();
    }
  }

  /** Marks all entries. */
  markAll(): void {
    for (const entry of this.#entries.values()) entry.mark();
  }

  /** Merges the marked entries. */
  settle(): void {
    if (this.dirty.length === 0) return;
    if (this.isWhole) this.markAll();
    this.#groups?.choose(
      this.#entries.values(),
      this.#slots,
      (entry, slot) => this.#rowOf(entry, slot),
    );
    const { dirty } = this;
    const sums = this.#sums;
    /** The indexes of entries that get a row. */
    const added: number[] = [];
    this.dirty = [];
    sums?.take(dirty, this.#rowsOf, this.#slots);
    for (let i = 0; i < dirty.length; i++) {
      const entry = dirty[i]!;
      entry.isDirty = false;
      const isVisible = sums === undefined
        ? this.#pick(entry)
        : sums.isVisible(entry, i);
      if (isVisible && entry.position >= 0) this.#merge(entry, i);
      else if (isVisible) added.push(i);
      else if (entry.position >= 0) this.#sorted.remove(entry);
      if (entry.uses === 0) this.#forget(entry);
    }
    if (added.length > 0) {
      this.#sorted.insert(added.map((i) => dirty[i]!));
      for (const i of added) {
        if (sums === undefined) this.#pick(dirty[i]!);
        this.#merge(dirty[i]!, i);
      }
    }
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.key);
    if (entry.slot < 0) this.#inOrder[entry.id] = undefined;
    this.#ids[entry.slot + 1]!.free.push(entry.id);
  }

  /** Finds the rows that count for an entry; returns whether it is shown. */
  #pick(entry: Entry): boolean {
    const picks = this.#picks;
    picks.count = 0;
    const slots = this.#slots;
    let isExpired = false;
    let isHeld = false;
    const [from, to] = entry.slot < 0
      ? [0, this.#rowsOf.length]
      : [entry.slot, entry.slot + 1];
    for (let s = from; s < to; s++) {
      const row = this.#rowOf(entry, s);
      if (row < 0) continue;
      const slot = slots[s]!;
      if (slot.generations[row]! <= entry.removed) continue;
      const state = slot.states[row];
      const holds = state === HELD && slot.isLive;
      if (holds) isHeld = true;
      else if (state === EXPIRED) isExpired = true;
      if (this.#isCumulative || (holds && this.#shows(slot, entry))) {
        picks.slots[picks.count] = slot;
        picks.rows[picks.count++] = row;
      }
    }
    return picks.count > 0 && (isHeld || !isExpired);
  }

  #shows(slot: SlotRows, { values }: Entry): boolean {
    if (this.#isOfProcess && !slot.isLeader) return false;
    return this.#groups?.has(slot, values) ?? true;
  }

  /** Writes an entry into its row: the picked rows, or the sums at `index`. */
  #merge(entry: Entry, index: number): void {
    const picks = this.#picks;
    const merged = this.#merged;
    const sums = this.#sums;
    const { desc } = this.declared;
    if (sums === undefined) mergeCells(this, picks, merged);
    else sums.copyTo(merged, index);
    limitCells(desc, merged);
    if (sums !== undefined && !entry.isStale) {
      return this.#setCells(entry.position);
    }
    entry.isStale = false;
    if (sums !== undefined && entry.hasExtra) this.#pick(entry);
    const start = sums?.startOf(index) ?? startOf(picks);
    const exemplars = entry.hasExtra
      ? newestExemplars(this, picks, entry.exemplars)
      : entry.exemplars;
    if (!this.isComplete) {
      const view = mergedHistogram(this, picks, this.#merged, exemplars);
      if (view === undefined) return this.#sorted.remove(entry);
      entry.view = view;
    }
    this.#setCells(entry.position);
    if (start === entry.start && exemplars === entry.exemplars) return;
    entry.start = start;
    entry.exemplars = exemplars;
    this.#sorted.countVersion(entry.position);
  }

  #setCells(position: number): void {
    const { cells, width } = this;
    const merged = this.#merged;
    const at = position * width;
    let isChanged = false;
    for (let i = 0; i < width; i++) {
      if (Object.is(cells[at + i], merged[i])) continue;
      cells[at + i] = merged[i]!;
      isChanged = true;
    }
    if (isChanged) this.#sorted.countNumbers(position);
  }
}
