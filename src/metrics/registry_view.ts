/**
 * What a registry is at run time: what `CoreView` has, and summaries, infos,
 * statesets, callbacks, native histograms, scopes, and metrics of its scrapes.
 */
import { checkOptions } from "../base/internal.ts";
import { familyDesc } from "../model/mod.ts";
import { refreshParts } from "../model/internal.ts";
import { DEFAULT_BUCKETS } from "./bucket_layout.ts";
import {
  CALLBACK,
  CallbackSource,
  checkedReaders,
  type Readers,
} from "./callback.ts";
import type { Declared } from "./core.ts";
import { BUCKETS, CoreView, declareHistogram } from "./core_view.ts";
import {
  checkDeclaration,
  NAMES,
  type Options,
  RECORDED,
} from "./declaration.ts";
import { FamilyView, labelText } from "./family_view.ts";
import { gaugeKind } from "./gauge.ts";
import type { HistogramSeries } from "./histogram.ts";
import { type Info, infoKind, infoOver } from "./info.ts";
import type { Names, ValueSets } from "./labels.ts";
import { checkedNative, NATIVE } from "./native_rows.ts";
import type {
  HistogramOptions,
  ScopeOptions,
  StateSetOptions,
  SummaryOptions,
} from "./registry.ts";
import {
  type Declaration,
  declare,
  declareView,
  describe,
  SCOPE,
} from "./scope.ts";
import {
  checkedStates,
  STATES,
  StateSetKind,
  type StateSetSeries,
} from "./stateset.ts";
import {
  checkedWindow,
  SummaryKind,
  type SummarySeries,
  WINDOW,
} from "./summary.ts";
import { Table } from "./table.ts";

interface DeclaredCallback extends Declared {
  readonly source: CallbackSource;
}

/** What `Registry` is at run time; see `CoreView`. */
export class RegistryView extends CoreView {
  override histogram(
    options: HistogramOptions<Names, ValueSets>,
  ): Declaration<HistogramSeries> {
    checkDeclaration("histogram", options, { ...BUCKETS, native: NATIVE });
    const native = checkedNative(options.name, options.native ?? false);
    const unless = native === undefined ? DEFAULT_BUCKETS : [];
    return declareHistogram(this[SCOPE], options, unless, native);
  }

  summary(
    options: SummaryOptions<Names, ValueSets>,
  ): Declaration<SummarySeries> {
    checkDeclaration("summary", options, { ...RECORDED, ...WINDOW });
    const { quantiles = [], maxAge = 600, ageBuckets: steps = 5 } = options;
    const window = checkedWindow(options.name, { quantiles, maxAge, steps });
    return declare(
      this[SCOPE],
      "summary",
      options,
      () => new SummaryKind(quantiles.length > 0 ? window : undefined),
      { quantiles: `[${quantiles.join(", ")}] over ${maxAge} s in ${steps}` },
    );
  }

  info(options: Options): Info {
    checkDeclaration("info", options, RECORDED);
    return infoOver(declareView(this[SCOPE], "info", options, () => infoKind));
  }

  stateSet(
    options: StateSetOptions<string, Names, ValueSets>,
  ): Declaration<StateSetSeries> {
    checkDeclaration("stateset", options, { ...RECORDED, states: STATES });
    const states = checkedStates(options.name, options.states);
    const kind = () => new StateSetKind(states);
    return declare(this[SCOPE], "stateset", options, kind, {
      states: JSON.stringify(states),
    });
  }

  callbackCounter(options: Options & Readers): Disposable {
    return this.#callback("counter", options);
  }

  callbackGauge(options: Options & Readers): Disposable {
    return this.#callback("gauge", options);
  }

  scope(options: ScopeOptions): RegistryView {
    checkOptions("Cannot make a scope", options, {
      prefix: [["string"], 'a text, such as "shop_"'],
      labels: [["object"], 'values by name, such as { region: "eu" }'],
      names: NAMES,
    });
    const { prefix = "", labels = {}, names } = options;
    const outer = this[SCOPE];
    const fixed = new Map(outer.fixed);
    for (const [name, value] of Object.entries(labels)) {
      fixed.set(name, labelText(value));
    }
    return new RegistryView({
      core: outer.core,
      desc: names === undefined
        ? outer.desc
        : (init) => familyDesc(init, names),
      prefix: outer.prefix + prefix,
      fixed,
    });
  }

  async refresh(signal: AbortSignal): Promise<void> {
    await refreshParts(this, signal);
  }

  #callback(
    type: "counter" | "gauge",
    options: Options & Readers,
  ): Disposable {
    checkDeclaration(`callback ${type}`, options, CALLBACK);
    const readers = checkedReaders(options.name, options);
    const { core, fixed } = this[SCOPE];
    const scope = JSON.stringify([...fixed]);
    const layout = { recording: `by callback, in scope ${scope}` };
    const { desc, terms, limits } = describe(
      this[SCOPE],
      type,
      options,
      layout,
    );
    const declared = core.declare(desc, terms, (): DeclaredCallback => {
      const table = new Table(desc, gaugeKind, limits, core.health);
      const view = new FamilyView(table).fix(fixed);
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
}
