/**
 * OpenMetrics 2.0 (release candidate 0): one line a series.
 *
 * - Names are as they are queried, in the metadata too.
 * - Histograms and summaries are composite values; native buckets are written.
 * - Start times stand on the line. An exemplar needs a timestamp; one without
 *   is left out, and so is one with illegal label names.
 */
import { type Fragment, fragment } from "../base/mod.ts";
import { numberText } from "../base/internal.ts";
import type {
  DenseBuckets,
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  MetricType,
  NativeView,
  SummaryView,
} from "../model/mod.ts";
import { hasLegalNames, writeExemplar } from "./exemplar_text.ts";
import { type Format, makeFormat } from "./format.ts";
import { LineEncoder } from "./line_encoder.ts";
import { Spans } from "./spans.ts";
import { Tails } from "./tails.ts";

/** Section "Start Timestamp": of these alone it says anything. */
const STARTED: readonly MetricType[] = ["counter", "histogram", "summary"];

class OpenMetrics2Encoder extends LineEncoder {
  readonly #spans = new Spans();
  /** Bounds and ranks. */
  readonly #keys = new Tails("", ":");
  #isStarted = false;
  #isCounter = false;
  #g = "";
  /** The start time last written, and its text. */
  #started = 0;
  #startText: Fragment = fragment("");
  #name: Fragment = fragment("");

  /** Its values stand among others, on one line. */
  override get hasPlaces(): boolean {
    return false;
  }

  override end(): void {
    this.out.ascii("# EOF\n");
  }

  protected override metadata(desc: FamilyDesc): void {
    const { name, type } = desc;
    this.openMetadata(name, desc);
    this.#name = this.lineName(name);
    this.#isStarted = STARTED.includes(type);
    this.#isCounter = type === "counter";
    this.#g = type === "gaugehistogram" ? "g" : "";
  }

  protected override numberPoint(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar: Exemplar | undefined,
  ): void {
    this.point(labels);
    this.sample(this.#name);
    this.out.number(value);
    this.#start(start);
    if (exemplar !== undefined && this.#isCounter) this.#exemplar(exemplar);
    this.out.ascii("\n");
  }

  protected override histogramPoint(
    labels: LabelSet,
    view: HistogramView,
    start: number,
  ): void {
    this.point(labels);
    const { out } = this;
    const { count, sum, native, exemplars } = view;
    this.sample(this.#name);
    this.#totals(count, sum);
    if (native !== undefined) this.#native(native);
    if (native === undefined || view.bounds.length > 0) this.#classic(view);
    out.ascii("}");
    this.#start(start);
    for (const exemplar of exemplars) {
      if (exemplar !== undefined) this.#exemplar(exemplar);
    }
    out.ascii("\n");
  }

  protected override summaryPoint(
    labels: LabelSet,
    view: SummaryView,
    start: number,
  ): void {
    this.point(labels);
    const { out } = this;
    this.sample(this.#name);
    this.#totals(view.count, view.sum);
    out.ascii(",quantile:[");
    this.#keys.of(view.quantiles).forEach((key, i) => {
      if (i > 0) out.ascii(",");
      out.copy(key);
      out.number(view.values[i]!);
    });
    out.ascii("]}");
    this.#start(start);
    out.ascii("\n");
  }

  #totals(count: number, sum: number): void {
    this.out.ascii(`{${this.#g}count:`);
    this.out.number(count);
    this.out.ascii(`,${this.#g}sum:`);
    this.out.number(sum);
  }

  #classic({ bounds, counts, count }: HistogramView): void {
    const { out } = this;
    out.ascii(",bucket:[");
    let cumulative = 0;
    const keys = this.#keys.of(bounds);
    for (let i = 0; i < bounds.length; i++) {
      cumulative += counts[i]!;
      out.copy(keys[i]!);
      out.number(cumulative);
      out.ascii(",");
    }
    out.ascii("+Inf:");
    out.number(count);
    out.ascii("]");
  }

  #native(native: NativeView): void {
    const { out } = this;
    const { schema, zeroThreshold, zeroCount } = native;
    out.ascii(`,schema:${schema},zero_threshold:`);
    out.number(zeroThreshold);
    out.ascii(",zero_count:");
    out.number(zeroCount);
    this.#side("negative", native.negative, schema);
    this.#side("positive", native.positive, schema);
  }

  #side(sign: string, side: DenseBuckets, schema: number): void {
    const { out } = this;
    const { offsets, lengths, counts } = this.#spans;
    this.#spans.fill(side, schema);
    if (counts.length === 0) return;
    out.ascii(`,${sign}_spans:[`);
    for (let i = 0; i < offsets.length; i++) {
      out.ascii(`${i > 0 ? "," : ""}${offsets[i]}:${lengths[i]}`);
    }
    out.ascii(`],${sign}_buckets:[`);
    for (let i = 0; i < counts.length; i++) {
      if (i > 0) out.ascii(",");
      out.number(counts[i]!);
    }
    out.ascii("]");
  }

  #start(start: number): void {
    if (!this.#isStarted || !(start > 0)) return;
    if (start !== this.#started) { // many series begin at one moment
      this.#started = start;
      this.#startText = fragment(` st@${numberText(start)}`);
    }
    this.out.copy(this.#startText);
  }

  #exemplar(exemplar: Exemplar): void {
    if (!(exemplar.timestamp > 0) || !hasLegalNames(exemplar)) return;
    writeExemplar(exemplar, this.out);
  }
}

/**
 * `application/openmetrics-text; version=2.0.0`: served to those alone who ask
 * for that version, because no reader of an older one can read it.
 *
 * @experimental The format is a release candidate.
 */
export const openMetrics2: Format = makeFormat({
  id: "openmetrics-2.0.0",
  mediaType: "application/openmetrics-text",
  version: "2.0.0",
  required: { version: "2.0.0" },
  parameters: "version=2.0.0; charset=utf-8",
  encoder: (out, escaping) => new OpenMetrics2Encoder(out, escaping),
});
