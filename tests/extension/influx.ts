/** InfluxDB line protocol: `name,label=value count=3,sum=1.5`. */
import {
  CheckedEncoder,
  defineFormat,
  type Format,
  LabelPairs,
} from "../../src/encode/mod.ts";
import type {
  FamilyDesc,
  HistogramView,
  LabelSet,
  SummaryView,
} from "../../src/model/mod.ts";

function escape(text: string): string {
  return text.replace(/[\\,= ]/g, "\\$&").replaceAll("\n", "\\n");
}

class InfluxEncoder extends CheckedEncoder {
  #name = "";
  #labels = new LabelPairs(0, () => {});

  protected override writeHeader({ name, labelNames }: FamilyDesc): void {
    this.#name = escape(name);
    this.#labels = new LabelPairs(labelNames.length, (index, value, out) => {
      out.utf8(`,${escape(labelNames[index]!)}=${escape(value)}`);
    });
  }

  protected override writeNumber(labels: LabelSet, value: number): void {
    this.#writeLine(labels, ["value", value]);
  }

  protected override writeHistogram(labels: LabelSet, view: HistogramView) {
    const { count, sum, bounds, counts } = view;
    const fields: (string | number)[] = ["count", count, "sum", sum];
    bounds.forEach((bound, i) => fields.push(`le_${bound}`, counts[i]!));
    this.#writeLine(labels, fields);
  }

  protected override writeSummary(labels: LabelSet, view: SummaryView): void {
    this.#writeLine(labels, ["count", view.count, "sum", view.sum]);
  }

  #writeLine(labels: LabelSet, fields: readonly (string | number)[]): void {
    this.out.utf8(this.#name);
    this.#labels.write(labels, this.out);
    for (let i = 0; i < fields.length; i += 2) {
      this.out.utf8(`${i === 0 ? " " : ","}${fields[i]}=`);
      this.out.number(fields[i + 1] as number);
    }
    this.out.utf8("\n");
  }
}

export const influx: Format = defineFormat({
  id: "influx",
  mediaType: "application/x-influx",
  parameters: "charset=utf-8",
  encoder: (out, escaping) => new InfluxEncoder(out, escaping),
});
