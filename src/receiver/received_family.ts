/**
 * A family of received series, as a separate source.
 *
 * Its label names are those of all its series, so its description changes with
 * them; a label that a series does not have is empty, which means absent.
 */
import {
  type Exemplar,
  type FamilyDesc,
  type HistogramView,
  Labels,
  type LabelSet,
  type MetricType,
  type Sink,
  type Source,
  type SummaryView,
} from "../model/mod.ts";
import { descFrom, trustSource, VERBS } from "../model/internal.ts";
import { LabelNames } from "./label_names.ts";
import type { SeriesLabels } from "./labelling.ts";
import type { Rejection } from "./rejection.ts";

/** The value of a series, by the verb of its family. */
export type Value = number | HistogramView | SummaryView;

/** A process that sends metrics, identified by its `job` and `instance`. */
export interface Sender {
  readonly labels: ReadonlyMap<string, string>;
  /** All of its series, without the one of `target_info`. */
  readonly series: Set<Series>;
  /** Its series of `target_info`; undefined if it has none. */
  info: Series | undefined;
  /** When it sent last, by the monotonic clock. */
  seen: number;
}

/** A series as it was received last. */
export interface Series {
  readonly family: ReceivedFamily;
  readonly sender: Sender;
  readonly labels: SeriesLabels;
  /** The labels in the order of the family when it was collected last. */
  labelSet: LabelSet;
  value: Value;
  /** The bytes that it takes, about. */
  size: number;
  exemplar: Exemplar | undefined;
  /** Unix seconds since when it counts; 0: unknown. */
  start: number;
  /** Whether its points are differences, which are added up. */
  isDelta: boolean;
  /** Nanoseconds of the start of the last point, and of its end; 0: unknown. */
  since: number;
  time: number;
  /** When it was received last, by the monotonic clock. */
  seen: number;
}

/** The terms of a family; the first metric of its name decides them. */
export interface FamilyTerms {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

/** The series of one name. */
export class ReceivedFamily implements Source {
  readonly terms: FamilyTerms;
  readonly series: Map<string, Series> = new Map();
  /** The first description, under which its names are reserved. */
  readonly reserved: FamilyDesc;
  #names = new LabelNames();
  #desc: FamilyDesc;
  /** The number of names that `#desc` has, of `#names`. */
  #described = 0;
  #hasLost = false;

  /** @throws {RangeError} If no family can have these terms. */
  constructor(terms: FamilyTerms) {
    this.terms = terms;
    this.reserved = this.#desc = describe(terms, this.#names);
    trustSource(this);
  }

  get descs(): readonly FamilyDesc[] {
    if (this.#described !== this.#names.size) {
      this.#desc = describe(this.terms, this.#names);
      this.#described = this.#names.size;
    }
    return [this.#desc];
  }

  /** Adds label names. Returns undefined, or why they are rejected. */
  admit(names: readonly string[]): Rejection | undefined {
    return this.#names.add(names);
  }

  /** Removes a series; returns false if it is none of the family. */
  remove({ labels }: Series): boolean {
    const isOwn = this.series.delete(labels.key);
    if (isOwn) this.#hasLost = true;
    return isOwn;
  }

  /** Forgets the label names that no series uses. */
  forget(): void {
    if (!this.#hasLost) return;
    this.#hasLost = false;
    const names = new LabelNames();
    for (const { labels } of this.series.values()) names.add(labels.names);
    if (names.size === this.#names.size) return;
    this.#names = names;
    this.#described = -1;
  }

  collect(sink: Sink): void {
    const [desc] = this.descs as [FamilyDesc];
    if (this.series.size === 0 || !sink.family(desc)) return;
    const verb = VERBS[desc.type];
    for (const series of this.#ordered(desc)) {
      const { value, start, exemplar } = series;
      const labelSet = labelSetIn(desc, series);
      if (verb === "number") {
        sink.number(labelSet, value as number, start, exemplar);
      } else if (verb === "histogram") {
        sink.histogram(labelSet, value as HistogramView, start);
      } else sink.summary(labelSet, value as SummaryView, start);
    }
  }

  /** Returns the series; of a stateset, the states of the same labels together. */
  #ordered(desc: FamilyDesc): Iterable<Series> {
    if (desc.type !== "stateset") return this.series.values();
    const others = desc.labelNames.slice(0, -1);
    const groupOf = (series: Series): string => {
      const labelSet = labelSetIn(desc, series);
      return JSON.stringify(others.map((_, i) => labelSet.value(i)));
    };
    const groups = Map.groupBy(this.series.values(), groupOf);
    return [...groups.values()].flat();
  }
}

/** Returns the labels of a series in the order of its family. */
function labelSetIn(desc: FamilyDesc, series: Series): LabelSet {
  const { labelNames } = desc;
  if (series.labelSet.names !== labelNames) {
    const { names, values } = series.labels;
    const texts = labelNames.map((name) => values[names.indexOf(name)] ?? "");
    series.labelSet = new Labels(labelNames, texts);
  }
  return series.labelSet;
}

/** Labels of every series, which come before its own. */
const FIRST = ["job", "instance"];

function describe(
  { name, type, help, unit }: FamilyTerms,
  labels: Iterable<string>,
): FamilyDesc {
  const isState = type === "stateset";
  const all = [...labels].filter((label) => !(isState && label === name));
  const first = FIRST.filter((label) => all.includes(label));
  const rest = all.filter((label) => !FIRST.includes(label)).sort();
  const labelNames = [...first, ...rest, ...(isState ? [name] : [])];
  // Of several processes that receive from one sender, the last one has it all.
  const init = { name, type, help, unit, labelNames, merge: "last" } as const;
  return descFrom(init, "utf-8");
}
