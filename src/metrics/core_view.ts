/**
 * What a core registry is at run time: counters, gauges and histograms.
 * `registry_view.ts` adds all else.
 */
import type { FamilyDesc, ScrapeObserver, Sink, Source } from "../model/mod.ts";
import { OBSERVER } from "../model/internal.ts";
import { checkedBounds, DEFAULT_BUCKETS } from "./bucket_layout.ts";
import { counterKind, type CounterSeries } from "./counter.ts";
import {
  checkDeclaration,
  isList,
  type Options,
  RECORDED,
  type Rules,
} from "./declaration.ts";
import type { CoreHistogramOptions } from "./core_registry.ts";
import { gaugeKind, type GaugeSeries } from "./gauge.ts";
import { HistogramKind, type HistogramSeries } from "./histogram.ts";
import type { Names, ValueSets } from "./labels.ts";
import type { NativeRows } from "./native.ts";
import { type Declaration, declare, SCOPE, type Scope } from "./scope.ts";

/** The options of a histogram of classic buckets. */
export type BucketOptions = CoreHistogramOptions<Names, ValueSets>;

/** What a histogram may say beside what all may. */
export const BUCKETS: Rules = {
  ...RECORDED,
  buckets: [
    (value) => isList(value) || ArrayBuffer.isView(value),
    "a list of upper bounds, such as [0.1, 1, 10]",
  ],
  dropNaN: [["boolean"], "true or false"],
};

/**
 * Declares a histogram whose options were checked, with `unless` for buckets
 * where there are none given.
 */
export function declareHistogram(
  scope: Scope,
  options: BucketOptions,
  unless: readonly number[],
  native?: { readonly terms: string; rows(): NativeRows },
): Declaration<HistogramSeries> {
  const { name, buckets = unless, dropNaN = false } = options;
  const bounds = checkedBounds(name, buckets);
  const kind = () => new HistogramKind(bounds, dropNaN, native?.rows());
  return declare(scope, "histogram", options, kind, {
    buckets: `[${bounds.join(", ")}]`,
    native: native?.terms ?? "none",
    dropNaN: `${dropNaN}`,
  });
}

/**
 * What `CoreRegistry` is at run time. Its methods return a series or a view,
 * where the interface tells by the labels which of the two.
 */
export class CoreView implements Source {
  readonly [SCOPE]: Scope;

  constructor(scope: Scope) {
    this[SCOPE] = scope;
  }

  counter(options: Options): Declaration<CounterSeries> {
    checkDeclaration("counter", options, RECORDED);
    return declare(this[SCOPE], "counter", options, () => counterKind);
  }

  gauge(options: Options): Declaration<GaugeSeries> {
    checkDeclaration("gauge", options, RECORDED);
    return declare(this[SCOPE], "gauge", options, () => gaugeKind);
  }

  histogram(options: BucketOptions): Declaration<HistogramSeries> {
    checkDeclaration("histogram", options, BUCKETS);
    return declareHistogram(this[SCOPE], options, DEFAULT_BUCKETS);
  }

  add(source: Source): Disposable {
    return this[SCOPE].core.add(source);
  }

  unregister(name: string): boolean {
    return this[SCOPE].core.unregister(name);
  }

  get descs(): readonly FamilyDesc[] {
    return this.parts.flatMap((part) => part.descs);
  }

  get parts(): readonly Source[] {
    return this[SCOPE].core.parts();
  }

  collect(sink: Sink): void {
    for (const part of this.parts) part.collect(sink);
  }

  get [OBSERVER](): ScrapeObserver {
    return this[SCOPE].core.health;
  }
}
