/**
 * Encodes metrics as OTLP/JSON: keys in lower camel case, 64-bit integers as
 * strings, enums as numbers, ids in hexadecimal.
 *
 * Source: https://opentelemetry.io/docs/specs/otlp/, "JSON Protobuf Encoding".
 */
import { ByteWriter } from "../../base/mod.ts";
import type { Exemplar, SummaryView } from "../../model/mod.ts";
import { pairs } from "./attributes_json.ts";
import {
  type DataKind,
  type ExponentialData,
  filteredAttributes,
  type HistogramData,
  idOf,
  type MetricEncoding,
  type MetricHead,
  type MetricWriter,
  type PointFacts,
  type Side,
} from "./metric_encoding.ts";
import { isInteger, nanoseconds } from "./numbers.ts";

/** Members of `Metric` that hold the data. */
const DATA: Readonly<Record<DataKind, string>> = {
  gauge: "gauge",
  sum: "sum",
  histogram: "histogram",
  exponential: "exponentialHistogram",
  summary: "summary",
};

// `JSON.stringify` omits undefined members.

class JsonMetrics implements MetricWriter {
  readonly out = new ByteWriter();
  readonly #time: string;
  /** The text between two points. */
  #separator = "";

  constructor(time: number) {
    this.#time = String(nanoseconds(time));
  }

  begin(head: MetricHead): void {
    const { kind, temporality, isMonotonic, prometheusType } = head;
    const text = JSON.stringify({
      name: head.name.toWellFormed(),
      description: head.description.toWellFormed(),
      unit: head.unit.toWellFormed() || undefined,
      metadata: prometheusType === ""
        ? undefined
        : pairs({ "prometheus.type": prometheusType }),
    });
    const data = JSON.stringify({
      aggregationTemporality: temporality,
      isMonotonic: isMonotonic || undefined,
    }).slice(1, -1);
    this.#separator = "";
    this.out.utf8(`${text.slice(0, -1)},"${DATA[kind]}":{`);
    this.out.utf8(`${data}${data === "" ? "" : ","}"dataPoints":[`);
  }

  end(): void {
    this.out.ascii("]}}");
  }

  number(point: PointFacts, value: number, isInteger: boolean): void {
    this.#point(
      point,
      isInteger ? { asInt: whole(value) } : {
        asDouble: double(value),
      },
    );
  }

  histogram(point: PointFacts, data: HistogramData): void {
    const { count, sum, bounds, counts } = data;
    this.#point(point, {
      count: whole(count),
      sum: sum === undefined ? undefined : double(sum),
      bucketCounts: Array.from(counts, whole),
      explicitBounds: [...bounds],
    });
  }

  exponential(point: PointFacts, data: ExponentialData): void {
    const { count, sum, scale, zeroCount, zeroThreshold } = data;
    this.#point(point, {
      count: whole(count),
      sum: sum === undefined ? undefined : double(sum),
      scale,
      zeroCount: whole(zeroCount),
      zeroThreshold,
      positive: sideOf(data.positive),
      negative: sideOf(data.negative),
    });
  }

  summary(point: PointFacts, { count, sum, quantiles, values }: SummaryView) {
    this.#point(point, {
      count: whole(count),
      sum: double(sum),
      quantileValues: Array.from(
        quantiles,
        (quantile, i) => ({ quantile, value: double(values[i]!) }),
      ),
    });
  }

  #point({ labels, attributes, start, exemplars }: PointFacts, data: object) {
    const texts: Record<string, string> = {};
    for (const index of attributes) {
      const text = labels.value(index);
      if (text !== "") texts[labels.names[index]!] = text;
    }
    const since = nanoseconds(start);
    const examples = exemplars.filter((exemplar) => exemplar !== undefined);
    const text = JSON.stringify({
      attributes: pairs(texts),
      startTimeUnixNano: since > 0n ? String(since) : undefined,
      timeUnixNano: this.#time,
      ...data,
      exemplars: examples.length > 0 ? examples.map(exemplarOf) : undefined,
    });
    this.out.utf8(this.#separator + text);
    this.#separator = ",";
  }
}

/** Returns an integer below 2^64 as text with all its digits. */
function whole(value: number): string {
  return String(BigInt(value));
}

/** Returns a double; JSON has no numbers for NaN and the infinities. */
function double(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function sideOf({ offset, size, counts }: Side): object | undefined {
  if (size === 0) return undefined;
  return { offset, bucketCounts: Array.from(counts.subarray(0, size), whole) };
}

function exemplarOf(exemplar: Exemplar): object {
  const { value, timestamp } = exemplar;
  const time = nanoseconds(timestamp);
  return {
    timeUnixNano: time > 0n ? String(time) : undefined,
    asInt: isInteger(value) ? whole(value) : undefined,
    asDouble: isInteger(value) ? undefined : double(value),
    spanId: idOf(exemplar, "span_id"),
    traceId: idOf(exemplar, "trace_id"),
    filteredAttributes: pairs(filteredAttributes(exemplar)),
  };
}

/** OTLP metrics as JSON. */
export const metricJson: MetricEncoding = {
  writer: (time) => new JsonMetrics(time),
  request(resource, blocks) {
    const out = new ByteWriter();
    const described = JSON.stringify({ attributes: pairs(resource) });
    out.utf8(
      `{"resourceMetrics":[{"resource":${described},"scopeMetrics":[`,
    );
    blocks.forEach(({ scope, metrics }, i) => {
      const text = JSON.stringify({
        scope: {
          name: scope.name.toWellFormed() || undefined,
          version: scope.version.toWellFormed() || undefined,
          attributes: pairs(scope.attributes),
        },
        schemaUrl: scope.schemaUrl.toWellFormed() || undefined,
      });
      out.utf8(`${i > 0 ? "," : ""}${text.slice(0, -1)},"metrics":[`);
      metrics.forEach((metric, at) => {
        if (at > 0) out.ascii(",");
        out.append(metric);
      });
      out.ascii("]}");
    });
    out.ascii("]}]}");
    return out.take();
  },
};
