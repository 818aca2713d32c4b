/** Descriptions, sources and sinks for tests. */
import {
  type Exemplar,
  type FamilyDesc,
  familyDesc,
  type HistogramView,
  Labels,
  type LabelSet,
  type MetricType,
  type Sink,
  type Source,
  type SummaryView,
} from "../../src/model/mod.ts";

/** All types, for tests that loop over them. */
export const TYPES: readonly MetricType[] = [
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
  "unknown",
];

/** Returns a legal description whose name is `stem` and the type's suffix. */
export function descOf(
  type: MetricType,
  stem: string,
  labelNames: readonly string[] = [],
): FamilyDesc {
  const ending = type === "counter" ? "_total" : type === "info" ? "_info" : "";
  const name = stem + ending;
  return familyDesc({
    name,
    type,
    help: "Made for a test.",
    labelNames: type === "stateset" ? [...labelNames, name] : labelNames,
  });
}

/** Returns a source of one family, without parts. */
export function sourceOf(
  desc: FamilyDesc,
  write: (sink: Sink) => void,
): Source {
  return {
    descs: [desc],
    collect(sink): void {
      if (sink.family(desc)) write(sink);
    },
  };
}

/** Returns a source with these parts. */
export function wholeOf(...parts: readonly Source[]): Source {
  return {
    descs: parts.flatMap((part) => part.descs),
    parts,
    collect(sink): void {
      for (const part of parts) part.collect(sink);
    },
  };
}

/** Borrowed labels whose values change after the call, as those of tables do. */
export class BorrowedLabels implements LabelSet {
  names: readonly string[];
  values: string[];

  constructor(names: readonly string[], values: readonly string[]) {
    this.names = names;
    this.values = [...values];
  }

  value(index: number): string {
    return this.values[index] ?? "";
  }
}

/** Returns the calls of one pass over `source`, for comparing two passes. */
export function transcript(source: Source): unknown[] {
  const calls: unknown[] = [];
  const texts = (labels: LabelSet) =>
    labels.names.map((name, at) => [name, labels.value(at)]);
  source.collect({
    family: (desc) => calls.push(["family", desc]) > 0,
    number(labels, value, start, exemplar?: Exemplar): void {
      calls.push(["number", texts(labels), value, start, exemplar]);
    },
    histogram(labels, view: HistogramView, start): void {
      calls.push(["histogram", texts(labels), structuredClone(view), start]);
    },
    summary(labels, view: SummaryView, start): void {
      calls.push(["summary", texts(labels), structuredClone(view), start]);
    },
  });
  return calls;
}

/** Returns a source of one number without labels. */
export function numberSource(desc: FamilyDesc, value: number): Source {
  return sourceOf(desc, (sink) => sink.number(Labels.NONE, value, 0));
}

/** Resolves in the next turn of the event loop, after all pending jobs. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
