/** Counters: numbers that only go up, such as requests, bytes and errors. */
import { onSettled } from "../base/internal.ts";
import type { BareRegistry } from "./bare_registry.ts";
import { declarerOf } from "./declarer.ts";
import { counterFault, SAFE_STEP } from "./diagnostics.ts";
import type { InstrumentKind } from "./kind.ts";
import type {
  ExemplarLabels,
  FamilyOptions,
  Instrument,
  Names,
  NoSets,
  ValueSets,
} from "./labels.ts";
import { add, type Layout, mark, Series } from "./series.ts";

const addTo = add;
const markIn = mark;
const SAFE = SAFE_STEP;

/** One series of a counter. */
export interface Counter {
  /**
   * Adds `by`. Default: 1. A step that is negative, NaN or infinite, or that
   * would make the total infinite, is dropped and counted as rejected. Cost: two
   * comparisons, an addition and a mark.
   *
   * @throws {RangeError} Only if the registry is strict.
   */
  inc(by?: number, exemplar?: ExemplarLabels): void;
  /**
   * Runs `work` and counts its failure: a thrown error, or the rejection of the
   * promise that it returns. Results and errors reach the caller unchanged.
   */
  countErrors<T>(work: () => T): T;
  /** The current total. */
  readonly value: number;
}

/** Options of a counter; its name must end in `_total`. */
export type CounterOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> = FamilyOptions<N, V>;

class CounterSeries extends Series implements Counter {
  inc(by = 1, exemplar?: ExemplarLabels): void {
    if (typeof by !== "number" || !(by >= 0 && by < SAFE)) {
      if (this.#refuses(by)) return;
    }
    const { row, store } = this;
    if (row < 0) return (store.revive(this) as CounterSeries).inc(by, exemplar);
    addTo(store.cells, row, by);
    markIn(store.marks, row);
    if (exemplar !== undefined) store.keepExemplar(row, exemplar, by);
    else if (store.sampler !== undefined) store.maybeKeepExemplar(row, by);
  }

  /** Apart from `inc`, which engines inline while it is small. */
  #refuses(by: number): boolean {
    const fault = counterFault(by) ?? counterFault(this.value + by);
    if (fault !== undefined) this.store.reject(fault, by);
    return fault !== undefined;
  }

  countErrors<T>(work: () => T): T {
    return onSettled(work, (failed) => {
      if (failed) this.inc();
    });
  }

  get value(): number {
    return this.store.cellOf(this, 0);
  }
}

const LAYOUT: Layout<CounterSeries> = {
  width: 1,
  isPlain: true,
  tracksStart: true,
  series: (store, row) => new CounterSeries(store, row),
  emit(store, row, labels, sink) {
    const exemplar = store.exemplars?.get(row);
    sink.number(labels, store.cells[row]!, store.starts[row]!, exemplar);
  },
};

/** The kind of counters: one cell per row. */
export const counters: InstrumentKind<Counter> = {
  id: "counter",
  type: "counter",
  rules: {},
  plan: () => ({ layout: () => LAYOUT }),
};

/**
 * Declares a counter, or returns it if it is declared already.
 *
 * ```ts
 * import { counter } from "@barograph/barograph";
 *
 * const orders = counter({
 *   name: "shop_orders_total",
 *   help: "Orders accepted, by payment method.",
 *   labels: ["payment"],
 * });
 * orders.with({ payment: "card" }).inc();
 * ```
 *
 * Default for `registry`: the default registry.
 *
 * @throws {TypeError | RangeError} If a name or an option is wrong.
 * @throws {FamilyConflictError} If it is declared already with other options.
 */
export function counter<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(
  options: CounterOptions<N, V>,
  registry?: BareRegistry,
): Instrument<N, Counter, V> {
  return declarerOf(registry).declare(counters, options);
}
