/** Takes points from a source, and turns them into changes of known series. */
import type {
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  Sink,
  SummaryView,
} from "../../model/mod.ts";
import type { Change } from "../protocol.ts";
import {
  absence,
  counterChange,
  histogramChange,
  levelChange,
  summaryChange,
} from "./changes.ts";
import type { KnownFamily, KnownSeries } from "./known_series.ts";
import type { Pass } from "./reading.ts";
import type { SeriesBook } from "./series_book.ts";

/** The part of readers that both ways of reading share. */
export abstract class PointSink implements Sink {
  protected readonly book: SeriesBook;
  protected pass!: Pass;
  protected current: KnownFamily | undefined;
  /** Unix time of the pass before. */
  protected readAt: number;

  constructor(book: SeriesBook, readAt: number) {
    this.book = book;
    this.readAt = readAt;
  }

  abstract family(desc: FamilyDesc): boolean;

  /** Returns the series of the next point; undefined to skip the point. */
  protected abstract seriesOf(labels: LabelSet): KnownSeries | undefined;

  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    const series = this.seriesOf(labels);
    if (series === undefined) return;
    const { family } = series;
    if (exemplar !== undefined) family.hasExemplars = true;
    this.#add(
      series,
      family.isLevel
        ? levelChange(series, value)
        : counterChange(series, value, start, this.readAt),
    );
  }

  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    if (this.current === undefined) return;
    if (view.exemplars.length > 0) this.current.hasExemplars = true;
    const family = this.#shaped(
      this.current,
      (family) => hasBuckets(family, view),
      (family) => {
        family.isNative = view.bounds.length === 0 && view.native !== undefined;
        family.bounds = view.bounds.slice();
      },
    );
    const series = family && this.seriesOf(labels);
    if (series === undefined) return;
    const change = histogramChange(series, view, start, this.readAt);
    if (change !== undefined) this.book.weigh(series);
    this.#add(series, change);
  }

  summary(labels: LabelSet, view: SummaryView, start: number): void {
    if (this.current === undefined) return;
    const family = this.#shaped(
      this.current,
      ({ quantiles }) => isEqual(quantiles!, view.quantiles),
      (family) => family.quantiles = view.quantiles.slice(),
    );
    const series = family && this.seriesOf(labels);
    if (series === undefined) return;
    const change = summaryChange(series, view, start, this.readAt);
    if (change !== undefined) this.book.weigh(series);
    this.#add(series, change);
  }

  /**
   * Returns the family in which a point of some shape belongs: the shape is that
   * of its first point. A family without series is replaced by one of the new
   * shape; a point of another shape than the others is skipped.
   */
  #shaped(
    family: KnownFamily,
    fits: (family: KnownFamily) => boolean,
    shape: (family: KnownFamily) => void,
  ): KnownFamily | undefined {
    const isShaped = (family.bounds ?? family.quantiles) !== undefined;
    if (isShaped && fits(family)) return family;
    if (isShaped && family.size > 0) return undefined;
    const fresh = isShaped ? this.renewed(family) : family;
    shape(fresh);
    this.book.changed(fresh);
    return this.current = fresh;
  }

  /** Replaces a family by one with the same description. */
  protected renewed(family: KnownFamily): KnownFamily {
    const fresh = this.book.renew(family.desc);
    fresh.limit = family.limit;
    fresh.isSlow = family.isSlow;
    fresh.reader = family.reader;
    family.reader = undefined;
    return fresh;
  }

  #add(series: KnownSeries, change: Change | undefined): void {
    this.pass.reading.add(series.family, change);
    if (series.isThere && !series.exists) this.book.arrived(series);
  }

  /** Ends a series that its source has removed. */
  protected leave(series: KnownSeries): void {
    if (!series.exists) {
      series.goneAt = Math.min(series.goneAt, this.pass.tick);
      return;
    }
    this.pass.reading.add(series.family, absence(series));
    this.book.left(series, this.pass.tick);
  }
}

function hasBuckets(
  { isNative, bounds }: KnownFamily,
  view: HistogramView,
): boolean {
  return isNative ? view.native !== undefined : isEqual(bounds!, view.bounds);
}

function isEqual(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
