/** Arbitrary sources of every type, with values that readers often get wrong. */
import * as fc from "../support/property.ts";
import {
  type Exemplar,
  type FamilyDesc,
  familyDesc,
  type HistogramView,
  Labels,
  type MetricType,
  type Sink,
  type Source,
  type SummaryView,
} from "../../src/model/mod.ts";
import {
  anyExemplar,
  anyHistogram,
  anyNumber,
  anyStart,
  anySummary,
} from "./views.ts";

/** One point, and the verb that writes it. */
export type Point =
  & { readonly values: readonly string[]; readonly start: number }
  & (
    | {
      readonly verb: "number";
      readonly value: number;
      readonly exemplar: Exemplar | undefined;
    }
    | { readonly verb: "histogram"; readonly view: HistogramView }
    | { readonly verb: "summary"; readonly view: SummaryView }
  );

export interface FamilyModel {
  readonly desc: FamilyDesc;
  readonly points: readonly Point[];
}

const anyHardText = fc.constantFrom(
  "",
  "a",
  "a b",
  '"',
  "\\",
  "\n",
  "\\n",
  "\r",
  "\u0000",
  "\u2028",
  "=,{}",
  "# EOF",
  "é",
  "🚀",
  "1",
  "true",
);

/** Any text that is well-formed UTF-16. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  anyHardText,
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 200 }).map((s) => s.toWellFormed()),
);

const anyHelp = anyText.map((text) => `Help ${text}`);

/** Stems that are legal in every scheme; an index prevents clashes of names. */
const anyStem = fc.constantFrom(
  "a",
  "queue_depth",
  "http_requests",
  "x9",
  "http.requests",
  'größe "in"\\m',
);

const anyLabelNames = fc.constantFrom(
  ["one", "two", "three"],
  ["http.method", "two", "zwölf:3"],
);

const SUFFIX: Partial<Record<MetricType, string>> = {
  counter: "_total",
  info: "_info",
};

const anyType: fc.Arbitrary<MetricType> = fc.constantFrom(
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
  "unknown",
);

function anyPoints(
  type: MetricType,
  labels: number,
): fc.Arbitrary<readonly Point[]> {
  const values = fc.tuple(...Array.from({ length: labels }, () => anyText));
  const counted = anyNumber.map(Math.abs).map((n) => Number.isNaN(n) ? 1 : n);
  const value = {
    counter: counted,
    info: fc.constant(1),
    stateset: fc.constantFrom(0, 1),
  }[type as "counter"] ?? anyNumber;
  const point: fc.Arbitrary<Point> = type.endsWith("histogram")
    ? fc.record({
      values,
      start: anyStart,
      verb: fc.constant("histogram"),
      view: anyHistogram,
    })
    : type === "summary"
    ? fc.record({
      values,
      start: anyStart,
      verb: fc.constant("summary"),
      view: anySummary,
    })
    : fc.record({
      values,
      start: anyStart,
      verb: fc.constant("number"),
      value,
      exemplar: type === "counter"
        ? fc.option(anyExemplar(fc.double({ noNaN: true })), { nil: undefined })
        : fc.constant(undefined),
    });
  // One series per tuple of values; the states of one stateset are adjacent.
  return fc.uniqueArray(point, {
    maxLength: 4,
    selector: (series) => JSON.stringify(series.values),
  }).map((points) =>
    type === "stateset" ? [...points].sort(byAllButLast) : points
  );
}

function byAllButLast(a: Point, b: Point): number {
  const key = (point: Point) => JSON.stringify(point.values.slice(0, -1));
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}

function anyFamily(index: number): fc.Arbitrary<FamilyModel> {
  return fc.tuple(
    anyStem,
    anyType,
    anyHelp,
    fc.boolean(),
    fc.integer({ min: 0, max: 3 }),
    anyLabelNames,
  ).chain(([stem, type, help, hasUnit, labels, names]) => {
    const unit = hasUnit && type !== "info" && type !== "stateset"
      ? "seconds"
      : "";
    const middle = unit === "" ? "" : `_${unit}`;
    const name = `f${index}_${stem}${middle}${SUFFIX[type] ?? ""}`;
    const labelNames: string[] = names.slice(0, labels);
    if (type === "stateset") labelNames.push(name);
    const init = { name, type, help, unit, labelNames };
    const desc = familyDesc(init, "utf-8");
    return anyPoints(type, labelNames.length).map((points) => ({
      desc,
      // No empty state: it would be an absent label.
      points: type === "stateset"
        ? points.filter(({ values }) => values.at(-1) !== "")
        : points,
    }));
  });
}

/** Up to four families, each with up to four series. */
export const anyModel: fc.Arbitrary<readonly FamilyModel[]> = fc.tuple(
  anyFamily(0),
  anyFamily(1),
  anyFamily(2),
  anyFamily(3),
).chain((families) =>
  fc.integer({ min: 0, max: 4 }).map((count) => families.slice(0, count))
);

/** Returns a source that writes `model`, with one part per family. */
export function sourceOf(model: readonly FamilyModel[]): Source {
  const parts = model.map(partOf);
  return {
    descs: model.map(({ desc }) => desc),
    parts,
    collect: (sink) => parts.forEach((part) => part.collect(sink)),
  };
}

function partOf({ desc, points }: FamilyModel): Source {
  return {
    descs: [desc],
    collect(sink: Sink): void {
      if (!sink.family(desc)) return;
      for (const point of points) {
        const labels = new Labels(desc.labelNames, point.values);
        if (point.verb === "number") {
          sink.number(labels, point.value, point.start, point.exemplar);
        } else if (point.verb === "histogram") {
          sink.histogram(labels, point.view, point.start);
        } else {
          sink.summary(labels, point.view, point.start);
        }
      }
    },
  };
}
