/** A number that only goes up: requests served, bytes sent, errors. */
import { onSettled } from "../base/internal.ts";
import { add, mark } from "./cells.ts";
import { counterFault } from "./host.ts";
import type { ExemplarLabels } from "./labels.ts";
import { type Kind, Series } from "./series.ts";

const addTo = add;
const markIn = mark;

/** One series that counts. */
export interface Counter {
  /**
   * Adds `by`, 1 unless given. A step that is negative, NaN or infinite is
   * dropped and counted. Cost: two comparisons, an addition and a mark.
   *
   * @throws {RangeError} Only if the registry is strict.
   */
  inc(by?: number, exemplar?: ExemplarLabels): void;
  /**
   * Runs `work` and counts its failure: what it throws, or the rejection of
   * the promise that it returns. Either reaches the caller unchanged.
   */
  countErrors<T>(work: () => T): T;
  /** What was counted so far. */
  readonly value: number;
}

/** A row of a table of counters. */
export class CounterSeries extends Series implements Counter {
  inc(by = 1, exemplar?: ExemplarLabels): void {
    if (typeof by !== "number" || !(by >= 0 && by < Infinity)) {
      return this.table.reject(counterFault(by)!, by);
    }
    const { row, table } = this;
    if (row < 0) return (table.awaken(this) as CounterSeries).inc(by, exemplar);
    addTo(table.cells, row, by);
    markIn(table.marks, row);
    if (exemplar !== undefined) table.attach(row, exemplar, by);
    else if (table.slots !== undefined) table.offer(row, by);
  }

  countErrors<T>(work: () => T): T {
    return onSettled(work, (failed) => {
      if (failed) this.inc();
    });
  }

  get value(): number {
    return this.table.cellOf(this, 0);
  }
}

/** Counters: one cell a row. */
export const counterKind: Kind<CounterSeries> = {
  width: 1,
  isPlain: true,
  tracksStart: true,
  series: (table, row) => new CounterSeries(table, row),
  emit(table, row, labels, sink) {
    const exemplar = table.exemplars?.get(row);
    sink.number(labels, table.cells[row]!, table.starts[row]!, exemplar);
  },
};
