/**
 * Reads a source that is not stored as rows: callbacks, collectors, metrics of
 * the runtime.
 *
 * - The source is peeked at if it can be, else collected, with the checks that a
 *   scrape has.
 * - Its failures are the business of the caller; they are counted nowhere else.
 */
import type { Clock } from "../../base/mod.ts";
import type { FamilyDesc, LabelSet, Source } from "../../model/mod.ts";
import { peekInto } from "../../model/internal.ts";
import { absence } from "./changes.ts";
import type { KnownFamily, KnownSeries } from "./known_series.ts";
import { PointSink } from "./point_sink.ts";
import type { PartReader, Pass } from "./reading.ts";
import { hasLabels, valuesOf } from "./rows_reader.ts";
import type { SeriesBook } from "./series_book.ts";

/** The series of one family in the order in which they were written. */
interface Order {
  before: readonly KnownSeries[];
  now: KnownSeries[];
  skipped: number;
  /** The pass in which the family was written last. */
  stamp: number;
}

/** Reads all families of one source. */
export class SourceReader extends PointSink implements PartReader {
  readonly #part: Source & { readonly limits?: { readonly maxSeries: number } };
  readonly #clock: Clock;
  readonly #orders = new Map<KnownFamily, Order>();
  #order: Order | undefined;
  #stamp = 0;

  constructor(
    part: Source,
    book: SeriesBook,
    clock: Clock,
    readAt: number,
  ) {
    super(book, readAt);
    this.#part = part;
    this.#clock = clock;
  }

  family(desc: FamilyDesc): boolean {
    this.#enter(this.book.familyOf(desc));
    return true;
  }

  read(pass: Pass): void {
    const now = this.#clock.unix();
    this.pass = pass;
    this.current = this.#order = undefined;
    this.#stamp++;
    try {
      peekInto(this.#part, this);
    } catch (error) {
      for (const order of this.#orders.values()) {
        order.before = [...new Set([...order.before, ...order.now])];
        order.now = [];
      }
      this.fail(pass);
      throw error;
    }
    for (const series of this.#series()) {
      if (series.stamp !== this.#stamp) this.leave(series);
    }
    for (const [family, order] of this.#orders) {
      if (order.stamp !== this.#stamp) {
        this.#leaveFamily(family);
        continue;
      }
      family.skipped = order.skipped;
      order.skipped = 0;
      order.before = order.now;
      order.now = [];
    }
    this.readAt = now;
  }

  /** Notes that the series have no values as long as the source fails. */
  fail(pass: Pass): void {
    for (const series of this.#series()) {
      pass.reading.add(series.family, absence(series));
    }
  }

  close(pass: Pass): void {
    this.pass = pass;
    for (const series of this.#series()) this.leave(series);
    for (const family of this.#orders.keys()) this.#leaveFamily(family);
  }

  protected seriesOf(labels: LabelSet): KnownSeries | undefined {
    const order = this.#order!;
    const likely = order.before[order.now.length];
    const series = hasLabels(likely, labels) && likely.family === this.current
      ? likely
      : this.book.seriesOf(this.current!, valuesOf(labels));
    if (series === undefined) {
      order.skipped++;
      return undefined;
    }
    series.stamp = this.#stamp;
    order.now.push(series);
    return series;
  }

  protected override renewed(family: KnownFamily): KnownFamily {
    const fresh = super.renewed(family);
    this.#enter(fresh);
    return fresh;
  }

  #enter(family: KnownFamily): void {
    if (family.reader !== this) {
      family.reader = this;
      family.limit = this.#part.limits?.maxSeries ?? Infinity;
      family.isSlow = true;
      this.book.changed(family);
    }
    this.current = family;
    this.#order = this.#orders.get(family);
    if (this.#order === undefined) {
      this.#order = { before: [], now: [], skipped: 0, stamp: 0 };
      this.#orders.set(family, this.#order);
    }
    this.#order.stamp = this.#stamp;
  }

  /** Gives up a family that the source does not write any longer. */
  #leaveFamily(family: KnownFamily): void {
    this.#orders.delete(family);
    family.skipped = 0;
    if (family.reader === this) family.reader = undefined;
  }

  /** Returns the series of this pass and of the one before. */
  *#series(): Generator<KnownSeries> {
    for (const { before, now } of this.#orders.values()) {
      yield* before;
      yield* now;
    }
  }
}
