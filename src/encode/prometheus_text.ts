/**
 * Prometheus text: 0.0.4, which every version of Prometheus reads, and 1.0.0,
 * which adds names in UTF-8.
 *
 * The format has five types: infos and statesets become gauges, gauge histograms
 * become histograms. It has no native buckets, exemplars, units or start times.
 */
import { fragment } from "../base/mod.ts";
import type {
  FamilyDesc,
  HistogramView,
  LabelSet,
  MetricType,
  SummaryView,
} from "../model/mod.ts";
import { type Format, formatOf, type TextEncoderFactory } from "./format.ts";
import { LineEncoder } from "./line_encoder.ts";
import { BoundTexts } from "./text_parts.ts";

const LINE_FEED = 0x0a;

/** The types as the format writes them; it does not have all. */
const TYPES: Readonly<Record<MetricType, string>> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
  gaugehistogram: "histogram",
  summary: "summary",
  info: "gauge",
  stateset: "gauge",
  unknown: "untyped",
};

class PrometheusTextEncoder extends LineEncoder {
  #bounds: BoundTexts | undefined;
  #quantiles: BoundTexts | undefined;
  #name = fragment("");
  #bucket = fragment("");
  #sum = fragment("");
  #count = fragment("");

  protected override writeMetadata({ name, type, help }: FamilyDesc): void {
    this.writeMetadataName("HELP", name);
    this.out.escaped(help, false);
    this.out.byte(LINE_FEED);
    this.writeMetadataName("TYPE", name);
    this.out.utf8(`${TYPES[type]}\n`);
    this.#name = this.lineName(name);
    this.#bucket = this.lineName(`${name}_bucket`);
    this.#sum = this.lineName(`${name}_sum`);
    this.#count = this.lineName(`${name}_count`);
  }

  protected override writeNumber(labels: LabelSet, value: number): void {
    this.beginPoint(labels);
    this.writeSample(this.#name);
    this.writeValue(value);
  }

  protected override writeHistogram(
    labels: LabelSet,
    view: HistogramView,
  ): void {
    this.beginPoint(labels);
    const { bounds, counts, count, sum } = view;
    const texts = this.#bounds ??= new BoundTexts('le="', '"} ');
    const les = texts.of(bounds);
    let cumulative = 0;
    for (let i = 0; i < bounds.length; i++) {
      cumulative += counts[i]!;
      this.writeSampleWith(this.#bucket, les[i]!);
      this.writeValue(cumulative);
    }
    this.writeSampleWith(this.#bucket, texts.infinite);
    this.writeValue(count);
    this.#writeSumAndCount(sum, count);
  }

  protected override writeSummary(labels: LabelSet, view: SummaryView): void {
    this.beginPoint(labels);
    this.#quantiles ??= new BoundTexts('quantile="', '"} ');
    this.#quantiles.of(view.quantiles).forEach((quantile, i) => {
      this.writeSampleWith(this.#name, quantile);
      this.writeValue(view.values[i]!);
    });
    this.#writeSumAndCount(view.sum, view.count);
  }

  #writeSumAndCount(sum: number, count: number): void {
    this.writeSample(this.#sum);
    this.writeValue(sum);
    this.writeSample(this.#count);
    this.writeValue(count);
  }
}

const encoder: TextEncoderFactory = (out, escaping) =>
  new PrometheusTextEncoder(out, escaping);

function textFormat(version: string): Format {
  return formatOf({
    id: `text-${version}`,
    mediaType: "text/plain",
    version,
    parameters: `version=${version}; charset=utf-8`,
    encoder,
    textEncoder: encoder,
  });
}

/** `text/plain; version=0.0.4`. */
export const prometheusText: Format = textFormat("0.0.4");

/** `text/plain; version=1.0.0`. Its content type always names the scheme. */
export const prometheusText1: Format = textFormat("1.0.0")
  .escapedBy("underscores");
