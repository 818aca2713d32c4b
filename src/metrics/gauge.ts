/** Gauges: numbers that go up and down, such as a queue length. */
import { onSettled, settle, type Task } from "../base/internal.ts";
import type { BareRegistry } from "./bare_registry.ts";
import { declarerOf } from "./declarer.ts";
import type { InstrumentKind } from "./kind.ts";
import type {
  FamilyOptions,
  Instrument,
  Names,
  NoSets,
  ValueSets,
} from "./labels.ts";
import { add, type Layout, mark, Series } from "./series.ts";
import { startTimer, type Timer } from "./timer.ts";

const addTo = add;
const markIn = mark;

/** One series of a gauge. */
export interface Gauge {
  /** Sets the value; NaN and infinities are legal. */
  set(value: number): void;
  /** Adds `by`. Default: 1. */
  inc(by?: number): void;
  /** Subtracts `by`. Default: 1. */
  dec(by?: number): void;
  /** Sets the value to the current time, in unix seconds. */
  setToCurrentTime(): void;
  /**
   * Adds 1 while `work` runs, until the promise that it returns has settled. A
   * generator that it returns runs from its first read to its end.
   */
  trackInFlight<T>(work: () => T): T;
  /** Starts a timer; stopping it sets the value to the seconds that passed. */
  startTimer(): Timer;
  /** Sets the value to the seconds that `work` takes, also if it fails. */
  time<T>(work: () => T): T;
  /** The current value. */
  readonly value: number;
}

/** Options of a gauge. */
export type GaugeOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> = FamilyOptions<N, V>;

/** One series of a gauge; also of a callback metric. */
export class GaugeSeries extends Series implements Gauge {
  set(value: number): void {
    if (typeof value !== "number") {
      return this.store.reject("not_a_number", value);
    }
    const { row, store } = this;
    if (row < 0) return (store.revive(this) as GaugeSeries).set(value);
    store.cells[row] = value + 0; // -0 becomes 0: see `Layout`
    markIn(store.marks, row);
  }

  inc(by = 1): void {
    if (typeof by !== "number") return this.store.reject("not_a_number", by);
    const { row, store } = this;
    if (row < 0) return (store.revive(this) as GaugeSeries).inc(by);
    addTo(store.cells, row, by);
    markIn(store.marks, row);
  }

  dec(by = 1): void {
    if (typeof by !== "number") return this.store.reject("not_a_number", by);
    this.inc(-by);
  }

  setToCurrentTime(): void {
    this.set(this.store.clock.unix());
  }

  trackInFlight<T>(work: () => T): T {
    return settle(new InFlight(this, work));
  }

  startTimer(): Timer {
    return startTimer(this.store.clock, (seconds) => this.set(seconds));
  }

  time<T>(work: () => T): T {
    const timer = this.startTimer();
    return onSettled(work, () => timer.stop());
  }

  get value(): number {
    return this.store.cellOf(this, 0);
  }
}

/** Work that a gauge counts while it runs. */
class InFlight<T> implements Task<T> {
  readonly #gauge: Gauge;
  readonly #work: () => T;

  constructor(gauge: Gauge, work: () => T) {
    this.#gauge = gauge;
    this.#work = work;
  }

  run(): T {
    const work = this.#work; // called without `this`
    this.#gauge.inc();
    return work();
  }

  /** A generator that is not read is not in flight. */
  waits(isWaiting: boolean): void {
    this.#gauge.inc(isWaiting ? -1 : 1);
  }

  settled(): void {
    this.#gauge.dec();
  }
}

/** The layout of gauges: one cell per row. */
export const GAUGE_LAYOUT: Layout<GaugeSeries> = {
  width: 1,
  isPlain: true,
  tracksStart: false,
  series: (store, row) => new GaugeSeries(store, row),
  emit(store, row, labels, sink) {
    sink.number(labels, store.cells[row]!, 0);
  },
};

/** The kind of gauges: one cell per row. */
export const gauges: InstrumentKind<Gauge> = {
  id: "gauge",
  type: "gauge",
  rules: {},
  plan: () => ({ layout: () => GAUGE_LAYOUT }),
};

/**
 * Declares a gauge, or returns it if it is declared already. Default for
 * `registry`: the default registry.
 *
 * @throws {TypeError | RangeError} If a name or an option is wrong.
 * @throws {FamilyConflictError} If it is declared already with other options.
 */
export function gauge<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(
  options: GaugeOptions<N, V>,
  registry?: BareRegistry,
): Instrument<N, Gauge, V> {
  return declarerOf(registry).declare(gauges, options);
}
