/**
 * The sum of all slots, as a source whose parts are rows of numbers.
 *
 * - Taking costs what has changed, and sinks write only what has changed.
 * - All that is written is a function of what stands in the slots: two members
 *   that have read the same write the same bytes, in whatever order they learned
 *   of it.
 * - A slot that is gone stays as it was last seen: nothing may fall.
 */
import type { FamilyDesc, Source } from "../../model/mod.ts";
import type { KnownRow, KnownSlots } from "../publisher/image.ts";
import { holdersOf } from "./holders.ts";
import { MergedFamily } from "./merged_family.ts";
import { signatureOf, type SlotFamily, type SlotState } from "../slot/slot.ts";
import { SlotColumns } from "./slot_columns.ts";
import type { SlotChange } from "../slot/slot_reader.ts";
import { hasSameLabels, type Pattern } from "../slot/labels.ts";
import { type NamedTombstone, Tombstones } from "./tombstones.ts";

/** A slot as its reader has read it. */
export interface SlotView {
  /** The published contents; undefined: nothing was ever read. */
  readonly state: SlotState | undefined;
  /** The cells of the state before, to find what has changed. */
  readonly before: Float64Array | undefined;
}

/** Options of a fold. */
export interface FoldOptions {
  /** The maximum number of slots. */
  readonly maxMembers: number;
}

/** Merges what all slots hold. */
export class Fold implements KnownSlots {
  #parts: readonly MergedFamily[] = [];
  #refused: ReadonlyMap<string, number> = new Map();
  /** By number; grows up to the highest slot that was taken. */
  readonly #slots: SlotColumns[] = [];
  readonly #maxMembers: number;
  readonly #families = new Map<string, MergedFamily>();
  readonly #tombstones = new Tombstones();
  #dead: ReadonlySet<number> = new Set();
  /** Whether declarations or owners have changed. */
  #isUndecided = false;
  /** Whether the time of a publish can change what holds. */
  #isContested = false;

  constructor({ maxMembers }: FoldOptions) {
    this.#maxMembers = maxMembers;
  }

  /** The merged families: `target_info` first, the others by name. */
  get parts(): readonly Source[] {
    return this.#parts;
  }

  /** By name: how many live members have declared something that does not hold. */
  get refused(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  /**
   * Takes what `read` of the reader of a slot has found.
   *
   * @throws {RangeError} If there is no such slot.
   */
  take(slot: number, { state, before }: SlotView, change: SlotChange): void {
    if (!(slot < this.#maxMembers)) {
      throw new RangeError(
        `Cannot take slot ${slot}: there are ${this.#maxMembers}`,
      );
    }
    while (this.#slots.length <= slot) {
      this.#slots.push(new SlotColumns(this.#slots.length));
    }
    const columns = this.#slots[slot]!;
    const known = columns.state;
    if (state === undefined || change === "gone") return;
    if (change === "same" && known !== undefined) return;
    if (
      known === undefined || change === "replaced" ||
      !continues(columns, state)
    ) {
      this.#clear(columns);
    }
    const isSameMemory = before !== undefined &&
      before.buffer === columns.cells.buffer &&
      before.byteOffset === columns.cells.byteOffset;
    if (known === undefined || isRedeclared(known, columns, state)) {
      this.#isUndecided = true;
    }
    const isLater = known?.publishedAt !== state.publishedAt;
    columns.state = state;
    columns.cells = state.cells;
    columns.declared = [...state.meta.declared];
    columns.compare(isSameMemory ? before : undefined);
    this.#addNew(columns);
    columns.compareExtras();
    if (!isLater) return;
    for (const family of columns.families) if (family.isWhole) family.markAll();
  }

  /**
   * Sets the slots whose owner is dead or has left: their gauges, infos and
   * statesets vanish, their counters stay.
   */
  setDead(slots: ReadonlySet<number>): void {
    this.#dead = new Set(slots);
  }

  /** Ends a pass: decides conflicts, and merges what has changed. */
  settle(): void {
    this.#refreshOwners();
    if (this.#isUndecided || this.#isContested) {
      const { shown, refused, isContested } = holdersOf(this.#slots);
      this.#parts = shown;
      this.#refused = refused;
      this.#isContested = isContested;
      this.#isUndecided = false;
    }
    for (const [signature, family] of this.#families) {
      family.settle();
      if (family.uses === 0) this.#families.delete(signature);
    }
  }

  /**
   * Returns the tombstones that were learned since the last call; some of them may
   * have been learned before.
   */
  takeTombstones(): readonly NamedTombstone[] {
    return this.#tombstones.takeFresh();
  }

  removedOf(name: string, labels: string): number {
    return this.#tombstones.removedOf(name, labels);
  }

  *rowsOf(desc: FamilyDesc, pattern: Pattern): Generator<KnownRow> {
    for (const family of this.#families.values()) {
      const of = family.declared.desc;
      if (of.name === desc.name && hasSameLabels(of, desc)) {
        yield* family.rowsOf(pattern);
      }
    }
  }

  /** Finds out who is live, and who is the first of its process. */
  #refreshOwners(): void {
    const processes = new Set<string>();
    for (const slot of this.#slots) {
      const { meta } = slot;
      const isLive = meta !== undefined && !meta.hasLeft &&
        !this.#dead.has(slot.slot);
      const isLeader = isLive && !processes.has(meta.process);
      if (isLive) processes.add(meta.process);
      if (isLive === slot.isLive && isLeader === slot.isLeader) continue;
      slot.isLive = isLive;
      slot.isLeader = isLeader;
      slot.markAll();
      this.#isUndecided = true;
    }
  }

  /** Removes everything that a slot has added. */
  #clear(columns: SlotColumns): void {
    const { slot, families, entries } = columns;
    for (const entry of entries) entry?.family.removeRow(entry, slot);
    for (const family of families) family.uses--;
    const tombstones = columns.tombstones;
    columns.clear();
    this.#tombstones.clear(slot);
    for (const { name, labels } of tombstones) this.#hide(name, labels);
    this.#isUndecided = true;
  }

  /** Adds families, tombstones and rows that were not taken yet. */
  #addNew(columns: SlotColumns): void {
    const { slot, families } = columns;
    const { families: declared, rows, tombstones } = columns.state!;
    for (let i = families.length; i < declared.length; i++) {
      const family = this.#familyOf(declared[i]!);
      family.uses++;
      families.push(family);
    }
    for (let i = columns.tombstones.length; i < tombstones.length; i++) {
      const { family, labels, generation } = tombstones[i]!;
      const name = families[family]?.declared.desc.name ?? "";
      const stored = this.#tombstones.add(slot, { name, labels, generation });
      columns.tombstones.push({ name, labels: stored });
      this.#hide(name, stored);
    }
    columns.reserve(rows.length);
    for (let row = columns.length; row < rows.length; row++) {
      const added = rows[row]!;
      const family = families[added.family];
      const entry = family?.entryOf(added.labels, slot);
      columns.add(entry);
      if (entry === undefined) continue;
      family!.addRow(entry, slot, row, added.generation);
      // Its own text keeps the text of the whole log alive.
      if (added.labels === entry.key) added.labels = entry.key;
    }
  }

  #familyOf(declared: SlotFamily): MergedFamily {
    const signature = signatureOf(declared);
    let family = this.#families.get(signature);
    if (family === undefined) {
      const { name } = declared.desc;
      family = new MergedFamily(
        declared,
        this.#slots,
        (labels) => this.#tombstones.removedOf(name, labels),
      );
      this.#families.set(signature, family);
    }
    return family;
  }

  /** Hides the removed rows of a series. */
  #hide(name: string, labels: string): void {
    const removed = this.#tombstones.removedOf(name, labels);
    for (const family of this.#families.values()) {
      if (family.declared.desc.name !== name) continue;
      family.setRemoved(labels, removed);
    }
  }
}

/** Returns whether `state` only adds families, rows and tombstones. */
function continues(
  { families, length, tombstones }: SlotColumns,
  state: SlotState,
): boolean {
  return state.families.length >= families.length &&
    state.rows.length >= length &&
    state.tombstones.length >= tombstones.length;
}

/** Returns whether the owner, or what it declares, is another. */
function isRedeclared(
  known: SlotState,
  { declared, families }: SlotColumns,
  { meta, families: all }: SlotState,
): boolean {
  return known.meta.joinedAt !== meta.joinedAt ||
    known.meta.process !== meta.process ||
    families.length !== all.length ||
    declared.length !== meta.declared.length ||
    declared.some((number, i) => number !== meta.declared[i]);
}
