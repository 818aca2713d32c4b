/** The sink that writes one pass as OTLP metrics. */
import type {
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  NativeView,
  RevocableSink,
  SummaryView,
} from "../../model/mod.ts";
import { infinityBucket } from "../../base/internal.ts";
import {
  type Change,
  classicGrowth,
  type DeltaMemory,
  numberGrowth,
  type State,
} from "./delta_memory.ts";
import { exponentialGrowth } from "./exponential_growth.ts";
import { ScopeMetrics } from "./metric_blocks.ts";
import type {
  ExponentialData,
  HistogramData,
  MetricEncoding,
  MetricHead,
  MetricWriter,
  PointFacts,
  Side,
} from "./metric_encoding.ts";
import {
  keyOf,
  type MetricPlan,
  NO_SCOPE,
  planOf,
  type PlanOptions,
  scopeOf,
} from "./metric_heads.ts";
import { isInteger } from "./numbers.ts";

/** Settings that outlive a pass. */
export interface SinkSettings extends PlanOptions {
  readonly encoding: MetricEncoding;
  /** Remembers the exported values; undefined if all are cumulative. */
  readonly memory: DeltaMemory | undefined;
  /** The names of families that have had a value which is no integer. */
  readonly fractional: Set<string>;
  /** Called with a family of a type that OTLP does not have. */
  readonly onMissingType: (desc: FamilyDesc) => void;
}

/** Writes the families of a pass. */
export class MetricSink implements RevocableSink {
  readonly #settings: SinkSettings;
  readonly #time: number;
  /** The size, in bytes, from which a metric is divided. */
  readonly #maxBytes: number;
  readonly #scopes = new Map<string, ScopeMetrics>();
  #plan: MetricPlan | undefined;
  #desc: FamilyDesc | undefined;
  /** Whether the family describes the resource. */
  #isTarget = false;
  #target: Record<string, string> = {};
  #markedTarget: Record<string, string> = {};

  constructor(settings: SinkSettings, time: number, maxBytes: number) {
    this.#settings = settings;
    this.#time = time;
    this.#maxBytes = maxBytes;
  }

  /** The labels of `target_info`: attributes of the resource. */
  get target(): Readonly<Record<string, string>> {
    return this.#target;
  }

  /** The metrics by scope. */
  get scopes(): Iterable<ScopeMetrics> {
    return this.#scopes.values();
  }

  mark(): void {
    for (const scope of this.#scopes.values()) scope.mark();
    this.#settings.memory?.mark();
    this.#markedTarget = this.#target;
    this.#plan = undefined;
  }

  rollback(): void {
    for (const scope of this.#scopes.values()) scope.rollback();
    this.#settings.memory?.rollback();
    this.#target = this.#markedTarget;
    this.#plan = undefined;
  }

  family(desc: FamilyDesc): boolean {
    for (const scope of this.#scopes.values()) scope.end();
    this.#desc = desc;
    this.#isTarget = desc.type === "info" && desc.name === "target_info";
    this.#plan = planOf(desc, this.#settings);
    if (this.#plan === undefined) this.#settings.onMissingType(desc);
    else this.#settings.memory?.family(desc.name);
    return this.#plan !== undefined;
  }

  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    const { head } = this.#planned();
    if (this.#isTarget) return this.#describe(labels);
    const { fractional } = this.#settings;
    if (!isInteger(value)) fractional.add(head.name);
    const isWhole = !fractional.has(head.name);
    const grow = head.isMonotonic ? numberGrowth : undefined;
    const put: Put<number> = (writer, point, data) =>
      writer.number(point, data, isWhole);
    this.#point(head, labels, start, [exemplar], value, put, grow);
  }

  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    const { head, exponential } = this.#planned();
    const { native, exemplars } = view;
    if (native === undefined) {
      const data = classicData(view);
      const put: Put<HistogramData> = (writer, point, data) =>
        writer.histogram(point, data);
      this.#point(head, labels, start, exemplars, data, put, classicGrowth);
      return;
    }
    const data = exponentialData(view, native);
    const put: Put<ExponentialData> = (writer, point, data) =>
      writer.exponential(point, data);
    const grow = exponentialGrowth;
    this.#point(exponential, labels, start, exemplars, data, put, grow);
  }

  summary(labels: LabelSet, view: SummaryView, start: number): void {
    const { head } = this.#planned();
    const put: Put<undefined> = (writer, point) => writer.summary(point, view);
    this.#point(head, labels, start, [], undefined, put);
  }

  #planned(): MetricPlan {
    if (this.#plan !== undefined) return this.#plan;
    throw new TypeError("Cannot take a point: no family is open");
  }

  /**
   * Writes a point by `put`. With a memory, a series that `grow` can compare is
   * written as its growth, with the exemplars since the last export.
   */
  #point<T extends number | HistogramData | ExponentialData | undefined>(
    head: MetricHead,
    labels: LabelSet,
    start: number,
    exemplars: PointFacts["exemplars"],
    data: T,
    put: Put<T>,
    grow?: (before: T & State, now: T & State) => (T & State) | undefined,
  ): void {
    const { attributes, labels: indices } = this.#plan!;
    const { memory } = this.#settings;
    if (memory === undefined || grow === undefined) {
      // A start after the point is malformed: the clock went back since.
      const since = start <= this.#time ? start : 0;
      const point = { labels, attributes, start: since, exemplars };
      return put(this.#writer(head, labels), point, data);
    }
    const key = keyOf(labels, indices);
    const delta = memory.grow(key, start, data as T & State, grow);
    if (delta === undefined) return;
    const point = {
      labels,
      attributes,
      start: delta.since,
      exemplars: exemplars.filter((exemplar) =>
        exemplar?.timestamp === 0 ||
        (exemplar?.timestamp ?? NaN) > delta.exported
      ),
    };
    put(this.#writer(head, labels, delta.change), point, delta.data);
  }

  /** Returns the writer for the next point. */
  #writer(head: MetricHead, labels: LabelSet, change?: Change): MetricWriter {
    const { scope: indices } = this.#plan!;
    const key = indices.length === 0 ? "" : scopeKey(labels, indices);
    let scope = this.#scopes.get(key);
    if (scope === undefined) {
      const described = key === "" ? NO_SCOPE : scopeOf(labels, indices);
      const writer = this.#settings.encoding.writer(this.#time);
      this.#scopes.set(key, scope = new ScopeMetrics(described, writer));
    }
    return scope.point(head, this.#maxBytes, change);
  }

  /** Makes the labels of `target_info` attributes of the resource. */
  #describe(labels: LabelSet): void {
    const target = { ...this.#target };
    labels.names.forEach((name, index) => {
      const text = labels.value(index);
      if (text !== "") target[name] = text;
    });
    this.#target = target;
  }
}

/** Writes a point of one kind. */
type Put<T> = (writer: MetricWriter, point: PointFacts, data: T) => void;

/** Returns a key of the scope in labels; `""` if they name none. */
function scopeKey(labels: LabelSet, indices: readonly number[]): string {
  const pairs = indices.filter((index) => labels.value(index) !== "")
    .map((index) => [labels.names[index], labels.value(index)]);
  return pairs.length === 0 ? "" : JSON.stringify(pairs.sort());
}

function classicData(
  { count, sum, bounds, counts }: HistogramView,
): HistogramData {
  // OTLP leaves out sums that may fall: of negative values.
  const hasSum = bounds.length === 0 || bounds[0]! >= 0;
  return { count, sum: hasSum ? sum : undefined, bounds, counts };
}

function exponentialData(
  { sum }: HistogramView,
  native: NativeView,
): ExponentialData {
  const { schema, zeroCount, zeroThreshold } = native;
  const positive = sideOf(native.positive, schema);
  const negative = sideOf(native.negative, schema);
  const below = totalOf(negative);
  return {
    // Not the count of the view, in which NaN and the infinities are.
    count: zeroCount + totalOf(positive) + below,
    sum: below > 0 ? undefined : sum,
    scale: schema,
    zeroCount,
    zeroThreshold,
    positive,
    negative,
  };
}

/** Returns a side as OTLP counts: bucket `i` of Prometheus is its bucket `i - 1`. */
function sideOf(
  { offset, size, counts }: NativeView["positive"],
  schema: number,
): Side {
  const finite = Math.min(size, infinityBucket(schema) - offset);
  return { offset: offset - 1, size: Math.max(0, finite), counts };
}

function totalOf({ size, counts }: Side): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += counts[i]!;
  return sum;
}
