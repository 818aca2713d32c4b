/**
 * The rows of an image, by family and labels.
 *
 * - Counters, histograms and summaries are published as a base plus the numbers
 *   of the registry, so that they never fall. The base is what an earlier owner
 *   of the slot has published. If the numbers of the registry start again from
 *   zero, the published ones become the base.
 * - A removed row is never written again: the next generation of it begins at
 *   zero. A gauge belongs to its member, so removing it hides nothing elsewhere.
 */
import type { Clock } from "../../base/mod.ts";
import type { FamilyDesc, NativeView } from "../../model/mod.ts";
import { ImageFamilies } from "./image_families.ts";
import { type Counted, countedIn } from "./counted.ts";
import { extraFrom } from "../slot/extra.ts";
import {
  type Entry,
  entryAt,
  type Image,
  type ImageFamily,
  type KnownRow,
  type KnownSlots,
  type Point,
} from "./image.ts";
import { copyNative } from "./native_buckets.ts";
import { OwnNumbers } from "./own_numbers.ts";
import { ProcessCounts } from "./process_counts.ts";
import { RowExtra } from "./row_extra.ts";
import {
  ABSENT,
  HELD,
  isCumulative as adds,
  signatureOf,
  type SlotState,
} from "../slot/slot.ts";
import type { Pattern } from "../slot/labels.ts";

/** See the head of this file. */
export class ImageRows {
  /** Whether the image has changed; whoever reads it may reset it. */
  isChanged = false;
  /** Whether this member counts what its whole process counts. */
  readonly processCounts: ProcessCounts = new ProcessCounts();
  readonly #image: Image;
  readonly #clock: Clock;
  readonly #counted: Counted;
  readonly #slots: KnownSlots;
  readonly #families: ImageFamilies;
  readonly #numbers: OwnNumbers;

  /** `counted` is what the registry had counted when it left the same fleet. */
  constructor(
    image: Image,
    clock: Clock,
    counted: Counted = new Map(),
    slots: KnownSlots,
  ) {
    this.#image = image;
    this.#counted = counted;
    this.#slots = slots;
    this.#clock = clock;
    this.#numbers = new OwnNumbers(image.cells.length);
    this.#families = new ImageFamilies(image, slots);
    if (image.found !== undefined) this.#adopt(image.found);
  }

  /** Continues the rows of an earlier owner. */
  #adopt({ families, rows, cells, extras }: SlotState): void {
    rows.forEach(({ family: number, labels, generation, at }, row) => {
      const slotFamily = families[number]!;
      const family = this.#families.of(slotFamily);
      const { desc, entries, width } = family;
      const known = entries.get(labels);
      const isOver =
        generation <= this.#families.removedOf(desc.name, labels) ||
        (known !== undefined && known.generation > generation);
      // An expired row stays so until it records again.
      const states = this.#image.states;
      const wasHeld = states[row] === HELD;
      if (wasHeld || isOver || !family.isCumulative) {
        this.#setState(row, ABSENT);
      }
      if (isOver) return;
      if (known !== undefined) this.#setState(known.row, ABSENT);
      const text = extras.get(row);
      const entry = entryAt(family, labels, row, at, generation);
      entries.set(labels, entry);
      if (!family.isCumulative) {
        if (text !== undefined) this.#image.setExtra(row, undefined);
        return;
      }
      const extra = text === undefined ? undefined : extraFrom(text, desc);
      if (extra !== undefined) {
        entry.extra = new RowExtra(family.hasList, extra, text);
      }
      // Without its buckets, the count of a native histogram is worth nothing.
      if (slotFamily.isNative && extra?.native === undefined) return;
      this.#numbers.keep(at, width, cells);
    });
  }

  /** Returns the families of a description, declared in the image. */
  declare(
    desc: FamilyDesc,
    bounds: readonly number[],
    isNative: boolean,
  ): ImageFamily {
    const { family, isNew } = this.#families.declare(desc, bounds, isNative);
    if (isNew) this.isChanged = true;
    return family;
  }

  /** Returns the row of a series; adds it if there is none. */
  entryOf(family: ImageFamily, labels: string, start: number): Entry {
    const known = family.entries.get(labels);
    if (known !== undefined) return known;
    const generation = this.#families.removedOf(family.desc.name, labels) + 1;
    const entry = entryAt(family, labels, -1, -1, generation);
    this.#place(entry, start);
    family.entries.set(labels, entry);
    return entry;
  }

  /** Adds a row for an entry. */
  #place(entry: Entry, start: number): void {
    const image = this.#image;
    const { family: { number }, labels, generation } = entry;
    const row = image.addRow({ family: number, labels, generation, start });
    entry.row = row;
    entry.at = image.rows[row]!.at;
    this.#numbers.reserve(image.cells.length);
    this.isChanged = true;
  }

  /** Writes a series that the registry has. */
  write(entry: Entry, point: Point): void {
    const { family, at, row } = entry;
    const { isCumulative, isTimed, width } = family;
    const { cells, states } = this.#image;
    const isNew = states[row] !== HELD;
    if (family.isOfProcess && !this.processCounts.includes(entry)) {
      return this.#passOver(entry, point);
    }
    if (isCumulative && !entry.isOwn) this.#leaveOut(entry, point);
    const restarts = isCumulative && this.#restarts(entry, point);
    const { base, own } = this.#numbers;
    let differs = restarts;
    for (let i = 0; i < width; i++) {
      const cell = at + i;
      const value = point.cells[i]!;
      if (restarts) base[cell] = cells[cell]!;
      own[cell] = value;
      const sum = isCumulative ? base[cell]! + value : value;
      if (cells[cell] === sum || Object.is(cells[cell], sum)) continue;
      cells[cell] = sum;
      differs = true;
    }
    if (isTimed && (differs || isNew)) cells[at + width] = this.#clock.unix();
    if (isNew) states[row] = HELD;
    if (isNew || differs) this.isChanged = true;
    entry.isOwn = true;
    entry.table = point.table;
    entry.start = point.start;
    const { exemplars, native } = point;
    if (
      entry.extra !== undefined || native !== undefined || exemplars.length > 0
    ) this.#writeExtra(entry, point, differs, restarts);
  }

  /**
   * Assumes that another member counts everything that the process has counted
   * until now.
   */
  #passOver(entry: Entry, { cells, start, table, native }: Point): void {
    const { at, family: { width } } = entry;
    this.#numbers.keep(at, width, this.#image.cells);
    entry.extra?.restart();
    this.#begin(entry, cells, native && copyNative(native));
    entry.table = table;
    entry.start = start;
    this.setState(entry, HELD);
  }

  /** Leaves out what the registry had counted when it left this fleet. */
  #leaveOut(entry: Entry, { start, table }: Point): void {
    if (this.#counted.size === 0) return;
    const { family: { declared }, labels } = entry;
    const counted = this.#counted.get(signatureOf(declared))?.get(labels);
    if (counted?.start !== start) return;
    this.#begin(entry, counted.cells, counted.native);
    entry.table = table;
    entry.start = start;
  }

  /** Leaves out numbers with which a series begins, since they count elsewhere. */
  #begin(
    entry: Entry,
    cells: Float64Array,
    native: NativeView | undefined,
  ): void {
    const { family: { width, hasList }, at } = entry;
    this.#numbers.leaveOut(at, width, cells);
    entry.isOwn = true;
    if (native === undefined) return;
    entry.extra ??= new RowExtra(hasList);
    entry.extra.leaveOut(native);
  }

  /**
   * Handles a series that has got other labels, from `from` to `to`: its counts
   * stay where they are.
   */
  relabel(from: Entry, to: Entry): void {
    const { family: { width, isCumulative }, at } = from;
    if (!isCumulative) return this.leave(from);
    const numbers = this.#numbers;
    this.#begin(to, numbers.own.slice(at, at + width), from.extra?.native);
    to.table = from.table;
    to.start = from.start;
    numbers.keep(at, width, this.#image.cells);
    from.isOwn = false;
    from.extra?.restart();
  }

  /** Returns what the registry has counted. */
  counted(): Counted {
    const { own } = this.#numbers;
    return countedIn(this.#families.bySignature, own, this.#counted);
  }

  /** Returns whether the numbers of the registry have started again from zero. */
  #restarts(entry: Entry, point: Point): boolean {
    const { family, at, isOwn, table, start } = entry;
    if (!isOwn) return false;
    if (point.table !== table) return true;
    if (table > 0 && point.start !== start) return true;
    for (let i = 0; i < family.counts; i++) {
      if (point.cells[i]! < this.#numbers.own[at + i]!) return true;
    }
    return false;
  }

  #writeExtra(
    entry: Entry,
    { exemplars, native }: Point,
    differs: boolean,
    restarts: boolean,
  ): void {
    const known = entry.extra;
    const isSame = known !== undefined && !restarts &&
      !(native !== undefined && differs) && known.hasSame(exemplars);
    if (isSame) return;
    const extra = entry.extra ??= new RowExtra(entry.family.hasList);
    if (restarts) extra.restart();
    if (extra.take(exemplars, native)) this.#publishExtra(entry);
  }

  #publishExtra({ row, extra }: Entry): void {
    this.#image.setExtra(row, extra?.text);
    this.isChanged = true;
  }

  /** Sets the state of a row without writing it. */
  setState(entry: Entry, state: number): void {
    this.#setState(entry.row, state);
  }

  /** Takes it that the registry no longer has a series. */
  leave(entry: Entry): void {
    if (this.#image.states[entry.row] === HELD) this.setState(entry, ABSENT);
  }

  #setState(row: number, state: number): void {
    const { states } = this.#image;
    if (states[row] === state) return;
    states[row] = state;
    this.isChanged = true;
  }

  /** Returns whether an entry was not removed. */
  isLive(entry: Entry): boolean {
    return entry.family.entries.get(entry.labels) === entry;
  }

  /**
   * Removes the series that a pattern matches, in all slots. Gauges and the like are
   * removed only here.
   */
  remove(desc: FamilyDesc, pattern: Pattern): void {
    const removed = new Map<string, KnownRow>();
    const add = (row: KnownRow): void => {
      const { labels, generation } = row;
      if (generation <= this.#families.removedOf(desc.name, labels)) return;
      const known = removed.get(labels);
      if (known !== undefined && known.generation >= generation) return;
      removed.set(labels, row);
    };
    // First, because this may read tombstones of other members.
    const known = adds(desc) ? this.#slots.rowsOf(desc, pattern) : [];
    for (const row of known) if (adds(row.family.desc)) add(row);
    for (const entry of this.#families.matching(desc, pattern)) {
      const { family: { declared }, labels, generation } = entry;
      if (!entry.family.isCumulative) this.leave(entry);
      else add({ family: declared, labels, generation });
    }
    for (const row of removed.values()) this.#bury(row);
  }

  /** Writes a tombstone. */
  #bury({ family: { desc, bounds, isNative }, labels, generation }: KnownRow) {
    const { name } = desc;
    const family = this.#families.of({ desc, bounds, isNative });
    const { number } = family.number >= 0
      ? family
      : this.declare(desc, bounds, isNative);
    this.#image.addTombstone({ family: number, labels, generation });
    this.isChanged = true;
    this.#families.setRemoved(name, labels, generation);
    for (const entry of this.#families.removedBy(name, labels, generation)) {
      this.#end(entry);
    }
  }

  /**
   * Takes a tombstone of another member. A series that the registry has begins
   * its next generation at zero.
   */
  removed(name: string, labels: string, generation: number): void {
    for (const entry of this.#families.removedBy(name, labels, generation)) {
      const isPresent = this.#image.states[entry.row] !== ABSENT;
      if (entry.isOwn && isPresent) this.#beginAnew(entry, generation + 1);
      else this.#end(entry);
    }
  }

  #end(entry: Entry): void {
    this.setState(entry, ABSENT);
    if (entry.extra !== undefined) this.#image.setExtra(entry.row, undefined);
    entry.family.entries.delete(entry.labels);
  }

  /** Continues a series in a row of the next generation. */
  #beginAnew(entry: Entry, generation: number): void {
    const { family, row, at, extra } = entry;
    const { width, isCumulative, isTimed } = family;
    const image = this.#image;
    const all = width + +isTimed;
    const state = image.states[row]!;
    const before = image.cells.slice(at, at + all);
    const own = this.#numbers.own.slice(at, at + all);
    this.setState(entry, ABSENT);
    if (extra !== undefined) image.setExtra(row, undefined);
    const now = this.#clock.unix();
    entry.generation = generation;
    this.#place(entry, entry.start > 0 ? now : 0);
    this.#numbers.own.set(own, entry.at);
    image.cells.set(before, entry.at);
    image.states[entry.row] = state;
    if (isCumulative) {
      for (let i = 0; i < width; i++) {
        const base = 0 - own[i]!;
        this.#numbers.base[entry.at + i] = base;
        image.cells[entry.at + i] = base + own[i]!;
      }
      extra?.beginAnew(now);
    }
    if (extra?.text !== undefined) this.#publishExtra(entry);
  }

  /** Returns the rows of series that the registry has, or that never fall. */
  used(): Set<number> {
    return this.#families.used();
  }

  /** Takes the new numbers of rows; -1: the row was dropped. */
  renumber(numbers: Int32Array): void {
    const image = this.#image;
    const before = this.#numbers.begin(image.cells.length);
    for (const family of this.#families.all()) {
      family.number = -1;
      family.numbers.clear();
      for (const entry of family.entries.values()) {
        const { at, labels } = entry;
        entry.row = numbers[entry.row] ?? -1;
        if (entry.row < 0) {
          family.entries.delete(labels);
          continue;
        }
        entry.at = image.rows[entry.row]!.at;
        this.#numbers.copy(before, at, entry.at, family.width);
      }
    }
    this.#families.read();
  }
}
