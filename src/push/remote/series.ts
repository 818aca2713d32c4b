/**
 * The series that a receiver may hold: those of the last pushes.
 *
 * A series that is missing in a push has ended. Its stale marker is repeated in
 * each push until one is accepted, or until the series is so old that the
 * receiver ends it itself; so memory is bounded in an outage of any length.
 */
import type { Exemplar } from "../../model/mod.ts";
import { NO_EXEMPLARS } from "./exemplars.ts";

/** The metadata of a family. */
export interface Family {
  readonly name: string;
  /** The number of its type in both versions of the protocol. */
  readonly type: number;
  readonly help: string;
  readonly unit: string;
  /** Whether its name and the names of its labels are classic. */
  readonly isClassic: boolean;
}

/** A series as a receiver stores it. */
export interface Series {
  readonly key: string;
  /** Names and values in turn, by rising name. */
  readonly labels: readonly string[];
  /** Whether its points are native histograms. */
  readonly isHistogram: boolean;
  family: Family;
  /** The last pass that has written it; 0 if that pass was undone. */
  pass: number;
  /** Whether a push carries it. */
  isSent: boolean;
  /** When it was missing for the first time, in milliseconds; 0: it has not ended. */
  end: number;
  /** The newest exemplar that the receiver has accepted. */
  exemplar: Exemplar | undefined;
}

/** The value of a point of one series at the time of a push. */
export interface Point {
  readonly series: Series;
  /** The value, or the histogram without its times; undefined: a stale marker. */
  readonly value: number | Uint8Array | undefined;
  /** When the series began to count, in milliseconds; 0: unknown. */
  readonly start: number;
  readonly exemplars: readonly Exemplar[];
}

/** The points of one push. */
export interface Push {
  /** The number of the pass that has read them. */
  readonly pass: number;
  /** The time of all points, in milliseconds. */
  readonly time: number;
  /** All numbers, followed by all native histograms. */
  readonly points: readonly Point[];
}

/** Prometheus ends a series without samples by itself after this time, in ms. */
const LOOKBACK = 300_000;

/** All series of a sender by their labels. */
export class SeriesTable {
  readonly #series = new Map<string, Series>();
  #pass = 0;

  /** The number of series, including ended ones that still need a marker. */
  get size(): number {
    return this.#series.size;
  }

  /** Begins a pass; all series that it does not write have ended. */
  begin(): void {
    this.#pass++;
  }

  /**
   * Returns the series with this key, which identifies its labels. `labels` is
   * called if the series is new.
   *
   * @throws {RangeError} If the pass has written the series already.
   */
  write(
    key: string,
    family: Family,
    isHistogram: boolean,
    labels: () => readonly string[],
  ): Series {
    const pass = this.#pass;
    const known = this.#series.get(key);
    if (known === undefined) {
      const series: Series = {
        key,
        labels: labels(),
        isHistogram,
        family,
        pass,
        isSent: false,
        end: 0,
        exemplar: undefined,
      };
      this.#series.set(key, series);
      return series;
    }
    if (known.pass === pass) {
      throw new RangeError(
        `Cannot send a series of "${family.name}": it was written already; ` +
          `write each series once in a pass`,
      );
    }
    known.pass = pass;
    known.family = family;
    return known;
  }

  /** Undoes the writing of a series in this pass. */
  undo(series: Series): void {
    series.pass = 0;
    if (!series.isSent) this.#series.delete(series.key);
  }

  /**
   * Ends the pass. Returns its points, and markers for all series that have
   * ended.
   */
  end(time: number, points: readonly Point[], isMarking: boolean): Push {
    const pass = this.#pass;
    const ended: Point[] = [];
    for (const series of this.#series.values()) {
      if (series.pass === pass) {
        series.isSent = true;
        series.end = 0;
        continue;
      }
      if (series.end === 0) series.end = time;
      if (isMarking && time - series.end < LOOKBACK) {
        ended.push({
          series,
          value: undefined,
          start: 0,
          exemplars: NO_EXEMPLARS,
        });
      } else this.#series.delete(series.key);
    }
    const all = [...points, ...ended];
    const numbers = all.filter(({ series }) => !series.isHistogram);
    const histograms = all.filter(({ series }) => series.isHistogram);
    return { pass, time, points: [...numbers, ...histograms] };
  }

  /**
   * Notes that a receiver has answered a request with these points: series whose
   * marker it holds are forgotten, and its exemplars are not sent again.
   */
  settle(pass: number, points: readonly Point[]): void {
    for (const { series, value, exemplars } of points) {
      series.exemplar = exemplars.at(-1) ?? series.exemplar;
      const isEnded = value === undefined && series.pass < pass;
      if (isEnded && this.#series.get(series.key) === series) {
        this.#series.delete(series.key);
      }
    }
  }
}
