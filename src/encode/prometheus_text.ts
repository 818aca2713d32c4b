/**
 * Prometheus text: 0.0.4, which every Prometheus of any age reads, and 1.0.0,
 * which is the same with names in UTF-8.
 *
 * It has five types; info and stateset become gauges, a gauge histogram
 * becomes a histogram, native buckets are left out. No exemplars, no units, no
 * start times.
 */
import { fragment } from "../base/mod.ts";
import type {
  FamilyDesc,
  HistogramView,
  LabelSet,
  MetricType,
  SummaryView,
} from "../model/mod.ts";
import { type Format, makeFormat } from "./format.ts";
import { LineEncoder } from "./line_encoder.ts";
import { Tails } from "./tails.ts";

const TYPE: Readonly<Record<MetricType, string>> = {
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
  readonly #les = new Tails('le="', '"} ');
  readonly #quantiles = new Tails('quantile="', '"} ');
  readonly #infinite = this.#les.tail(Infinity);
  #name = fragment("");
  #bucket = fragment("");
  #sum = fragment("");
  #count = fragment("");

  protected override metadata({ name, type, help }: FamilyDesc): void {
    this.metadataName("HELP", name);
    this.out.escaped(help, false);
    this.out.ascii("\n");
    this.metadataName("TYPE", name);
    this.out.ascii(`${TYPE[type]}\n`);
    this.#name = this.lineName(name);
    this.#bucket = this.lineName(`${name}_bucket`);
    this.#sum = this.lineName(`${name}_sum`);
    this.#count = this.lineName(`${name}_count`);
  }

  protected override numberPoint(labels: LabelSet, value: number): void {
    this.point(labels);
    this.sample(this.#name);
    this.value(value);
  }

  protected override histogramPoint(
    labels: LabelSet,
    view: HistogramView,
  ): void {
    this.point(labels);
    const { bounds, counts, count, sum } = view;
    const tails = this.#les.of(bounds);
    let cumulative = 0;
    for (let i = 0; i < bounds.length; i++) {
      cumulative += counts[i]!;
      this.sampleWith(this.#bucket, tails[i]!);
      this.value(cumulative);
    }
    this.sampleWith(this.#bucket, this.#infinite);
    this.value(count);
    this.#sumAndCount(sum, count);
  }

  protected override summaryPoint(labels: LabelSet, view: SummaryView): void {
    this.point(labels);
    this.#quantiles.of(view.quantiles).forEach((tail, i) => {
      this.sampleWith(this.#name, tail);
      this.value(view.values[i]!);
    });
    this.#sumAndCount(view.sum, view.count);
  }

  #sumAndCount(sum: number, count: number): void {
    this.sample(this.#sum);
    this.value(sum);
    this.sample(this.#count);
    this.value(count);
  }
}

function textFormat(version: string): Format {
  return makeFormat({
    id: `text-${version}`,
    mediaType: "text/plain",
    version,
    parameters: `version=${version}; charset=utf-8`,
    encoder: (out, escaping) => new PrometheusTextEncoder(out, escaping),
  });
}

/** `text/plain; version=0.0.4`. */
export const prometheusText: Format = textFormat("0.0.4");

/** `text/plain; version=1.0.0`: its bodies always say how names are escaped. */
export const prometheusText1: Format = textFormat("1.0.0")
  .escapedBy("underscores");
