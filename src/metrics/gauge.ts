/** A number that goes up and down: a queue's length, a temperature. */
import { onSettled } from "../base/internal.ts";
import { add, mark } from "./cells.ts";
import { type Kind, Series } from "./series.ts";
import { startTimer, type Timer } from "./track.ts";

const addTo = add;
const markIn = mark;

/** One series that can be set. */
export interface Gauge {
  /** Sets the value; NaN and infinities are values as any other. */
  set(value: number): void;
  /** Adds `by`, 1 unless given. */
  inc(by?: number): void;
  /** Subtracts `by`, 1 unless given. */
  dec(by?: number): void;
  /** Sets the value to the present time, in unix seconds. */
  setToCurrentTime(): void;
  /** Counts `work` as in flight from its start until it has settled. */
  trackInFlight<T>(work: () => T): T;
  /** Sets the value to the seconds that pass until the timer is stopped. */
  startTimer(): Timer;
  /** Sets the value to the seconds that `work` takes, also if it fails. */
  time<T>(work: () => T): T;
  /** The present value. */
  readonly value: number;
}

/** A row of a table of gauges. */
export class GaugeSeries extends Series implements Gauge {
  set(value: number): void {
    if (typeof value !== "number") {
      return this.table.reject("not_a_number", value);
    }
    const { row, table } = this;
    if (row < 0) return (table.awaken(this) as GaugeSeries).set(value);
    table.cells[row] = value + 0; // -0 becomes 0, as it is written
    markIn(table.marks, row);
  }

  inc(by = 1): void {
    if (typeof by !== "number") return this.table.reject("not_a_number", by);
    const { row, table } = this;
    if (row < 0) return (table.awaken(this) as GaugeSeries).inc(by);
    addTo(table.cells, row, by);
    markIn(table.marks, row);
  }

  dec(by = 1): void {
    if (typeof by !== "number") return this.table.reject("not_a_number", by);
    this.inc(-by);
  }

  setToCurrentTime(): void {
    this.set(this.table.host.clock.unix());
  }

  trackInFlight<T>(work: () => T): T {
    this.inc();
    return onSettled(work, () => this.dec());
  }

  startTimer(): Timer {
    return startTimer(this.table.host.clock, (seconds) => this.set(seconds));
  }

  time<T>(work: () => T): T {
    const timer = this.startTimer();
    return onSettled(work, () => timer.stop());
  }

  get value(): number {
    return this.table.cellOf(this, 0);
  }
}

/** Gauges: one cell a row. */
export const gaugeKind: Kind<GaugeSeries> = {
  width: 1,
  isPlain: true,
  tracksStart: false,
  series: (table, row) => new GaugeSeries(table, row),
  emit(table, row, labels, sink) {
    sink.number(labels, table.cells[row]!, 0);
  },
};
