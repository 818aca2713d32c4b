/**
 * Prometheus text 0.0.4: what every Prometheus of any age reads.
 *
 * It has five types; info and stateset become gauges, a gauge histogram
 * becomes a histogram. No exemplars, no units, no start times.
 */
import { type ByteWriter, fragment } from "../base/mod.ts";
import type {
  FamilyDesc,
  HistogramView,
  MetricType,
  SummaryView,
} from "../model/mod.ts";
import type { Encoder, Format } from "./format.ts";
import { LineEncoder } from "./line_encoder.ts";

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
  #name = fragment("");
  #bucket = fragment("");
  #sum = fragment("");
  #count = fragment("");

  protected override header({ name, type, help }: FamilyDesc): void {
    this.out.ascii(`# HELP ${name} `);
    this.out.escaped(help, false);
    this.out.ascii(`\n# TYPE ${name} ${TYPE[type]}\n`);
    this.#name = fragment(name);
    this.#bucket = fragment(`${name}_bucket`);
    this.#sum = fragment(`${name}_sum`);
    this.#count = fragment(`${name}_count`);
  }

  protected override numberLines(value: number): void {
    this.sample(this.#name);
    this.value(value);
  }

  protected override histogramLines(view: HistogramView): void {
    const { bounds, counts, count, sum } = view;
    const tails = this.les.of(bounds);
    let cumulative = 0;
    for (let i = 0; i < bounds.length; i++) {
      cumulative += counts[i]!;
      this.sampleWith(this.#bucket, tails[i]!);
      this.value(cumulative);
    }
    this.sampleWith(this.#bucket, this.infinite);
    this.value(count);
    this.#sumAndCount(sum, count);
  }

  protected override summaryLines(view: SummaryView): void {
    this.quantiles.of(view.quantiles).forEach((tail, i) => {
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

/** `text/plain; version=0.0.4`. */
export const prometheusText: Format = {
  id: "text-0.0.4",
  mediaType: "text/plain",
  version: "0.0.4",
  contentType: "text/plain; version=0.0.4; charset=utf-8",
  encoder: (out: ByteWriter): Encoder => new PrometheusTextEncoder(out),
};
