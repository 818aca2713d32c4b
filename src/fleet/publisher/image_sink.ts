/** The sink that writes series into the rows of an image. */
import type {
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  NativeView,
  Sink,
  SummaryView,
} from "../../model/mod.ts";
import { VERBS } from "../../model/internal.ts";
import type { Extra } from "../slot/extra.ts";
import type { Entry, ImageFamily, Point } from "./image.ts";
import type { ImageRows } from "./image_rows.ts";
import { EXPIRED } from "../slot/slot.ts";

/** A part of a registry, as its publisher knows it. */
export class PublishedPart {
  /** The number of the table; 0: it is not one. */
  readonly table: number;
  /** The families that it has declared. */
  readonly families = new Set<ImageFamily>();
  /** All series that it has written. */
  readonly entries = new Set<Entry>();
  /** By row of its table: the first series of the row, once it is known. */
  readonly firsts: (Entry | undefined)[] = [];
  /** The last pass in which it was written as a whole. */
  pass = 0;
  /** The family to which the last series belonged. */
  current: CurrentFamily | undefined;

  constructor(table = 0) {
    this.table = table;
  }
}

/** A family, as the last series of it was written. */
interface CurrentFamily {
  readonly desc: FamilyDesc;
  readonly bounds: Float64Array;
  readonly isNative: boolean;
  readonly family: ImageFamily;
}

/** The fate of the series that are written. */
type Fate = "held" | "expired";

const NONE: Extra["exemplars"] = [];
const NO_BOUNDS = new Float64Array(0);

/** Writes the series of one part at a time. */
export class ImageSink implements Sink, Point {
  /** The row of the table that is being written; -1: it is not a table. */
  row = -1;
  /** The number of series of that row that were written. */
  count = 0;
  // The series that is being written.
  cells: Float64Array = new Float64Array(2);
  start = 0;
  table = 0;
  exemplars: Extra["exemplars"] = NONE;
  native: NativeView | undefined;

  readonly #rows: ImageRows;
  readonly #one: Exemplar[] = [];
  readonly #values: string[] = [];
  #part = new PublishedPart();
  #fate: Fate = "held";
  /** The series that those that are written now were before. */
  #former: readonly Entry[] = [];
  /** The series that are written; undefined: they are not noted. */
  #written: Entry[] | undefined;
  #desc: FamilyDesc | undefined;

  constructor(rows: ImageRows) {
    this.#rows = rows;
  }

  /** Begins to write the series of `part`. */
  begin(part: PublishedPart, fate: Fate = "held"): void {
    this.#part = part;
    this.#fate = fate;
    this.table = part.table;
    this.row = -1;
  }

  /**
   * Returns the series that `write` writes; these were the series `former` before,
   * in that order.
   */
  note(former: readonly Entry[], write: () => void): readonly Entry[] {
    const written: Entry[] = [];
    this.#former = former;
    this.#written = written;
    write();
    this.#written = undefined;
    return written;
  }

  family(desc: FamilyDesc): boolean {
    this.#desc = desc;
    const hasBounds = VERBS[desc.type] === "histogram";
    if (!hasBounds) this.#familyOf(NO_BOUNDS, false);
    return true;
  }

  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    this.cells[0] = value;
    this.native = undefined;
    this.exemplars = NONE;
    if (exemplar !== undefined) {
      this.#one[0] = exemplar;
      this.exemplars = this.#one;
    }
    this.#put(this.#familyOf(NO_BOUNDS, false), labels, start);
  }

  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    const { counts, bounds } = view;
    const size = bounds.length + 1;
    if (this.cells.length <= size) this.cells = new Float64Array(size + 1);
    for (let i = 0; i < size; i++) this.cells[i] = counts[i]!;
    this.cells[size] = view.sum;
    this.native = view.native;
    this.exemplars = hasAny(view.exemplars) ? view.exemplars : NONE;
    const family = this.#familyOf(bounds, view.native !== undefined);
    this.#put(family, labels, start);
  }

  summary(labels: LabelSet, view: SummaryView, start: number): void {
    this.cells[0] = view.count;
    this.cells[1] = view.sum;
    this.native = undefined;
    this.exemplars = NONE;
    this.#put(this.#familyOf(NO_BOUNDS, false), labels, start);
  }

  /** Returns the family of the series that is being written. */
  #familyOf(bounds: Float64Array, isNative: boolean): ImageFamily {
    const desc = this.#desc!;
    const part = this.#part;
    const known = part.current;
    if (
      known?.desc === desc && known.isNative === isNative &&
      isSame(known.bounds, bounds)
    ) return known.family;
    const family = this.#rows.declare(desc, [...bounds], isNative);
    part.current = { desc, bounds: bounds.slice(), isNative, family };
    if (!part.families.has(family)) {
      part.families.add(family);
      this.#rows.isChanged = true;
    }
    return family;
  }

  #put(family: ImageFamily, labels: LabelSet, start: number): void {
    const part = this.#part;
    this.start = start;
    const entry = this.#knownEntry(family, labels) ??
      this.#findEntry(family, labels);
    if (this.#written !== undefined) this.#note(entry, this.#written);
    // A source that writes a series twice would seem to start again each time.
    if (this.table === 0 && entry.pass === part.pass) return;
    this.#rows.write(entry, this);
    entry.pass = part.pass;
    if (this.#fate === "expired") this.#rows.setState(entry, EXPIRED);
  }

  #note(entry: Entry, written: Entry[]): void {
    const former = this.#former[written.length];
    written.push(entry);
    if (former !== undefined && former !== entry) {
      this.#rows.relabel(former, entry);
    }
  }

  /**
   * Returns the series that was the first one of this row of the table when it
   * was written last. A kind that writes several series per row, by its own
   * label, may have skipped some.
   */
  #knownEntry(family: ImageFamily, labels: LabelSet): Entry | undefined {
    if (this.row < 0 || this.count++ > 0) return undefined;
    const entry = this.#part.firsts[this.row];
    const { length } = family.desc.labelNames;
    if (entry === undefined || length === 0) return entry;
    return labels.value(length - 1) === entry.last ? entry : undefined;
  }

  #findEntry(family: ImageFamily, labels: LabelSet): Entry {
    const key = this.#keyOf(family, labels);
    const entry = this.#rows.entryOf(family, key, this.start);
    entry.last = this.#values.at(-1) ?? "";
    this.#part.entries.add(entry);
    if (this.row >= 0 && this.count === 1) {
      this.#part.firsts[this.row] = entry;
    }
    return entry;
  }

  #keyOf({ desc: { labelNames } }: ImageFamily, labels: LabelSet): string {
    const values = this.#values;
    values.length = labelNames.length;
    for (let i = 0; i < labelNames.length; i++) values[i] = labels.value(i);
    return JSON.stringify(values);
  }
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

function hasAny(exemplars: Extra["exemplars"]): boolean {
  for (let i = 0; i < exemplars.length; i++) {
    if (exemplars[i] !== undefined) return true;
  }
  return false;
}
