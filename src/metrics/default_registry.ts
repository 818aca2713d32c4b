/**
 * The registry of the process, made at its first use.
 *
 * It is kept under a global symbol, so that a second copy of this module and a
 * hot reload find the same one; the number in the symbol changes with the
 * interface.
 */
import type { CallbackOptions } from "./callback.ts";
import type { Counter } from "./counter.ts";
import type { Gauge } from "./gauge.ts";
import type { Histogram } from "./histogram.ts";
import type { Info } from "./info.ts";
import type { Instrument, Names, ValueSets } from "./labels.ts";
import type { CounterOptions, GaugeOptions, NoSets } from "./core_registry.ts";
import {
  createRegistry,
  type HistogramOptions,
  type InfoOptions,
  type Registry,
  type StateSetOptions,
  type SummaryOptions,
} from "./registry.ts";
import type { StateSet } from "./stateset.ts";
import type { Summary } from "./summary.ts";

const KEY = Symbol.for("barograph.registry.1");

/** The registry of the process. */
export function defaultRegistry(): Registry {
  const shared = globalThis as { [KEY]?: Registry };
  return shared[KEY] ??= createRegistry();
}

/** `Registry.counter` on the default registry. */
export function counter<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(options: CounterOptions<N, V>): Instrument<N, Counter, V> {
  return defaultRegistry().counter(options);
}

/** `Registry.gauge` on the default registry. */
export function gauge<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(options: GaugeOptions<N, V>): Instrument<N, Gauge, V> {
  return defaultRegistry().gauge(options);
}

/** `Registry.histogram` on the default registry. */
export function histogram<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(options: HistogramOptions<N, V>): Instrument<N, Histogram, V> {
  return defaultRegistry().histogram(options);
}

/** `Registry.summary` on the default registry. */
export function summary<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(options: SummaryOptions<N, V>): Instrument<N, Summary, V> {
  return defaultRegistry().summary(options);
}

/** `Registry.info` on the default registry. */
export function info<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(options: InfoOptions<N, V>): Info<N, V> {
  return defaultRegistry().info(options);
}

/** `Registry.stateSet` on the default registry. */
export function stateSet<
  const State extends string,
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(
  options: StateSetOptions<State, N, V>,
): Instrument<N, StateSet<State>, V> {
  return defaultRegistry().stateSet(options);
}

/** `Registry.callbackCounter` on the default registry. */
export function callbackCounter<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(options: CallbackOptions<N, V>): Disposable {
  return defaultRegistry().callbackCounter(options);
}

/** `Registry.callbackGauge` on the default registry. */
export function callbackGauge<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(options: CallbackOptions<N, V>): Disposable {
  return defaultRegistry().callbackGauge(options);
}
