/** Bare lines: the samples of Prometheus text, without metadata or buckets. */
import {
  defineFormat,
  type Format,
  fragment,
  LineEncoder,
  type TextEncoderFactory,
} from "../../src/encode/mod.ts";
import type {
  FamilyDesc,
  HistogramView,
  LabelSet,
  SummaryView,
} from "../../src/model/mod.ts";

class BareEncoder extends LineEncoder {
  #value = fragment("");
  #sum = fragment("");
  #count = fragment("");

  protected override writeMetadata({ name }: FamilyDesc): void {
    this.#value = this.lineName(name);
    this.#sum = this.lineName(`${name}_sum`);
    this.#count = this.lineName(`${name}_count`);
  }

  protected override writeNumber(labels: LabelSet, value: number): void {
    this.beginPoint(labels);
    this.writeSample(this.#value);
    this.writeValue(value);
  }

  protected override writeHistogram(labels: LabelSet, view: HistogramView) {
    this.#writeTotals(labels, view);
  }

  protected override writeSummary(labels: LabelSet, view: SummaryView): void {
    this.#writeTotals(labels, view);
  }

  #writeTotals(labels: LabelSet, { sum, count }: SummaryView | HistogramView) {
    this.beginPoint(labels);
    this.writeSample(this.#sum);
    this.writeValue(sum);
    this.writeSample(this.#count);
    this.writeValue(count);
  }
}

const encoder: TextEncoderFactory = (out, escaping) =>
  new BareEncoder(out, escaping);

export const bareLines: Format = defineFormat({
  id: "bare-lines",
  mediaType: "text/x-bare-lines",
  version: "1",
  parameters: "version=1; charset=utf-8",
  encoder,
  textEncoder: encoder,
});
