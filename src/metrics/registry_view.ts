/** A registry, or a scope of it: a core, a prefix and constant labels. */
import {
  type FamilyDesc,
  familyDesc,
  type MetricType,
  type NameRule,
  refreshParts,
  type ScrapeReport,
  type Sink,
  type Source,
} from "../model/mod.ts";
import { checkedBounds, DEFAULT_BUCKETS } from "./bucket_layout.ts";
import { CallbackSource, checkedReaders, type Readers } from "./callback.ts";
import { CORE, type Core, type Declared } from "./core.ts";
import { counterKind, type CounterSeries } from "./counter.ts";
import {
  checkOptions,
  checkScope,
  fullName,
  limitsOf,
  type Options,
  type OptionsOf,
} from "./declaration.ts";
import { FamilyView, labelText } from "./family_view.ts";
import { gaugeKind, type GaugeSeries } from "./gauge.ts";
import { HistogramKind, type HistogramSeries } from "./histogram.ts";
import { type Info, infoKind, infoOver } from "./info.ts";
import {
  checkedStates,
  StateSetKind,
  type StateSetSeries,
} from "./stateset.ts";
import { checkedWindow, SummaryKind, type SummarySeries } from "./summary.ts";
import { checkedNative } from "./native.ts";
import type { Kind, Series } from "./series.ts";
import { Table } from "./table.ts";

/** What a declaration returns, whatever the types make of it. */
type Declaration<S extends Series> = S | FamilyView<S>;

interface DeclaredTable<S extends Series> extends Declared {
  readonly view: FamilyView<S>;
}

interface DeclaredCallback extends Declared {
  readonly source: CallbackSource;
}

/**
 * What `Registry` is at run time. Its methods return a series or a view, where
 * the interface tells by the labels which of the two.
 */
export class RegistryView implements Source {
  readonly [CORE]: Core;
  readonly #names: NameRule;
  readonly #prefix: string;
  readonly #fixed: ReadonlyMap<string, string>;

  constructor(
    core: Core,
    names: NameRule,
    prefix = "",
    fixed: ReadonlyMap<string, string> = new Map(),
  ) {
    this[CORE] = core;
    this.#names = names;
    this.#prefix = prefix;
    this.#fixed = fixed;
  }

  counter(options: Options): Declaration<CounterSeries> {
    checkOptions("counter", options);
    return this.#declare("counter", options, () => counterKind);
  }

  gauge(options: Options): Declaration<GaugeSeries> {
    checkOptions("gauge", options);
    return this.#declare("gauge", options, () => gaugeKind);
  }

  histogram(options: OptionsOf["histogram"]): Declaration<HistogramSeries> {
    checkOptions("histogram", options);
    const { name, native: wanted = false, dropNaN = false } = options;
    const native = checkedNative(name, wanted);
    const unless = native === undefined ? DEFAULT_BUCKETS : [];
    const { buckets = unless } = options;
    if (typeof dropNaN !== "boolean") {
      throw new TypeError(
        `Cannot declare histogram "${name}": dropNaN must be true or false`,
      );
    }
    const bounds = checkedBounds(name, buckets);
    return this.#declare(
      "histogram",
      options,
      () => new HistogramKind(bounds, dropNaN, native),
      {
        buckets: `[${bounds.join(", ")}]`,
        native: native === undefined ? "none" : JSON.stringify(native),
        dropNaN: `${dropNaN}`,
      },
    );
  }

  summary(options: OptionsOf["summary"]): Declaration<SummarySeries> {
    checkOptions("summary", options);
    const { quantiles = [], maxAge = 600, ageBuckets: steps = 5 } = options;
    const window = checkedWindow(options.name, { quantiles, maxAge, steps });
    return this.#declare(
      "summary",
      options,
      () => new SummaryKind(quantiles.length > 0 ? window : undefined),
      { quantiles: `[${quantiles.join(", ")}] over ${maxAge} s in ${steps}` },
    );
  }

  info(options: Options): Info {
    checkOptions("info", options);
    return infoOver(this.#view("info", options, () => infoKind, {}));
  }

  stateSet(options: OptionsOf["stateset"]): Declaration<StateSetSeries> {
    checkOptions("stateset", options);
    const states = checkedStates(options.name, options.states);
    return this.#declare("stateset", options, () => new StateSetKind(states), {
      states: JSON.stringify(states),
    });
  }

  callbackCounter(options: Options & Readers): Disposable {
    checkOptions("callback counter", options);
    return this.#callback("counter", options);
  }

  callbackGauge(options: Options & Readers): Disposable {
    checkOptions("callback gauge", options);
    return this.#callback("gauge", options);
  }

  scope(options: OptionsOf["scope"]): RegistryView {
    checkScope(options);
    const { prefix = "", labels = {}, names = this.#names } = options;
    const fixed = new Map(this.#fixed);
    for (const [name, value] of Object.entries(labels)) {
      fixed.set(name, labelText(value));
    }
    return new RegistryView(this[CORE], names, this.#prefix + prefix, fixed);
  }

  add(source: Source): Disposable {
    return this[CORE].add(source);
  }

  unregister(name: string): boolean {
    return this[CORE].unregister(name);
  }

  get descs(): readonly FamilyDesc[] {
    return this[CORE].parts().flatMap((part) => part.descs);
  }

  get parts(): readonly Source[] {
    return this[CORE].parts();
  }

  async refresh(signal: AbortSignal): Promise<void> {
    await refreshParts(this, signal);
  }

  collect(sink: Sink): void {
    for (const part of this.parts) part.collect(sink);
  }

  failed(part: Source): void {
    this[CORE].health.failed(part);
  }

  scraped(report: ScrapeReport): void {
    this[CORE].health.scraped(report);
  }

  #declare<S extends Series>(
    type: MetricType,
    options: Options,
    kind: () => Kind<S>,
    layout: Readonly<Record<string, string>> = {},
  ): Declaration<S> {
    const view = this.#view(type, options, kind, layout);
    return (options.labels ?? []).length === 0 ? view.at() : view;
  }

  /** The family's view in this scope, with all that is known made. */
  #view<S extends Series>(
    type: MetricType,
    options: Options,
    kind: () => Kind<S>,
    layout: Readonly<Record<string, string>>,
  ): FamilyView<S> {
    const { desc, terms } = this.#terms(type, options, layout);
    const inScope = ({ view }: DeclaredTable<S>): FamilyView<S> => {
      const scoped = view.fix(this.#fixed);
      if (options.known === "all") scoped.init();
      else if (options.known !== undefined) scoped.init(options.known);
      return scoped;
    };
    const declared = this[CORE].declare(desc, terms, (): DeclaredTable<S> => {
      const arity = desc.labelNames.length - (type === "stateset" ? 1 : 0);
      const limits = limitsOf(desc, options);
      const { health } = this[CORE];
      const source = new Table(desc, kind(), limits, health, arity);
      const made = { desc, terms, source, view: new FamilyView(source) };
      inScope(made); // what is refused here leaves no family behind
      return made;
    });
    return inScope(declared);
  }

  #callback(
    type: "counter" | "gauge",
    options: Options & Readers,
  ): Disposable {
    const readers = checkedReaders(options.name, options);
    const scope = JSON.stringify([...this.#fixed]);
    const layout = { recording: `by callback, in scope ${scope}` };
    const { desc, terms } = this.#terms(type, options, layout);
    const core = this[CORE];
    const declared = core.declare(desc, terms, (): DeclaredCallback => {
      const limits = limitsOf(desc, options);
      const table = new Table(desc, gaugeKind, limits, core.health);
      const view = new FamilyView(table).fix(this.#fixed);
      const source = new CallbackSource(table, view, readers);
      return { desc, terms, source };
    });
    declared.source.ask(readers);
    return {
      [Symbol.dispose](): void {
        if (declared.source.asks(readers)) core.retire(declared);
      },
    };
  }

  /** The description, and all that a second declaration must repeat. */
  #terms(
    type: MetricType,
    options: Options,
    layout: Readonly<Record<string, string>>,
  ): Pick<Declared, "desc" | "terms"> {
    const name = fullName(this.#prefix, options);
    const labelNames = [...this.#fixed.keys(), ...options.labels ?? []];
    if (type === "stateset") labelNames.push(name);
    const { help, unit = "" } = options;
    const { merge } = options;
    const init = { name, type, help, unit, labelNames };
    const desc = familyDesc(
      merge === undefined ? init : { ...init, merge },
      this.#names,
    );
    const { maxSeries, expireAfter, closed } = limitsOf(desc, options);
    const values = labelNames.flatMap((label, at) =>
      closed[at] === undefined ? [] : [[label, [...closed[at]].sort()]]
    );
    const terms = {
      type,
      help: JSON.stringify(help),
      unit: JSON.stringify(unit),
      labels: JSON.stringify(labelNames),
      values: JSON.stringify(Object.fromEntries(values)),
      maxSeries: String(maxSeries),
      expireAfter: String(expireAfter),
      merge: desc.merge,
      recording: "direct",
      ...layout,
    };
    return { desc, terms };
  }
}
