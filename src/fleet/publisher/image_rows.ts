/**
 * The rows of an image, by family and labels.
 *
 * - Counters, histograms and summaries are published as a base plus the numbers
 *   of the registry, so that they never fall. The base is what an earlier owner
 *   of the slot has published. If the numbers of the registry begin anew, what was
 *   published until then becomes the base.
 * - A removed row is never written again: the next generation of it begins at
 *   zero.
 */
import type { Clock } from "../../base/mod.ts";
import type { FamilyDesc } from "../../model/mod.ts";
import { type Counted, countedIn, subtract } from "./counted.ts";
import { extraFrom } from "../slot/extra.ts";
import {
  type Entry,
  entryAt,
  type Image,
  ImageFamily,
  type Point,
} from "./image.ts";
import { RowExtra } from "./row_extra.ts";
import {
  ABSENT,
  HELD,
  signatureOf,
  type SlotFamily,
  type SlotState,
} from "../slot/slot.ts";
import { longer } from "../slot/columns.ts";

/** See the head of this file. */
export class ImageRows {
  /** Whether the image has changed; whoever reads it may reset it. */
  isChanged = false;
  readonly #image: Image;
  readonly #clock: Clock;
  readonly #counted: Counted;
  readonly #bySignature = new Map<string, ImageFamily>();
  readonly #byName = new Map<string, ImageFamily[]>();
  /** By name and labels: the highest generation that was removed. */
  readonly #removed = new Map<string, Map<string, number>>();
  /** By cell of the image: what an own number is added to. */
  #base: Float64Array;
  /** By cell of the image: the last number of the registry. */
  #own: Float64Array;

  /** `counted` is what the registry had counted when it left the same fleet. */
  constructor(image: Image, clock: Clock, counted: Counted = new Map()) {
    this.#image = image;
    this.#counted = counted;
    this.#clock = clock;
    this.#base = new Float64Array(image.cells.length);
    this.#own = new Float64Array(image.cells.length);
    this.#readFamilies();
    if (image.found !== undefined) this.#adopt(image.found);
  }

  #readFamilies(): void {
    this.#image.families.forEach((declared, number) => {
      const family = this.#familyOf(declared);
      family.numbers.set(declared.desc.help, number);
      family.number = number;
    });
  }

  #familyOf(family: SlotFamily): ImageFamily {
    const signature = signatureOf(family);
    let known = this.#bySignature.get(signature);
    if (known === undefined) {
      known = new ImageFamily(family);
      this.#bySignature.set(signature, known);
      const { name } = family.desc;
      this.#byName.set(name, [...this.#byName.get(name) ?? [], known]);
    }
    return known;
  }

  /** Continues the rows of an earlier owner. */
  #adopt({ families, rows, tombstones, cells, extras }: SlotState): void {
    for (const { family, labels, generation } of tombstones) {
      const { name } = families[family]!.desc;
      if (generation > this.#removedOf(name, labels)) {
        this.#setRemoved(name, labels, generation);
      }
    }
    rows.forEach(({ family: number, labels, generation, at }, row) => {
      const slotFamily = families[number]!;
      const family = this.#familyOf(slotFamily);
      const { desc, entries, width } = family;
      const known = entries.get(labels);
      const isOver = generation <= this.#removedOf(desc.name, labels) ||
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
      for (let i = 0; i < width; i++) this.#base[at + i] = cells[at + i]!;
    });
  }

  #removedOf(name: string, labels: string): number {
    return this.#removed.get(name)?.get(labels) ?? -1;
  }

  #setRemoved(name: string, labels: string, generation: number): void {
    const removed = this.#removed.get(name) ?? new Map<string, number>();
    this.#removed.set(name, removed);
    removed.set(labels, generation);
  }

  /** Returns the families of a description, declared in the image. */
  declare(
    desc: FamilyDesc,
    bounds: readonly number[],
    isNative: boolean,
  ): ImageFamily {
    const slotFamily: SlotFamily = { desc, bounds, isNative };
    const family = this.#familyOf(slotFamily);
    let number = family.numbers.get(desc.help);
    if (number === undefined) {
      number = this.#image.addFamily(slotFamily);
      family.numbers.set(desc.help, number);
      this.isChanged = true;
    }
    family.number = number;
    return family;
  }

  /** Returns the row of a series; adds it if there is none. */
  entryOf(family: ImageFamily, labels: string, start: number): Entry {
    const known = family.entries.get(labels);
    if (known !== undefined) return known;
    const generation = this.#removedOf(family.desc.name, labels) + 1;
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
    this.#reserve(image.cells.length);
    this.isChanged = true;
  }

  /** Makes room for as many cells as the image has. */
  #reserve(cells: number): void {
    const { length } = this.#base;
    if (cells <= length) return;
    const capacity = Math.max(cells, Math.ceil(1.25 * length));
    this.#base = longer(this.#base, capacity);
    this.#own = longer(this.#own, capacity);
  }

  /** Writes a series that the registry has. */
  write(entry: Entry, point: Point): void {
    const { family, at, row } = entry;
    const { isCumulative, isTimed, width } = family;
    const { cells, states } = this.#image;
    const isNew = states[row] !== HELD;
    if (isCumulative && !entry.isOwn) this.#leaveOut(entry, point);
    const restarts = isCumulative && this.#restarts(entry, point);
    const base = this.#base;
    const own = this.#own;
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
    entry.start = point.start;
    const { exemplars, native } = point;
    if (
      entry.extra !== undefined || native !== undefined || exemplars.length > 0
    ) this.#writeExtra(entry, point, differs, restarts);
  }

  /** Leaves out what the registry had counted when it left this fleet. */
  #leaveOut(entry: Entry, { start }: Point): void {
    if (this.#counted.size === 0) return;
    const { family, labels, at } = entry;
    const counted = this.#counted.get(signatureOf(family.declared))
      ?.get(labels);
    if (counted?.start !== start) return;
    const { cells, native } = counted;
    for (let i = 0; i < family.width; i++) {
      this.#base[at + i] = subtract(this.#base[at + i]!, cells[i]!);
    }
    this.#own.set(cells, at);
    entry.isOwn = true;
    entry.start = start;
    if (native === undefined) return;
    entry.extra ??= new RowExtra(family.hasList);
    entry.extra.leaveOut(native);
  }

  /** Returns what the registry has counted. */
  counted(): Counted {
    return countedIn(this.#bySignature, this.#own, this.#counted);
  }

  /** Returns whether the numbers of the registry have begun anew. */
  #restarts({ family, at, isOwn, start }: Entry, point: Point): boolean {
    if (!isOwn) return false;
    if (point.isStartExact && point.start !== start) return true;
    for (let i = 0; i < family.counts; i++) {
      if (point.cells[i]! < this.#own[at + i]!) return true;
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

  /** Removes a series: its rows are hidden in all slots. */
  remove(family: ImageFamily, labels: string): void {
    const { declared: { desc, bounds, isNative }, entries } = family;
    const { name } = desc;
    const { number } = family.number >= 0
      ? family
      : this.declare(desc, bounds, isNative);
    const generation = entries.get(labels)?.generation ??
      this.#removedOf(name, labels) + 1;
    this.#image.addTombstone({ family: number, labels, generation });
    this.isChanged = true;
    this.#setRemoved(name, labels, generation);
    for (const entry of this.#removedEntries(name, labels, generation)) {
      this.#end(entry);
    }
  }

  /**
   * Takes a tombstone of another member. A series that the registry has begins
   * its next generation at zero.
   */
  removed(name: string, labels: string, generation: number): void {
    if (generation <= this.#removedOf(name, labels)) return;
    this.#setRemoved(name, labels, generation);
    for (const entry of this.#removedEntries(name, labels, generation)) {
      if (entry.isOwn) this.#beginAnew(entry, generation + 1);
      else this.#end(entry);
    }
  }

  /** Returns the entries that a tombstone ends. */
  #removedEntries(name: string, labels: string, generation: number): Entry[] {
    const families = this.#byName.get(name) ?? [];
    return families.flatMap(({ entries }) => entries.get(labels) ?? [])
      .filter((entry) => entry.generation <= generation);
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
    const own = this.#own.slice(at, at + all);
    this.setState(entry, ABSENT);
    if (extra !== undefined) image.setExtra(row, undefined);
    const now = this.#clock.unix();
    entry.generation = generation;
    this.#place(entry, entry.start > 0 ? now : 0);
    this.#own.set(own, entry.at);
    image.cells.set(before, entry.at);
    image.states[entry.row] = state;
    if (isCumulative) {
      for (let i = 0; i < width; i++) {
        const base = 0 - own[i]!;
        this.#base[entry.at + i] = base;
        image.cells[entry.at + i] = base + own[i]!;
      }
      extra?.beginAnew(now);
    }
    if (extra?.text !== undefined) this.#publishExtra(entry);
  }

  /** Returns the rows of series that the registry has, or that never fall. */
  used(): Set<number> {
    const used = new Set<number>();
    const { states } = this.#image;
    for (const { entries, isCumulative } of this.#bySignature.values()) {
      for (const { row } of entries.values()) {
        if (isCumulative || states[row] === HELD) used.add(row);
      }
    }
    return used;
  }

  /** Takes the new numbers of rows; -1: the row was dropped. */
  renumber(numbers: Int32Array): void {
    const image = this.#image;
    const base = new Float64Array(image.cells.length);
    const own = new Float64Array(image.cells.length);
    for (const family of this.#bySignature.values()) {
      family.number = -1;
      family.numbers.clear();
      for (const entry of family.entries.values()) {
        const { at, labels } = entry;
        const to = at + family.width;
        entry.row = numbers[entry.row] ?? -1;
        if (entry.row < 0) {
          family.entries.delete(labels);
          continue;
        }
        entry.at = image.rows[entry.row]!.at;
        base.set(this.#base.subarray(at, to), entry.at);
        own.set(this.#own.subarray(at, to), entry.at);
      }
    }
    this.#base = base;
    this.#own = own;
    this.#readFamilies();
  }
}
