/**
 * A registry of counters, gauges and histograms alone: for programs that count
 * every byte that they import.
 *
 * - It is the same engine as that of `createRegistry()`, and takes the same
 *   declarations.
 * - It has no summaries, infos, statesets, callbacks and native buckets, no
 *   scopes and nested registries, no names in UTF-8, and no metrics of its
 *   scrapes; exemplars come to it only by hand, and it is never strict.
 */
import { type Clock, systemClock } from "../base/mod.ts";
import type { Source } from "../model/mod.ts";
import { classicDesc } from "../model/internal.ts";
import { Core } from "./core.ts";
import { CoreView } from "./core_view.ts";
import type { Counter } from "./counter.ts";
import type { Gauge } from "./gauge.ts";
import { Health } from "./health.ts";
import type { Histogram } from "./histogram.ts";
import type { FamilyOptions, Instrument, Names, ValueSets } from "./labels.ts";

/** No closed value sets. */
export type NoSets = Record<never, never>;

/** How a counter is declared; its name must end in `_total`. */
export type CounterOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> = FamilyOptions<N, V>;

/** How a gauge is declared. */
export type GaugeOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> = FamilyOptions<N, V>;

/** How a histogram of classic buckets is declared. */
export interface CoreHistogramOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> extends FamilyOptions<N, V> {
  /**
   * Upper bounds in the unit of the family, rising; `DEFAULT_BUCKETS` unless
   * given. They are copied.
   */
  readonly buckets?: readonly number[];
  /** Drop NaN, counted, rather than let it make the sum NaN. */
  readonly dropNaN?: boolean;
}

/** How a core registry is made. */
export interface CoreRegistryOptions {
  /** Where the time comes from, the machine unless given. */
  readonly clock?: Clock;
  /** Whether to expose the counters of `barograph_…` too; true unless given. */
  readonly selfMetrics?: boolean;
}

/** Where counters, gauges and histograms are declared, and their source. */
export interface CoreRegistry extends Source {
  /** Declares a counter, or returns it if it is there. */
  counter<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: CounterOptions<N, V>): Instrument<N, Counter, V>;
  /** Declares a gauge, or returns it if it is there. */
  gauge<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: GaugeOptions<N, V>): Instrument<N, Gauge, V>;
  /** Declares a histogram, or returns it if it is there. */
  histogram<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: CoreHistogramOptions<N, V>): Instrument<N, Histogram, V>;
  /**
   * Exposes another source too, a collector, until the result is disposed.
   *
   * @throws {FamilyConflictError} If both would write the same name.
   */
  add(source: Source): Disposable;
  /**
   * Takes out the family of that (whole) name. Who still holds its series
   * records on, unseen. Returns whether there was one.
   */
  unregister(name: string): boolean;
  /** The families and added sources in the order of exposition. */
  readonly parts: Iterable<Source>;
}

/**
 * Makes a core registry that shares nothing with any other.
 *
 * ```ts
 * import { expose, prometheusText } from "@barograph/barograph/encode";
 * import { createCoreRegistry } from "@barograph/barograph/metrics";
 *
 * const registry = createCoreRegistry();
 * registry.counter({ name: "hits_total", help: "Pages shown." }).inc();
 * const body: Uint8Array = expose(registry, prometheusText);
 * ```
 */
export function createCoreRegistry(
  options: CoreRegistryOptions = {},
): CoreRegistry {
  const { clock = systemClock, selfMetrics = true } = options;
  const core = new Core(new Health(clock), selfMetrics);
  const scope = { core, desc: classicDesc, prefix: "", fixed: new Map() };
  return new CoreView(scope) as unknown as CoreRegistry;
}
