/**
 * Reads the requests of a registry every 5 seconds, without disturbing it and
 * without calling code of users: only families that are stored as rows.
 */
import type { Clock } from "../../base/mod.ts";
import { callSafely } from "../../base/internal.ts";
import type { Source } from "../../model/mod.ts";
import { partsOf, rowsOf } from "../../model/internal.ts";
import { roleLabels } from "../history/roles.ts";
import type { KnownFamily, KnownSeries } from "../sampling/known_series.ts";
import { type Pass, Reading } from "../sampling/reading.ts";
import { RowsReader } from "../sampling/rows_reader.ts";
import { noNews, SeriesBook } from "../sampling/series_book.ts";
import { type Cells, cellsOf } from "./cells.ts";
import { bucketsOf, type RequestSeries, requestSeries } from "./requests.ts";
import type { Routes } from "./routes.ts";

/** Memory of the copies of series, in bytes: some thousand series. */
const MAX_BYTES = 2 * 2 ** 20;

/** Reads one family with requests. */
export class RequestReader {
  readonly #registry: Source;
  readonly #clock: Clock;
  readonly #book = new SeriesBook(MAX_BYTES, () => {});
  readonly #news = noNews();
  readonly #known = new Map<KnownSeries, RequestSeries>();
  readonly #cells = new WeakMap<KnownFamily, Cells>();
  #part: Source | undefined;
  #reader: RowsReader | undefined;
  /** Unix time since which series that begin are counted from zero. */
  #readAt: number;

  constructor(registry: Source, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
    this.#readAt = clock.unix();
    this.#book.follow(this.#news);
  }

  /** Whether the family is one that can be read. */
  get isReading(): boolean {
    return this.#reader !== undefined;
  }

  /** Reads the family of this name from now on; undefined: none. */
  select(name: string | undefined): void {
    const part = callSafely(
      () => name === undefined ? undefined : tableOf(this.#registry, name),
      undefined,
    );
    if (part === this.#part) return;
    this.#reader?.close(this.#pass(0));
    this.#forgetGone();
    this.#part = part;
    this.#reader = part && new RowsReader(
      part,
      rowsOf(part)!,
      this.#book,
      this.#clock,
      this.#readAt,
    );
  }

  /** Counts the requests of `slot`, which have ended since the last call. */
  read(slot: number, routes: Routes): void {
    const pass = this.#pass(slot);
    // An error of the rows is the business of the history.
    callSafely(() => this.#reader?.read(pass), undefined);
    this.#readAt = pass.unix;
    for (const [family, changes] of pass.reading.changes) {
      for (const change of changes) {
        const series = this.#book.series.get(change[0]);
        if (series === undefined || change.length < 4) continue;
        const { name, isFailed } = this.#requestsOf(series);
        routes.observe(slot, name, this.#cellsOf(family), {
          isFailed,
          buckets: bucketsOf(change),
        });
      }
    }
    this.#forgetGone();
  }

  #pass(tick: number): Pass {
    const unix = this.#clock.unix();
    return { reading: new Reading(), tick, unix, isFull: false };
  }

  #requestsOf(series: KnownSeries): RequestSeries {
    let known = this.#known.get(series);
    if (known === undefined) {
      const { name, labelNames: labels } = series.family.desc;
      known = requestSeries(
        { name, labels },
        roleLabels(labels),
        series.values,
      );
      this.#known.set(series, known);
    }
    return known;
  }

  #cellsOf(family: KnownFamily): Cells | undefined {
    let cells = this.#cells.get(family);
    if (cells === undefined) {
      const { bounds, isNative: native } = family;
      cells = cellsOf({ bounds: bounds ? [...bounds] : null, native });
      if (cells !== undefined) this.#cells.set(family, cells);
    }
    return cells;
  }

  #forgetGone(): void {
    for (const series of this.#news.gone) {
      this.#known.delete(series);
      this.#book.forget(series);
    }
    this.#news.families.clear();
    this.#news.series.clear();
    this.#news.gone.clear();
  }
}

/** Returns the part of a registry with the rows of a family. */
function tableOf(registry: Source, name: string): Source | undefined {
  for (const part of partsOf(registry)) {
    if (rowsOf(part)?.desc.name === name) return part;
  }
  return undefined;
}
