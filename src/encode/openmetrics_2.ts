/**
 * OpenMetrics 2.0 (release candidate 0): one line per series.
 *
 * - Names are written as they are queried, in the metadata too.
 * - Histograms and summaries are composite values, with native buckets.
 * - Start times are part of the line.
 * - Left out, because the format forbids them: exemplars without a timestamp,
 *   with an illegal label name or with a label of the series; summaries whose
 *   sum is NaN or below zero; quantiles with a value below zero.
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
import { type Format, formatOf, type TextEncoderFactory } from "./format.ts";
import { LineEncoder } from "./line_encoder.ts";
import { Spans } from "./spans.ts";
import {
  BoundTexts,
  hasLegalNames,
  isKnownTime,
  writeExemplar,
} from "./text_parts.ts";

/** Section "Start Timestamp": only these types have one. */
const STARTED: readonly MetricType[] = ["counter", "histogram", "summary"];

class OpenMetrics2Encoder extends LineEncoder {
  readonly #spans = new Spans();
  /** The text of bounds and quantiles, each before its value. */
  readonly #keys = new BoundTexts("", ":");
  #isStarted = false;
  #isCounter = false;
  #g = "";
  /** The last start time and its text: series often have the same one. */
  #started = 0;
  #startText: Fragment = fragment("");
  #name: Fragment = fragment("");
  #labelNames: readonly string[] = [];

  /** False: a line can hold several values. */
  override get canPatch(): boolean {
    return false;
  }

  override end(): void {
    this.out.ascii("# EOF\n");
  }

  protected override writeMetadata(desc: FamilyDesc): void {
    const { name, type } = desc;
    this.writeOpenMetadata(name, desc);
    this.#name = this.lineName(name);
    this.#labelNames = desc.labelNames;
    this.#isStarted = STARTED.includes(type);
    this.#isCounter = type === "counter";
    this.#g = type === "gaugehistogram" ? "g" : "";
  }

  protected override writeNumber(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar: Exemplar | undefined,
  ): void {
    this.beginPoint(labels);
    this.writeSample(this.#name);
    this.out.number(value);
    this.#writeStart(start);
    if (exemplar !== undefined && this.#isCounter) {
      this.#writeExemplar(exemplar);
    }
    this.out.ascii("\n");
  }

  protected override writeHistogram(
    labels: LabelSet,
    view: HistogramView,
    start: number,
  ): void {
    this.beginPoint(labels);
    const { out } = this;
    const { count, sum, native, exemplars } = view;
    this.writeSample(this.#name);
    this.#writeTotals(count, sum);
    if (native !== undefined) this.#writeNative(native);
    if (native === undefined || view.bounds.length > 0) {
      this.#writeClassic(view);
    }
    out.ascii("}");
    this.#writeStart(start);
    for (const exemplar of exemplars) {
      if (exemplar !== undefined) this.#writeExemplar(exemplar);
    }
    out.ascii("\n");
  }

  protected override canWriteSummary({ sum }: SummaryView): boolean {
    return sum >= 0;
  }

  protected override writeSummary(
    labels: LabelSet,
    view: SummaryView,
    start: number,
  ): void {
    this.beginPoint(labels);
    const { out } = this;
    this.writeSample(this.#name);
    this.#writeTotals(view.count, view.sum);
    out.ascii(",quantile:[");
    let separator = "";
    this.#keys.of(view.quantiles).forEach((key, i) => {
      const value = view.values[i]!;
      if (value < 0) return;
      out.ascii(separator);
      out.copy(key);
      out.number(value);
      separator = ",";
    });
    out.ascii("]}");
    this.#writeStart(start);
    out.ascii("\n");
  }

  #writeTotals(count: number, sum: number): void {
    this.out.ascii(`{${this.#g}count:`);
    this.out.number(count);
    this.out.ascii(`,${this.#g}sum:`);
    this.out.number(sum);
  }

  #writeClassic({ bounds, counts, count }: HistogramView): void {
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

  #writeNative(native: NativeView): void {
    const { out } = this;
    const { schema, zeroThreshold, zeroCount } = native;
    out.ascii(`,schema:${schema},zero_threshold:`);
    out.number(zeroThreshold);
    out.ascii(",zero_count:");
    out.number(zeroCount);
    this.#writeSide("negative", native.negative, schema);
    this.#writeSide("positive", native.positive, schema);
  }

  #writeSide(sign: string, side: DenseBuckets, schema: number): void {
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

  #writeStart(start: number): void {
    if (!this.#isStarted || !isKnownTime(start)) return;
    if (start !== this.#started) {
      this.#started = start;
      this.#startText = fragment(` st@${numberText(start)}`);
    }
    this.out.copy(this.#startText);
  }

  #writeExemplar(exemplar: Exemplar): void {
    if (!isKnownTime(exemplar.timestamp) || !hasLegalNames(exemplar)) return;
    for (const name of this.#labelNames) {
      if (Object.hasOwn(exemplar.labels, name)) return;
    }
    writeExemplar(exemplar, this.out);
  }
}

const encoder: TextEncoderFactory = (out, escaping) =>
  new OpenMetrics2Encoder(out, escaping);

/**
 * `application/openmetrics-text; version=2.0.0`. Only served if `Accept` names
 * that version, because readers of older versions cannot parse it.
 *
 * @experimental The format is a release candidate.
 */
export const openMetrics2: Format = formatOf({
  id: "openmetrics-2.0.0",
  mediaType: "application/openmetrics-text",
  version: "2.0.0",
  required: { version: "2.0.0" },
  parameters: "version=2.0.0; charset=utf-8",
  encoder,
  textEncoder: encoder,
});
