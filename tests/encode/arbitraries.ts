/** Sources of every kind, with the values that break readers. */
import fc from "fast-check";
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

/** One point, and the verb that it is spoken with. */
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

const nasty = fc.constantFrom(
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
  nasty,
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 200 }).map((s) => s.toWellFormed()),
);

const anyHelp = anyText.map((text) => `Help ${text}`);

/** Legal in every format; the index keeps names from clashing. */
const anyStem = fc.constantFrom("a", "queue_depth", "http_requests", "x9");

const anyNumber = fc.oneof(
  fc.constantFrom(0, -0, 1, 10, 1e6, 2 ** 31, 2 ** 53, 1e21, 5e-324),
  fc.constantFrom(NaN, Infinity, -Infinity, Number.MAX_VALUE),
  fc.integer(),
  fc.double(),
);

const anyCount = fc.oneof(fc.nat({ max: 5 }), fc.maxSafeNat());
const anyStart = fc.constantFrom(0, 1_700_000_000, 1_700_000_000.125);

/** Of 128 code points with "trace_id", of one more, and of twice as many. */
const longTexts = [120, 121, 240].flatMap((size) => [
  "x".repeat(size),
  "🚀".repeat(size),
]);

const anyExemplarLabels = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.dictionary(
      fc.constantFrom("trace_id", "span_id"),
      fc.string({ unit: "grapheme", maxLength: 8 }).map((s) =>
        s.toWellFormed()
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      trace_id: fc.constantFrom(...longTexts),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ "trace id": "" }, { __id: "1" }) },
);

function anyExemplar(value: fc.Arbitrary<number>): fc.Arbitrary<Exemplar> {
  return fc.record({
    labels: anyExemplarLabels,
    value,
    timestamp: anyStart,
  });
}

const anyBounds = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom(-2.5, -1, 0, 0.005, 0.1, 1, 2.5, 10, 1e6, 1e-7, 1e21),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
  ).map((bound) => bound + 0), // no -0 beside 0
  { maxLength: 6 },
).map((bounds) => Float64Array.from(bounds).sort());

const anyHistogram: fc.Arbitrary<HistogramView> = anyBounds.chain((bounds) =>
  fc.record({
    counts: fc.array(fc.nat({ max: 1000 }), {
      minLength: bounds.length + 1,
      maxLength: bounds.length + 1,
    }),
    sum: anyNumber,
    exemplars: fc.tuple(
      ...[...bounds, Infinity].map((bound, i) =>
        fc.option(anyExemplar(valueWithin(bounds[i - 1], bound)), {
          nil: undefined,
        })
      ),
    ),
  }).map(({ counts, sum, exemplars }) => ({
    count: counts.reduce((a, b) => a + b, 0),
    sum,
    bounds,
    counts: Float64Array.from(counts),
    exemplars,
  }))
);

/** A value that belongs to the bucket; `lower` is undefined for the first. */
function valueWithin(
  lower: number | undefined,
  upper: number,
): fc.Arbitrary<number> {
  const values = [upper];
  if (lower === undefined) values.push(-Infinity);
  if (upper === Infinity) values.push(NaN, Number.MAX_VALUE);
  if (lower !== undefined && upper !== Infinity) {
    const middle = lower / 2 + upper / 2;
    if (middle > lower && middle <= upper) values.push(middle);
  }
  return fc.constantFrom(...values);
}

const anySummary: fc.Arbitrary<SummaryView> = fc.uniqueArray(
  fc.constantFrom(0, 0.01, 0.5, 0.9, 0.999, 1),
).chain((quantiles) =>
  fc.record({
    count: anyCount,
    sum: anyNumber,
    values: fc.array(anyNumber, {
      minLength: quantiles.length,
      maxLength: quantiles.length,
    }),
  }).map(({ count, sum, values }) => ({
    count,
    sum,
    quantiles: Float64Array.from(quantiles).sort(),
    // Of nothing, there is no quantile.
    values: Float64Array.from(values, (value) => count === 0 ? NaN : value),
  }))
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
  // One series to each tuple; of a stateset, the states of a tuple together.
  return fc.uniqueArray(point, {
    maxLength: 4,
    selector: (one) => JSON.stringify(one.values),
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
  ).chain(([stem, type, help, hasUnit, labels]) => {
    const unit = hasUnit && type !== "info" && type !== "stateset"
      ? "seconds"
      : "";
    const middle = unit === "" ? "" : `_${unit}`;
    const name = `f${index}_${stem}${middle}${SUFFIX[type] ?? ""}`;
    const labelNames = ["one", "two", "three"].slice(0, labels);
    if (type === "stateset") labelNames.push(name);
    const desc = familyDesc({ name, type, help, unit, labelNames });
    return anyPoints(type, labelNames.length).map((points) => ({
      desc,
      // A state has a name; an empty one would be an absent label.
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

/** A source that speaks the model, one part a family. */
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
