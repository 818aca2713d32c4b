/**
 * The book of all families and series: gives ids, and finds them again when a
 * series comes back. It is limited by bytes; series beyond are not sampled.
 */
import type { FamilyDesc } from "../../model/mod.ts";
import type { FamilyId, SeriesId } from "../protocol.ts";
import { KnownFamily, KnownSeries } from "./known_series.ts";

/** Families and series that the next frame announces. */
export interface News {
  readonly families: Set<KnownFamily>;
  readonly series: Set<KnownSeries>;
  readonly gone: Set<KnownSeries>;
}

/** Returns news without any. */
export function noNews(): News {
  return { families: new Set(), series: new Set(), gone: new Set() };
}

/** The share of the limit from which on removed series are forgotten early. */
const CROWDED = 0.75;

/** All families and series of a registry. */
export class SeriesBook {
  readonly families = new Map<FamilyId, KnownFamily>();
  readonly series = new Map<SeriesId, KnownSeries>();
  /** Bytes of all series. */
  bytes = 0;
  /** Number of series that exist, without those that are skipped. */
  size = 0;
  readonly #byName = new Map<string, KnownFamily>();
  readonly #limit: number;
  readonly #keptLimit: number;
  readonly #listeners = new Set<News>();
  readonly #named: (family: KnownFamily) => void;
  #lastFamily = 0;
  #lastSeries = 0;

  /**
   * `limit` is in bytes; `keptLimit` is that of families that are kept. `named`
   * is called with each new family, before its first series.
   */
  constructor(
    limit: number,
    named: (family: KnownFamily) => void,
    keptLimit: number = limit,
  ) {
    this.#limit = limit;
    this.#keptLimit = keptLimit;
    this.#named = named;
  }

  /** Collects news in `news` until the result is called. */
  follow(news: News): () => void {
    this.#listeners.add(news);
    return () => void this.#listeners.delete(news);
  }

  family(name: string): KnownFamily | undefined {
    return this.#byName.get(name);
  }

  /** Returns the family of a description; a family of another type is another. */
  familyOf(desc: FamilyDesc): KnownFamily {
    const known = this.#byName.get(desc.name);
    if (known === undefined || known.desc.type !== desc.type) {
      return this.renew(desc);
    }
    if (known.desc === desc) return known;
    const isSame = isAlike(known.desc, desc);
    known.describe(desc);
    if (!isSame) this.changed(known);
    return known;
  }

  /** Returns a new family in place of one whose points had another shape. */
  renew(desc: FamilyDesc): KnownFamily {
    const family = new KnownFamily(++this.#lastFamily, desc);
    this.families.set(family.id, family);
    this.#byName.set(desc.name, family);
    this.#named(family);
    this.changed(family);
    return family;
  }

  /** Announces a family again, in the next frame. */
  changed(family: KnownFamily): void {
    for (const { families } of this.#listeners) families.add(family);
  }

  /** Returns or creates a series; undefined if there is no room for it. */
  seriesOf(
    family: KnownFamily,
    values: readonly string[],
  ): KnownSeries | undefined {
    const key = family.keyOf(values);
    const known = family.series.get(key);
    if (known !== undefined) {
      const isSame = known.values.length === values.length &&
        values.every((value, at) => value === known.values[at]);
      if (!isSame) {
        known.values = values;
        this.#tell(known);
      }
      return known;
    }
    const limit = family.isKept ? this.#keptLimit : this.#limit;
    const id = this.#lastSeries + 1;
    const series = new KnownSeries(id, family, key, values);
    if (this.bytes + series.bytes > limit) return undefined;
    this.#lastSeries = id;
    family.series.set(key, series);
    this.series.set(series.id, series);
    this.weigh(series);
    return series;
  }

  /** Counts a series that has appeared, or appeared again. */
  arrived(series: KnownSeries): void {
    series.exists = true;
    series.goneAt = Infinity;
    series.family.size++;
    this.size++;
    this.#tell(series);
    this.changed(series.family);
  }

  /** Counts a series that was removed. */
  left(series: KnownSeries, tick: number): void {
    series.exists = false;
    series.goneAt = tick;
    series.family.size--;
    this.size--;
    this.changed(series.family);
    for (const news of this.#listeners) {
      news.series.delete(series);
      news.gone.add(series);
    }
  }

  /** Counts the bytes of a series again, after it has got more numbers. */
  weigh(series: KnownSeries): void {
    const { bytes } = series;
    this.bytes += bytes - series.weight;
    series.weight = bytes;
  }

  /** Whether there will soon be no room for another series. */
  get isCrowded(): boolean {
    return this.bytes > CROWDED * this.#limit;
  }

  /** Forgets a series that was removed; returns false if it exists. */
  forget(series: KnownSeries): boolean {
    if (series.exists) return false;
    series.family.series.delete(series.key);
    this.series.delete(series.id);
    this.bytes -= series.weight;
    return true;
  }

  /** Forgets a family without series that nobody reads; returns whether it was. */
  forgetFamily(family: KnownFamily): boolean {
    if (family.series.size > 0 || family.reader !== undefined) return false;
    this.families.delete(family.id);
    const { name } = family.desc;
    if (this.#byName.get(name) === family) this.#byName.delete(name);
    return true;
  }

  #tell(series: KnownSeries): void {
    for (const news of this.#listeners) {
      news.gone.delete(series);
      news.series.add(series);
    }
  }
}

/** Returns whether clients see no difference between two descriptions. */
function isAlike(a: FamilyDesc, b: FamilyDesc): boolean {
  return a.help === b.help && a.unit === b.unit &&
    a.labelNames.length === b.labelNames.length &&
    a.labelNames.every((name, at) => name === b.labelNames[at]);
}
