/** Descriptions and sources with given content. */
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

/** A legal description of any type; adds the suffix of the type to the stem. */
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

/** A source without parts. */
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

/** A source with parts. */
export function wholeOf(...parts: readonly Source[]): Source {
  return {
    descs: parts.flatMap((part) => part.descs),
    parts,
    collect(sink): void {
      for (const part of parts) part.collect(sink);
    },
  };
}

/** Borrowed labels that show another series a moment later, as tables do. */
export class LentLabels implements LabelSet {
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

/** A sink that records its calls in words, for comparing two passes. */
export function transcript(source: Source): unknown[] {
  const heard: unknown[] = [];
  const texts = (labels: LabelSet) =>
    labels.names.map((name, at) => [name, labels.value(at)]);
  source.collect({
    family: (desc) => heard.push(["family", desc]) > 0,
    number(labels, value, start, exemplar?: Exemplar): void {
      heard.push(["number", texts(labels), value, start, exemplar]);
    },
    histogram(labels, view: HistogramView, start): void {
      heard.push(["histogram", texts(labels), structuredClone(view), start]);
    },
    summary(labels, view: SummaryView, start): void {
      heard.push(["summary", texts(labels), structuredClone(view), start]);
    },
  });
  return heard;
}

/** A source of one number, without labels. */
export function numberSource(desc: FamilyDesc, value: number): Source {
  return sourceOf(desc, (sink) => sink.number(Labels.NONE, value, 0));
}

/** Lets everything run that is ready to run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
