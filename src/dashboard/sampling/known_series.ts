/** Families and series that were read, under the ids that they have for good. */
import type { FamilyDesc } from "../../model/mod.ts";
import type { FamilyId, SeriesId } from "../protocol.ts";

/** One series, and its numbers when it was read last. */
export class KnownSeries {
  readonly id: SeriesId;
  readonly family: KnownFamily;
  readonly key: string;
  /** In the order of the labels of the family. */
  values: readonly string[];
  /** Whether its source has it; the book counts those. */
  exists = false;
  /** Whether it had a value when it was read last. */
  isThere = false;
  /** Whether its numbers were ever read. */
  wasRead = false;
  /** When it began to count, in unix seconds; 0: unknown. */
  start = 0;
  /** Total of a counter, count of a histogram or summary, level of others. */
  total = 0;
  sum = 0;
  /** Counts of classic buckets, or the values of quantiles. */
  cells: Float64Array | undefined;
  /** Counts of native buckets. */
  buckets: ReadonlyMap<number, number> | undefined;
  /** Bytes that the book has counted for it. */
  weight = 0;
  /** The pass in which it was seen last. */
  stamp = 0;
  /** Tick of its first change. */
  first = Infinity;
  /** Tick at which it was removed last. */
  goneAt = Infinity;
  /**
   * The level that each tier of the log has reached, 0 for other types than
   * gauges; NaN while the series is not there.
   */
  fast = NaN;
  slow = NaN;

  constructor(
    id: SeriesId,
    family: KnownFamily,
    key: string,
    values: readonly string[],
  ) {
    this.id = id;
    this.family = family;
    this.key = key;
    this.values = values;
  }

  /** Bytes in memory, about, with its rows in the reader. */
  get bytes(): number {
    const { cells, buckets, key } = this;
    const numbers = cells === undefined ? 0 : ARRAY_BYTES + 16 * cells.length;
    return SERIES_BYTES + 3 * key.length + numbers +
      BUCKET_BYTES * (buckets?.size ?? 0);
  }
}

/** Bytes of a series without its texts and cells, measured on V8. */
const SERIES_BYTES = 560;

/** Bytes of a typed array without its numbers, measured on V8. */
const ARRAY_BYTES = 200;

/** Bytes of an entry in a map of numbers. */
const BUCKET_BYTES = 40;

/** One family, and the shape of its points. */
export class KnownFamily {
  readonly id: FamilyId;
  desc: FamilyDesc;
  /** Upper bounds of classic buckets, once a point has shown them. */
  bounds: Float64Array | undefined;
  isNative = false;
  quantiles: Float64Array | undefined;
  /** Maximum number of series. */
  limit = Infinity;
  /** Whether it is read only in every tenth second. */
  isSlow = false;
  /** Whether that is because the log has no room for its seconds. */
  isDemoted = false;
  hasExemplars = false;
  /** Whether its series have room when those of others have none. */
  isKept = false;
  /** The reader of its series, as long as there is one. */
  reader: object | undefined;
  /** All series that exist, or that the log may name; by key. */
  readonly series = new Map<string, KnownSeries>();
  /** Number of series that exist. */
  size = 0;
  /** Number of series that exist and are not sampled. */
  skipped = 0;
  /** Indexes of the labels by rising name. */
  #order: readonly number[] = [];

  constructor(id: FamilyId, desc: FamilyDesc) {
    this.id = id;
    this.desc = desc;
    this.describe(desc);
  }

  /** Whether its values are levels: each one replaces the one before. */
  get isLevel(): boolean {
    return LEVELS.has(this.desc.type);
  }

  /** Replaces the description by one with another help text or more labels. */
  describe(desc: FamilyDesc): void {
    this.desc = desc;
    const { labelNames } = desc;
    this.#order = [...labelNames.keys()].sort((a, b) =>
      labelNames[a]! < labelNames[b]! ? -1 : 1
    );
  }

  /**
   * Returns the text that identifies label values. It does not depend on the
   * order of the labels, nor on labels that are absent.
   */
  keyOf(values: readonly string[]): string {
    let key = "";
    for (const at of this.#order) {
      const value = values[at]!;
      if (value === "") continue;
      const name = this.desc.labelNames[at]!;
      key += `${name.length}:${name}${value.length}:${value}`;
    }
    return key;
  }
}

const LEVELS: ReadonlySet<string> = new Set([
  "gauge",
  "unknown",
  "info",
  "stateset",
]);
