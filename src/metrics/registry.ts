/** The full registry: a bare registry with a method for each built-in kind. */
import {
  type BareRegistry,
  innerScope,
  RegistryImpl,
  type RegistryOptions,
  type ScopeOptions,
  settingsOf,
} from "./bare_registry.ts";
import {
  callbackCounter,
  callbackGauge,
  type CallbackOptions,
} from "./callback.ts";
import { type Counter, type CounterOptions, counters } from "./counter.ts";
import { type Declarer, defaultDeclarer, rootScope } from "./declarer.ts";
import { type DeclarationScope, SCOPE } from "./families.ts";
import { type Gauge, type GaugeOptions, gauges } from "./gauge.ts";
import {
  type Histogram,
  type HistogramOptions,
  histograms,
} from "./histogram.ts";
import { type Info, info, type InfoOptions } from "./info.ts";
import type { Instrument, Names, NoSets, ValueSets } from "./labels.ts";
import { type StateSet, type StateSetOptions, stateSets } from "./state_set.ts";
import { summaries, type Summary, type SummaryOptions } from "./summary.ts";

/**
 * The registry of applications: has a method for each built-in kind, and is one
 * source of all its metrics.
 */
export interface Registry extends BareRegistry {
  /** Declares a counter, or returns it if it is declared already. */
  counter<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: CounterOptions<N, V>): Instrument<N, Counter, V>;
  /** Declares a gauge, or returns it if it is declared already. */
  gauge<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: GaugeOptions<N, V>): Instrument<N, Gauge, V>;
  /** Declares a histogram, or returns it if it is declared already. */
  histogram<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: HistogramOptions<N, V>): Instrument<N, Histogram, V>;
  /** Declares a summary, or returns it if it is declared already. */
  summary<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: SummaryOptions<N, V>): Instrument<N, Summary, V>;
  /** Declares an info, or returns it if it is declared already. */
  info<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: InfoOptions<N, V>): Info<N, V>;
  /** Declares a stateset, or returns it if it is declared already. */
  stateSet<
    const State extends string,
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(
    options: StateSetOptions<State, N, V>,
  ): Instrument<N, StateSet<State>, V>;
  /**
   * Declares a counter whose totals are read when it is collected. If it is
   * declared again, only the new functions are called. Disposing the result
   * removes it.
   */
  callbackCounter<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: CallbackOptions<N, V>): Disposable;
  /** Declares a gauge whose values are read on collection; see `callbackCounter`. */
  callbackGauge<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: CallbackOptions<N, V>): Disposable;
  /** Returns a scope, which adds a prefix and constant labels to declarations. */
  scope(options: ScopeOptions): Registry;
}

/** The options of any kind: `Registry` has the types. */
type Any = never;

/** A registry with a method per kind. */
class FullRegistry extends RegistryImpl {
  counter(options: Any): unknown {
    return this.declare(counters, options);
  }

  gauge(options: Any): unknown {
    return this.declare(gauges, options);
  }

  histogram(options: Any): unknown {
    return this.declare(histograms, options);
  }

  summary(options: Any): unknown {
    return this.declare(summaries, options);
  }

  info(options: Any): unknown {
    return info(options, this);
  }

  stateSet(options: Any): unknown {
    return this.declare(stateSets, options);
  }

  callbackCounter(options: Any): Disposable {
    return callbackCounter(options, this);
  }

  callbackGauge(options: Any): Disposable {
    return callbackGauge(options, this);
  }

  override scope(options: ScopeOptions): FullRegistry {
    return new FullRegistry(innerScope(this[SCOPE], options));
  }
}

/**
 * Creates a registry that shares nothing with any other.
 *
 * @throws {TypeError} If an option is wrong.
 */
export function createRegistry(options: RegistryOptions = {}): Registry {
  return fullRegistry(rootScope(settingsOf(options)));
}

/** Returns the full registry of a scope. */
function fullRegistry(scope: DeclarationScope): Registry {
  return new FullRegistry(scope) as unknown as Registry;
}

const FULL = Symbol.for("barograph.registry.4.full");

/**
 * Returns the default registry of the process, created at its first use. Free
 * functions such as `counter` declare on it by default.
 */
export function defaultRegistry(): Registry {
  const declarer: Declarer & { [FULL]?: Registry } = defaultDeclarer();
  return declarer[FULL] ??= fullRegistry(declarer[SCOPE]);
}
