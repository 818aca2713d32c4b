/**
 * The registry: where metrics are declared, and one source of all of them.
 *
 * - Declaring throws where a name, label or option is wrong; recording never
 *   does.
 * - Declaring the same family twice returns the same family; describing it
 *   otherwise is a `FamilyConflictError` that names both.
 * - It knows no format: `encode/` reads it as a `Source`.
 */
import { systemClock } from "../base/mod.ts";
import { checkOptions } from "../base/internal.ts";
import { familyDesc, type NameRule, type Source } from "../model/mod.ts";
import type { CallbackOptions } from "./callback.ts";
import type {
  CoreHistogramOptions,
  CoreRegistry,
  CoreRegistryOptions,
  NoSets,
} from "./core_registry.ts";
import { NAMES } from "./declaration.ts";
import type { ExemplarSource } from "./exemplar_slots.ts";
import type { Histogram } from "./histogram.ts";
import type { Info } from "./info.ts";
import type {
  FamilyOptions,
  Instrument,
  LabelValue,
  Names,
  ValueSets,
} from "./labels.ts";
import type { NativeOptions } from "./native.ts";
import { RegistryView } from "./registry_view.ts";
import { coreOf } from "./scope.ts";
import { FullHealth } from "./full_health.ts";
import { SharedCore } from "./shared_core.ts";
import type { StateSet } from "./stateset.ts";
import type { Summary } from "./summary.ts";

/** How a histogram is declared. */
export interface HistogramOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> extends CoreHistogramOptions<N, V> {
  /**
   * Count into native buckets, of exponential width: instead of classic ones,
   * or beside them where `buckets` are given too. Readers of protobuf and of
   * OpenMetrics 2.0 get them; to others a histogram of native buckets alone is
   * count and sum.
   */
  readonly native?: boolean | NativeOptions;
}

/** How a summary is declared. */
export interface SummaryOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> extends FamilyOptions<N, V> {
  /** Ranks to report, such as `[0.5, 0.99]`; none unless given. */
  readonly quantiles?: readonly number[];
  /** Seconds that quantiles look back, 600 unless given. */
  readonly maxAge?: number;
  /** In how many steps that window slides, 5 unless given. */
  readonly ageBuckets?: number;
}

/** How an info is declared; its name must end in `_info`. */
export type InfoOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> = Omit<FamilyOptions<N, V>, "unit">;

/** How a stateset is declared. */
export interface StateSetOptions<
  State extends string = string,
  N extends Names = Names,
  V extends ValueSets = NoSets,
> extends Omit<FamilyOptions<N, V>, "unit"> {
  /** The names of all states. */
  readonly states: readonly State[];
}

/** What a scope puts before each name and on each series. */
export interface ScopeOptions {
  /** Put before every name as it is: `shop_`. */
  readonly prefix?: string;
  /** Put on every series, before its own labels. */
  readonly labels?: Readonly<Record<string, LabelValue>>;
  /** Which names may be declared through it; as its registry unless given. */
  readonly names?: NameRule;
}

/** Where metrics are declared, and the source of all of them. */
export interface Registry extends CoreRegistry {
  /** Declares a histogram, or returns it if it is there. */
  histogram<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: HistogramOptions<N, V>): Instrument<N, Histogram, V>;
  /** Declares a summary, or returns it if it is there. */
  summary<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: SummaryOptions<N, V>): Instrument<N, Summary, V>;
  /** Declares an info, or returns it if it is there. */
  info<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: InfoOptions<N, V>): Info<N, V>;
  /** Declares a stateset, or returns it if it is there. */
  stateSet<
    const State extends string,
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(
    options: StateSetOptions<State, N, V>,
  ): Instrument<N, StateSet<State>, V>;
  /**
   * Declares a counter whose totals are asked for when it is collected.
   * Declaring it again asks the new functions from then on. Disposing of the
   * result takes it out.
   */
  callbackCounter<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: CallbackOptions<N, V>): Disposable;
  /** Declares a gauge whose values are asked for; see `callbackCounter`. */
  callbackGauge<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(options: CallbackOptions<N, V>): Disposable;
  /**
   * The same registry, seen with a prefix and constant labels: what is
   * declared through it gets both. It is collected as the whole registry.
   */
  scope(options: ScopeOptions): Registry;
  /**
   * Exposes another source too, a collector or a whole registry, until the
   * result is disposed.
   *
   * @throws {FamilyConflictError} If both would write the same name.
   */
  add(source: Source): Disposable;
}

/** How a registry is made. */
export interface RegistryOptions extends CoreRegistryOptions {
  /** Throw where an observation would be dropped and counted: for tests. */
  readonly strict?: boolean;
  /** Which names may be declared: `classic` ones unless given. */
  readonly names?: NameRule;
  /** Where exemplars come from by themselves: see `followExemplars`. */
  readonly exemplars?: ExemplarSource;
}

/** Makes a registry that shares nothing with any other. */
export function createRegistry(options: RegistryOptions = {}): Registry {
  const { clock = systemClock, strict = false, selfMetrics = true } = options;
  const { names = "classic", exemplars } = options;
  checkOptions("Cannot make a registry", { names }, { names: NAMES });
  const health = new FullHealth(clock, strict, exemplars);
  return new RegistryView({
    core: new SharedCore(health, selfMetrics),
    desc: (init) => familyDesc(init, names),
    prefix: "",
    fixed: new Map(),
  }) as unknown as Registry;
}

/**
 * Lets the counters and histograms of a registry take exemplars from `source`
 * until the result is disposed: one for each bucket between two scrapes, where
 * none is given by hand. One source at a time; the last one counts.
 */
export function followExemplars(
  registry: Registry,
  source: ExemplarSource,
): Disposable {
  const core = coreOf(registry);
  if (core instanceof SharedCore) return core.follow(source);
  return { [Symbol.dispose](): void {} };
}
