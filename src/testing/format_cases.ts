/**
 * Sources for `formatLaws`: families of every type, with names, texts and numbers
 * that are hard to encode.
 */
import {
  type DenseBuckets,
  type Exemplar,
  type FamilyDesc,
  familyDesc,
  type HistogramView,
  Labels,
  type LabelSet,
  type MetricType,
  type NativeView,
  type Rows,
  type Sink,
  type Source,
  type SummaryView,
} from "../model/mod.ts";
import { BLOCK, trustSource, VERBS } from "../model/internal.ts";

const START = 1_700_000_000.25;

const TEXTS = [
  "",
  "plain",
  'quote " quote',
  "back \\ slash \\n",
  "line\nfeed",
  "carriage\rreturn",
  "nul \u0000",
  "emoji 🚀",
  "# EOF",
  "a=b,c={} d",
];

const EXEMPLARS: readonly (Exemplar | undefined)[] = [
  undefined,
  { labels: { trace_id: "4bf92f35" }, value: 0.5, timestamp: START },
  { labels: {}, value: 2, timestamp: 0 },
  { labels: { long: "x".repeat(300) }, value: 3, timestamp: START },
  { labels: { "not-a-name": "x" }, value: 4, timestamp: START },
];

const NUMBERS: Partial<Record<MetricType, readonly number[]>> = {
  counter: [0, 1, 0.5, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 1e21, 1e300],
  gauge: [0, -0, -1.5, 1e-7, NaN, Infinity, -Infinity, 0.1 + 0.2, 5e-324],
  unknown: [-12, 1e21],
  info: [1],
  stateset: [0, 1],
};

const NO_BUCKETS = sideOf(0, []);

/** A function that writes one point into an open family. */
type Point = (sink: Sink, labels: LabelSet, start: number) => void;

/** Returns sources of every type, with the same series at each collection. */
export function formatCases(): readonly Source[] {
  const numbers = Object.entries(NUMBERS) as [MetricType, readonly number[]][];
  const single = [
    ...numbers.map(([type, values]) =>
      familyOf(
        descOf(type, "plain"),
        values.map((value, i): Point => (sink, labels, start) =>
          sink.number(labels, value, start, EXEMPLARS[i % EXEMPLARS.length])
        ),
      )
    ),
    ...(["histogram", "gaugehistogram"] as const).map((type) =>
      familyOf(
        descOf(type, "spread"),
        HISTOGRAMS.map((view): Point => (sink, labels, start) =>
          sink.histogram(labels, view, start)
        ),
      )
    ),
    familyOf(
      descOf("summary", "ranks"),
      SUMMARIES.map((view): Point => (sink, labels, start) =>
        sink.summary(labels, view, start)
      ),
    ),
    familyOf(utf8Desc(), [
      (sink, labels, start) => sink.number(labels, 1, start),
    ]),
    familyOf(descOf("gauge", "empty"), []),
  ];
  const combined: Source = {
    descs: single.flatMap(({ descs }) => descs),
    collect(sink): void {
      for (const source of single) source.collect(sink);
    },
  };
  return [...single, combined, { descs: [], collect() {} }];
}

function descOf(type: MetricType, stem: string): FamilyDesc {
  const ending = type === "counter" ? "_total" : type === "info" ? "_info" : "";
  const name = `${type}_${stem}_seconds${ending}`;
  const hasUnit = type !== "info" && type !== "stateset";
  return familyDesc({
    name,
    type,
    help: 'Help with "quotes", a \\ and a\nline feed.',
    unit: hasUnit ? "seconds" : "",
    labelNames: type === "stateset" ? ["a", name] : ["a", "b"],
  });
}

function utf8Desc(): FamilyDesc {
  return familyDesc({
    name: 'http.server "größe"',
    type: "gauge",
    help: "A name that is not classic.",
    labelNames: ["http.method", "b"],
  }, "utf-8");
}

/** Returns a source with one series for each pair of text and point. */
function familyOf(desc: FamilyDesc, points: readonly Point[]): Source {
  return familyWith(desc, (sink) => {
    TEXTS.forEach((text, j) => {
      points.forEach((point, i) => {
        const labels = new Labels(desc.labelNames, [text, `${i}`]);
        point(sink, labels, j % 2 === 0 ? START : 0);
      });
    });
  });
}

/** Returns a source whose only family has the points that `write` writes. */
function familyWith(desc: FamilyDesc, write: (sink: Sink) => void): Source {
  return {
    descs: [desc],
    collect(sink): void {
      if (sink.family(desc)) write(sink);
    },
  };
}

function sideOf(
  offset: number,
  counts: readonly number[],
  overflow = 0,
): DenseBuckets {
  return {
    offset,
    size: counts.length,
    counts: Float64Array.from(counts),
    overflow,
  };
}

function nativeOf(
  positive: DenseBuckets,
  negative: DenseBuckets,
  zeroCount = 0,
): NativeView {
  return { schema: 3, zeroThreshold: 1e-9, zeroCount, positive, negative };
}

function histogramOf(
  bounds: readonly number[],
  counts: readonly number[],
  sum: number,
  native?: NativeView,
): HistogramView {
  return {
    count: counts.reduce((a, b) => a + b, 0),
    sum,
    bounds: Float64Array.from(bounds),
    counts: Float64Array.from(counts),
    exemplars: EXEMPLARS.slice(0, bounds.length + 1).map((exemplar, i) => {
      const value = bounds[i] ?? (bounds.at(-1) ?? 0) + 1; // in its bucket
      return exemplar && { ...exemplar, value };
    }),
    native,
  };
}

const HISTOGRAMS: readonly HistogramView[] = [
  histogramOf([0.005, 1, 1e6], [1, 0, 2, 3], 30.5),
  histogramOf([-1, 0], [2, 0, 1], -3),
  histogramOf([1], [0, 0], 0),
  histogramOf([1], [1, 2 ** 40], NaN),
  histogramOf([], [4], 8),
  histogramOf([], [6], 8, nativeOf(sideOf(-2, [1, 0, 0, 0, 3]), NO_BUCKETS, 2)),
  histogramOf([1], [3, 2], 1, nativeOf(sideOf(5, [2], 1), sideOf(0, [1]), 1)),
  histogramOf([], [0], 0, nativeOf(NO_BUCKETS, NO_BUCKETS)),
];

const SUMMARIES: readonly SummaryView[] = [
  summaryOf(3, 30, [0.5, 0.99], [10, 12.5]),
  summaryOf(0, 0, [0.5], [NaN]),
  summaryOf(2 ** 40, -1, [], []),
];

function summaryOf(
  count: number,
  sum: number,
  quantiles: readonly number[],
  values: readonly number[],
): SummaryView {
  return {
    count,
    sum,
    quantiles: Float64Array.from(quantiles),
    values: Float64Array.from(values),
  };
}

/** Returns a source of one family of `type` with one series. */
export function oneSeries(
  type: MetricType,
  [a, b]: readonly [string, string],
  value: number,
): Source {
  const desc = descOf(type, "one");
  const verb = VERBS[type];
  // Trusted, because the state of a stateset may be empty here.
  return trustSource(familyWith(desc, (sink) => {
    const labels = new Labels(desc.labelNames, [a, b]);
    if (verb === "number") return sink.number(labels, value, 0);
    if (verb === "summary") {
      return sink.summary(labels, summaryOf(value, 1, [], []), 0);
    }
    sink.histogram(labels, histogramOf([1], [value, 0], 1), 0);
  }));
}

const BOUNDS = Float64Array.of(0.5, 1, 10);

/** A label value so long that a family of a few blocks becomes several pages. */
const LONG = "a-long-label-value-".repeat(6);

/** A family stored in rows, whose series a test adds, changes and removes. */
export class ChangingRows implements Source, Rows {
  readonly desc: FamilyDesc;
  readonly descs: readonly FamilyDesc[];
  readonly width: number;
  readonly length: number;
  readonly cells: Float64Array;
  readonly changes: {
    readonly numbers: Uint32Array;
    readonly versions: Uint32Array;
  };
  readonly #present: Uint8Array;
  readonly #exemplars: (Exemplar | undefined)[] = [];
  readonly #dirty = new Set<number>();

  /** Creates a family of `type` with `length` rows, all of them empty. */
  constructor(type: "counter" | "gauge" | "histogram", length: number) {
    trustSource(this); // only trusted rows are cached
    this.desc = descOf(type, "rows");
    this.descs = [this.desc];
    this.length = length;
    this.width = type === "histogram" ? BOUNDS.length + 2 : 1;
    this.cells = new Float64Array(length * this.width);
    const blocks = Math.ceil(length / BLOCK);
    this.changes = {
      numbers: new Uint32Array(blocks),
      versions: new Uint32Array(blocks),
    };
    this.#present = new Uint8Array(length);
  }

  get rows(): Rows {
    return this;
  }

  /** Sets the value of a series, or of one bucket; adds the series if absent. */
  set(row: number, value: number, bucket = 0): void {
    if (this.#present[row] === 0) this.#changePresence(row, 1);
    const cell = row * this.width + bucket % this.width;
    this.cells[cell] = value;
    this.#dirty.add(Math.floor(row / BLOCK));
  }

  /** Sets or removes the exemplar of a series. */
  attach(row: number, exemplar: Exemplar | undefined): void {
    this.#exemplars[row] = exemplar;
    this.#bumpVersion(row);
  }

  /** Removes a series. */
  remove(row: number): void {
    if (this.#present[row] === 0) return;
    this.cells.fill(0, row * this.width, (row + 1) * this.width);
    this.#exemplars[row] = undefined;
    this.#changePresence(row, 0);
  }

  open(): void {
    for (const block of this.#dirty) this.changes.numbers[block]!++;
    this.#dirty.clear();
  }

  emit(from: number, to: number, sink: Sink): void {
    for (let row = from; row < to; row++) {
      if (this.#present[row] === 1) this.#emitRow(row, sink);
    }
  }

  collect(sink: Sink): void {
    if (sink.family(this.desc)) this.emit(0, this.length, sink);
  }

  #emitRow(row: number, sink: Sink): void {
    const labels = new Labels(this.desc.labelNames, [`${LONG}${row}`, ""]);
    const start = row % 3 === 0 ? 0 : START;
    const exemplar = this.#exemplars[row];
    const at = row * this.width;
    if (this.width === 1) {
      return sink.number(labels, this.cells[at]!, start, exemplar);
    }
    const counts = this.cells.slice(at, at + this.width - 1);
    const view: HistogramView = {
      count: counts.reduce((a, b) => a + b, 0),
      sum: this.cells[at + this.width - 1]!,
      bounds: BOUNDS,
      counts,
      exemplars: [exemplar],
    };
    sink.histogram(labels, view, start);
  }

  #changePresence(row: number, present: 0 | 1): void {
    this.#present[row] = present;
    this.#bumpVersion(row);
  }

  #bumpVersion(row: number): void {
    this.changes.versions[Math.floor(row / BLOCK)]!++;
  }
}
