/** A custom kind that imports only public modules: the largest value so far. */
import {
  type BareRegistry,
  defaultRegistry,
  type FamilyOptions,
  type Instrument,
  type InstrumentKind,
  type Layout,
  mark,
  type Names,
  type NoSets,
  Series,
  type ValueSets,
} from "../../src/metrics/mod.ts";

/** One series of a max-gauge. */
export interface MaxGauge {
  /** Stores `value` if it is the largest so far. */
  record(value: number): void;
}

class MaxGaugeSeries extends Series implements MaxGauge {
  record(value: number): void {
    const { row, store } = this;
    if (typeof value !== "number") return store.reject("not_a_number", value);
    if (row < 0) return (store.revive(this) as MaxGaugeSeries).record(value);
    if (!(value > store.cells[row]!)) return;
    store.cells[row] = value + 0; // never -0
    mark(store.marks, row);
  }
}

const LAYOUT: Layout<MaxGaugeSeries> = {
  width: 1,
  isPlain: true,
  tracksStart: false,
  initial: -Infinity,
  series: (store, row) => new MaxGaugeSeries(store, row),
  emit: (store, row, labels, sink) => sink.number(labels, store.cells[row]!, 0),
};

/** The kind of max-gauges: of several workers the largest value counts. */
export const maxGauges: InstrumentKind<MaxGauge> = {
  id: "extension/max_gauge",
  type: "gauge",
  title: "max-gauge",
  merge: "max",
  rules: {},
  plan: () => ({ layout: () => LAYOUT }),
  noop: { record() {} },
};

/** Declares a max-gauge, or returns it if it is declared already. */
export function maxGauge<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(
  options: FamilyOptions<N, V>,
  registry: BareRegistry = defaultRegistry(),
): Instrument<N, MaxGauge, V> {
  return registry.declare(maxGauges, options);
}
