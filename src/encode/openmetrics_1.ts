/**
 * OpenMetrics 1.0: units, exemplars, info and stateset, start times.
 *
 * - The metadata of a counter and of an info name the family without its
 *   suffix; the samples are named as everywhere.
 * - What the format forbids is left out: the sum (and with it the count) of a
 *   histogram with bounds below zero, a sum that is NaN or below zero,
 *   quantile values below zero, an exemplar of over 128 code points.
 */
import { type ByteWriter, type Fragment, fragment } from "../base/mod.ts";
import { withoutSuffix } from "../base/internal.ts";
import type {
  EscapingScheme,
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  MetricType,
  SummaryView,
} from "../model/mod.ts";
import { codePointsOf, hasLegalNames, writeExemplar } from "./exemplar_text.ts";
import { type Format, type FormatOptions, makeFormat } from "./format.ts";
import { LineEncoder } from "./line_encoder.ts";
import { Tails } from "./tails.ts";

/** Section "Exemplars": names and values together, in code points. */
const MOST_EXEMPLAR_CODE_POINTS = 128;

class OpenMetricsEncoder extends LineEncoder {
  readonly #withCreated: boolean;
  #type: MetricType = "unknown";
  readonly #les = new Tails('le="', '"} ');
  readonly #quantiles = new Tails('quantile="', '"} ');
  readonly #infinite = this.#les.tail(Infinity);
  #name = fragment("");
  #bucket = fragment("");
  #sum = fragment("");
  #count = fragment("");
  #created = fragment("");

  constructor(
    out: ByteWriter,
    escaping: EscapingScheme,
    withCreated: boolean,
  ) {
    super(out, escaping);
    this.#withCreated = withCreated;
  }

  override end(): void {
    this.out.ascii("# EOF\n");
  }

  protected override metadata(desc: FamilyDesc): void {
    const { name, type } = desc;
    const family = familyName(desc);
    this.openMetadata(family, desc);
    const g = type === "gaugehistogram" ? "g" : "";
    this.#type = type;
    this.#name = this.lineName(name);
    this.#bucket = this.lineName(`${name}_bucket`);
    this.#sum = this.lineName(`${name}_${g}sum`);
    this.#count = this.lineName(`${name}_${g}count`);
    this.#created = this.lineName(`${family}_created`);
  }

  protected override numberPoint(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar: Exemplar | undefined,
  ): void {
    this.point(labels);
    this.sample(this.#name);
    if (this.#type !== "counter") return this.value(value);
    this.#valueWith(value, exemplar);
    this.#createdLine(start);
  }

  protected override histogramPoint(
    labels: LabelSet,
    view: HistogramView,
    start: number,
  ): void {
    this.point(labels);
    const { bounds, counts, count, sum, exemplars } = view;
    const tails = this.#les.of(bounds);
    let cumulative = 0;
    for (let i = 0; i < bounds.length; i++) {
      cumulative += counts[i]!;
      this.sampleWith(this.#bucket, tails[i]!);
      this.#valueWith(cumulative, exemplars[i]);
    }
    this.sampleWith(this.#bucket, this.#infinite);
    const isNativeAlone = bounds.length === 0 && view.native !== undefined;
    const last = isNativeAlone ? youngest(exemplars) : exemplars[bounds.length];
    this.#valueWith(count, last);
    const belowZero = bounds.length > 0 && bounds[0]! < 0;
    const ofGauges = this.#type === "gaugehistogram";
    if (belowZero ? ofGauges && !Number.isNaN(sum) : sum >= 0) {
      this.#line(this.#count, count);
      this.#line(this.#sum, sum);
    }
    if (!ofGauges) this.#createdLine(start);
  }

  protected override summaryPoint(
    labels: LabelSet,
    view: SummaryView,
    start: number,
  ): void {
    this.point(labels);
    this.#quantiles.of(view.quantiles).forEach((tail, i) => {
      if (view.values[i]! < 0) return;
      this.sampleWith(this.#name, tail);
      this.value(view.values[i]!);
    });
    this.#line(this.#count, view.count);
    if (view.sum >= 0) this.#line(this.#sum, view.sum);
    this.#createdLine(start);
  }

  #line(name: Fragment, value: number): void {
    this.sample(name);
    this.value(value);
  }

  #createdLine(start: number): void {
    if (this.#withCreated && start > 0) this.#line(this.#created, start);
  }

  #valueWith(value: number, exemplar: Exemplar | undefined): void {
    this.value(value);
    if (exemplar === undefined || !fits(exemplar)) return;
    if (this.places?.isPatching === true) return; // it stands there already
    const { out } = this;
    out.rollback(out.length - 1); // its line goes on
    writeExemplar(exemplar, out);
    out.ascii("\n");
  }
}

/** Section "Counter" and "Info": the suffix is the sample's, not the family's. */
function familyName({ name, type }: FamilyDesc): string {
  if (type === "counter") return withoutSuffix(name, "_total");
  return type === "info" ? withoutSuffix(name, "_info") : name;
}

/** Of those of native buckets, there is room for one. */
function youngest(exemplars: HistogramView["exemplars"]): Exemplar | undefined {
  let found: Exemplar | undefined;
  for (const one of exemplars) {
    if (one === undefined || !fits(one)) continue;
    if (found === undefined || one.timestamp > found.timestamp) found = one;
  }
  return found;
}

function fits(exemplar: Exemplar): boolean {
  return hasLegalNames(exemplar) &&
    codePointsOf(exemplar, MOST_EXEMPLAR_CODE_POINTS) <=
      MOST_EXEMPLAR_CODE_POINTS;
}

/** OpenMetrics 1.0 with options; `openMetrics` is the one without. */
export function openMetricsWith(
  { created = false, version = "1.0.0" }: FormatOptions,
): Format {
  return makeFormat({
    id: `openmetrics-${version}`,
    mediaType: "application/openmetrics-text",
    version,
    parameters: `version=${version}; charset=utf-8`,
    encoder: (out, escaping) => new OpenMetricsEncoder(out, escaping, created),
  });
}

/** `application/openmetrics-text; version=1.0.0`. */
export const openMetrics: Format = openMetricsWith({});
