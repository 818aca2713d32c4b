/** Meters: create the instruments of one library. */
import { FamilyConflictError } from "../../base/mod.ts";
import { callSafely, errorMessage, quoted } from "../../base/internal.ts";
import {
  type OpenFamily,
  openFamily,
  type OpenFamilyOptions,
} from "../../metrics/internal.ts";
import {
  type BareRegistry,
  type Counter,
  counters,
  type Gauge,
  gauges,
  type Histogram,
  type HistogramOwnOptions,
  histograms,
  type InstrumentKind,
  type MergeRule,
  type Series,
} from "../../metrics/mod.ts";
import { otelFamilyName, otelLabels } from "../../model/internal.ts";
import type {
  OtelBatchCallback,
  OtelCounter,
  OtelMeter,
  OtelMetricOptions,
  OtelObservable,
  OtelRecorder,
} from "./api.ts";
import { type AttributeRules, AttributeSets } from "./attribute_sets.ts";
import type { ContextExemplars } from "./exemplars.ts";
import {
  CounterInstrument,
  GaugeInstrument,
  HistogramInstrument,
  type InstrumentParts,
  NO_INSTRUMENT,
  UpDownCounterInstrument,
} from "./instruments.ts";
import {
  addBatch,
  ObservableInstrument,
  observedCounters,
  ObservedFamily,
  observedGauges,
  type ObservedSeries,
  removeBatch,
} from "./observed_family.ts";
import {
  boundsIn,
  changesIn,
  defaultBuckets,
  type MeterProviderSettings,
  metricOptionsIn,
  type OtelInstrument,
  type OtelInstrumentChanges,
  type OtelInstrumentKind,
  type OtelMeterScope,
  type ReadMetricOptions,
} from "./options.ts";

/** Everything that the meters of one provider share. */
export interface MeterHost {
  readonly registry: BareRegistry;
  readonly settings: MeterProviderSettings;
  readonly exemplars: ContextExemplars;
  /** By family: the label of each attribute key in underscores. */
  readonly labelNames: WeakMap<OpenFamily, Map<string, string>>;
  /** Warns once per text. */
  warn(text: string): void;
}

/** The instruments of the API by kind. */
interface Instruments {
  counter: OtelCounter;
  upDownCounter: OtelCounter;
  gauge: OtelRecorder;
  histogram: OtelRecorder;
  observableCounter: OtelObservable;
  observableUpDownCounter: OtelObservable;
  observableGauge: OtelObservable;
}

/** OpenTelemetry's rule for the names of instruments. */
const NAME = /^[a-z][a-z0-9_.\-/]{0,254}$/i;

/** Advice about a conflict: the declarations of a library cannot be changed. */
const ADVICE = "rename it, drop it or give it the same buckets by the option " +
  "instruments of asMeterProvider()";

/** A created instrument. */
interface Created {
  readonly kind: OtelInstrumentKind;
  readonly unit: string;
  readonly instrument: unknown;
}

/** An instrument while it is created. */
interface Plan {
  readonly kind: OtelInstrumentKind;
  readonly name: string;
  readonly options: ReadMetricOptions;
  readonly changes: OtelInstrumentChanges;
}

/** The meter of one library. */
export class Meter implements OtelMeter {
  readonly #host: MeterHost;
  readonly #scope: OtelMeterScope;
  /** The labels of the registry and of the scope, which all series have. */
  readonly #constant: ReadonlyMap<string, string>;
  /** By name in lower case: one instrument per kind and unit. */
  readonly #created = new Map<string, Created[]>();

  constructor(
    host: MeterHost,
    scope: OtelMeterScope,
    constant: ReadonlyMap<string, string>,
  ) {
    this.#host = host;
    this.#scope = scope;
    this.#constant = constant;
  }

  createCounter(name: string, options?: OtelMetricOptions): OtelCounter {
    return this.#create("counter", name, options);
  }

  createUpDownCounter(name: string, options?: OtelMetricOptions): OtelCounter {
    return this.#create("upDownCounter", name, options);
  }

  createGauge(name: string, options?: OtelMetricOptions): OtelRecorder {
    return this.#create("gauge", name, options);
  }

  createHistogram(name: string, options?: OtelMetricOptions): OtelRecorder {
    return this.#create("histogram", name, options);
  }

  createObservableCounter(
    name: string,
    options?: OtelMetricOptions,
  ): OtelObservable {
    return this.#create("observableCounter", name, options);
  }

  createObservableUpDownCounter(
    name: string,
    options?: OtelMetricOptions,
  ): OtelObservable {
    return this.#create("observableUpDownCounter", name, options);
  }

  createObservableGauge(
    name: string,
    options?: OtelMetricOptions,
  ): OtelObservable {
    return this.#create("observableGauge", name, options);
  }

  addBatchObservableCallback(
    callback: OtelBatchCallback,
    observables: OtelObservable[],
  ): void {
    callSafely(() => addBatch(callback, observables), undefined);
  }

  removeBatchObservableCallback(
    callback: OtelBatchCallback,
    observables: OtelObservable[],
  ): void {
    callSafely(() => removeBatch(callback, observables), undefined);
  }

  /** Returns an instrument; one that does nothing if it cannot be created. */
  #create<K extends OtelInstrumentKind>(
    kind: K,
    name: unknown,
    given: unknown,
  ): Instruments[K] {
    if (typeof name !== "string" || !NAME.test(name)) {
      const text = typeof name === "string"
        ? quoted(name)
        : `of ${typeof name}`;
      this.#host.warn(
        `instrument name ${text} is illegal: give a letter, and up to 254 ` +
          `letters, digits, "_", ".", "-" or "/"; nothing is recorded`,
      );
      return NO_INSTRUMENT;
    }
    const options = metricOptionsIn(given);
    const { unit } = options;
    const key = name.toLowerCase();
    const known = this.#created.get(key) ?? [];
    const same = known.find((it) => it.kind === kind && it.unit === unit);
    if (same !== undefined) return same.instrument as Instruments[K];
    const instrument = this.#attempt({
      kind,
      name,
      options,
      changes: this.#changesOf({
        name,
        kind,
        description: options.description,
        unit,
        scope: this.#scope,
      }),
    });
    if (known.length > 0 && instrument !== NO_INSTRUMENT) {
      this.#host.warn(
        `instrument "${name}" is created with another kind or unit: it is ` +
          `another metric`,
      );
    }
    this.#created.set(key, [...known, { kind, unit, instrument }]);
    return instrument as Instruments[K];
  }

  #changesOf(instrument: OtelInstrument): OtelInstrumentChanges {
    const { instruments } = this.#host.settings;
    if (instruments === undefined) return {};
    const changes = callSafely(
      instruments,
      instrument,
      (error) =>
        this.#host.warn(
          `instruments("${instrument.name}") failed: ${errorMessage(error)}`,
        ),
    );
    return changes ?? {};
  }

  #attempt(plan: Plan): unknown {
    try {
      const changes = changesIn(plan.changes);
      if (changes.drop) return NO_INSTRUMENT;
      return this.#instrument({ ...plan, changes });
    } catch (error) {
      const reason = error instanceof FamilyConflictError
        ? `${error.message.replace(/;[^;]*$/, "")}; ${ADVICE}`
        : errorMessage(error);
      this.#host.warn(`instrument "${plan.name}" records nothing: ${reason}`);
      return NO_INSTRUMENT;
    }
  }

  #instrument(plan: Plan): unknown {
    const { name, options: { isWhole } } = plan;
    const parts = <S extends Series>(
      family: OpenFamily<S>,
    ): InstrumentParts<S> => ({
      name,
      family,
      sets: this.#setsOf(family, plan),
      exemplars: this.#host.exemplars,
      isWhole,
    });
    switch (plan.kind) {
      case "counter": {
        const family = this.#declare<Series & Counter>(counters, plan, {});
        return new CounterInstrument(parts(family));
      }
      case "upDownCounter": {
        const family = this.#declare<Series & Gauge>(gauges, plan, {}, "sum");
        return new UpDownCounterInstrument(parts(family));
      }
      case "gauge": {
        const family = this.#declare<Series & Gauge>(gauges, plan, {});
        return new GaugeInstrument(parts(family));
      }
      case "histogram": {
        const own = histogramOptions(plan);
        const family = this.#declare<Series & Histogram>(histograms, plan, own);
        return new HistogramInstrument(parts(family));
      }
      case "observableCounter":
        return this.#observable(observedCounters, plan);
      case "observableUpDownCounter":
        return this.#observable(observedGauges, plan, "sum");
      case "observableGauge":
        return this.#observable(observedGauges, plan);
    }
  }

  #observable(
    kind: InstrumentKind<ObservedSeries, unknown>,
    plan: Plan,
    merge?: MergeRule,
  ): ObservableInstrument {
    const family = this.#declare<ObservedSeries>(kind, plan, {}, merge);
    const source = family.source as ObservedFamily;
    source.family = family;
    const instrument = new ObservableInstrument(
      family,
      this.#setsOf(family, plan),
      plan.options.isWhole,
    );
    source.add(instrument);
    return instrument;
  }

  #declare<S extends Series>(
    kind: InstrumentKind<unknown, unknown>,
    plan: Plan,
    own: object,
    merge?: MergeRule,
  ): OpenFamily<S> {
    const { settings, registry, exemplars } = this.#host;
    const { description, unit } = plan.options;
    const isObserved = plan.kind.startsWith("observable");
    const named = otelFamilyName({
      name: plan.changes.name ?? plan.name,
      unit,
      type: kind.type,
      isGauge: /gauge$/i.test(plan.kind),
    }, settings.translation);
    const hasExemplars = settings.exemplars && !isObserved &&
      kind.type !== "gauge";
    const options: OpenFamilyOptions<object> = {
      ...named,
      help: description.trim() || `Instrument ${plan.name}, undescribed.`,
      names: settings.translation.startsWith("Underscore")
        ? "classic"
        : "utf-8",
      labels: [...this.#constant.keys(), ...this.#labelsOf(plan)],
      merge,
      maxSeries: settings.maxSeries,
      expireAfter: isObserved ? Infinity : settings.expireAfter,
      exemplars: hasExemplars ? exemplars.source : undefined,
      own,
    };
    return openFamily(
      registry,
      kind as unknown as InstrumentKind<S, object>,
      options,
      isObserved ? (table) => new ObservedFamily(table as never) : undefined,
    );
  }

  /** Returns the labels that attributes may not become. */
  #taken(kind: OtelInstrumentKind): ReadonlySet<string> {
    const taken = new Set(this.#constant.keys());
    if (kind === "histogram") taken.add("le");
    return taken;
  }

  /** Returns the labels of the attributes that are listed. */
  #labelsOf({ kind, changes: { attributes } }: Plan): Iterable<string> {
    if (!Array.isArray(attributes)) return [];
    const { translation } = this.#host.settings;
    const entries = attributes.map((key) => [String(key), ""] as const);
    return otelLabels(entries, translation, this.#taken(kind)).keys();
  }

  #setsOf<S extends Series>(
    family: OpenFamily<S>,
    { kind, changes }: Plan,
  ): AttributeSets<S> {
    const { settings, labelNames } = this.#host;
    const rules: AttributeRules = {
      translation: settings.translation,
      constant: this.#constant,
      taken: this.#taken(kind),
      select: selectionOf(changes.attributes),
      maxSeries: settings.maxSeries,
    };
    const shared = family as unknown as OpenFamily;
    const names = labelNames.get(shared) ?? new Map<string, string>();
    labelNames.set(shared, names);
    return new AttributeSets(family, rules, names);
  }
}

/** Returns a function that selects attributes; undefined to keep all. */
function selectionOf(
  attributes: OtelInstrumentChanges["attributes"],
): AttributeRules["select"] {
  if (typeof attributes === "function") return attributes;
  if (!Array.isArray(attributes)) return undefined;
  const kept = new Set<unknown>(attributes);
  return (given) =>
    Object.fromEntries(Object.entries(given).filter(([key]) => kept.has(key)));
}

/** Returns the bounds and native buckets of a histogram. */
function histogramOptions(
  { options, changes }: Plan,
): Required<HistogramOwnOptions> {
  const { native = false } = changes;
  const given = boundsIn(changes.buckets) ?? options.buckets;
  const buckets = native === false
    ? given ?? defaultBuckets(options.unit)
    : boundsIn(changes.buckets) ?? [];
  return { buckets, native, dropNaN: true };
}
