/**
 * Encodes metrics as OTLP/protobuf, message `ExportMetricsServiceRequest`.
 *
 * Source of the field numbers: opentelemetry-proto 1.x, `metrics.proto`.
 */
import { ByteWriter } from "../../base/mod.ts";
import { FullProtoWriter } from "../../base/internal.ts";
import type { Exemplar, LabelSet, SummaryView } from "../../model/mod.ts";
import { writePairs, writeText } from "./attributes_proto.ts";
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
import { isInteger } from "./numbers.ts";

/** Fields of `Metric` that hold the data. */
const DATA: Readonly<Record<DataKind, number>> = {
  gauge: 5,
  sum: 7,
  histogram: 9,
  exponential: 10,
  summary: 11,
};

const FIXED_64 = 1;
const TWO_TO_32 = 2 ** 32;

// Outside of a `oneof`, protobuf omits default values.

class PointWriter extends FullProtoWriter {
  /** Writes an integer as eight bytes (fixed64, sfixed64): exact as a float64. */
  whole(field: number, value: number): void {
    this.varint(field << 3 | FIXED_64);
    this.#whole(value);
  }

  /** Writes a packed list of integers of eight bytes. */
  wholes(field: number, values: Float64Array): void {
    const at = this.open(field);
    for (let i = 0; i < values.length; i++) this.#whole(values[i]!);
    this.close(at);
  }

  /** Writes a packed list of integers (uint64). */
  varints(field: number, values: Float64Array, size: number): void {
    const at = this.open(field);
    for (let i = 0; i < size; i++) this.varint(values[i]!);
    this.close(at);
  }

  /**
   * Writes unix seconds as nanoseconds (fixed64), rounded to microseconds as by
   * `nanoseconds`; nothing if they are unknown.
   */
  time(field: number, seconds: number): void {
    const micros = Math.round(seconds * 1e6);
    if (!(micros > 0 && micros < 2 ** 53)) return;
    const high = Math.floor(micros / TWO_TO_32);
    const low = (micros - high * TWO_TO_32) * 1000;
    const carry = Math.floor(low / TWO_TO_32);
    this.varint(field << 3 | FIXED_64);
    this.#word(low - carry * TWO_TO_32);
    this.#word(high * 1000 + carry);
  }

  #whole(value: number): void {
    const high = Math.floor(value / TWO_TO_32);
    this.#word(value - high * TWO_TO_32);
    this.#word(high);
  }

  #word(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) {
      this.out.byte(value >>> shift & 255);
    }
  }
}

class ProtoMetrics implements MetricWriter {
  readonly out = new ByteWriter();
  readonly #proto = new PointWriter(this.out);
  readonly #time: number;
  #metric = 0;
  #data = 0;

  constructor(time: number) {
    this.#time = time;
  }

  begin(head: MetricHead): void {
    const proto = this.#proto;
    this.#metric = proto.open(2); // ScopeMetrics.metrics
    writeText(proto, 1, head.name);
    writeText(proto, 2, head.description);
    writeText(proto, 3, head.unit);
    if (head.prometheusType !== "") {
      writePairs(proto, 12, { "prometheus.type": head.prometheusType });
    }
    this.#data = proto.open(DATA[head.kind]);
    if (head.temporality !== undefined) proto.unsigned(2, head.temporality);
    if (head.isMonotonic) proto.unsigned(3, 1);
  }

  end(): void {
    this.#proto.close(this.#data);
    this.#proto.close(this.#metric);
  }

  number(point: PointFacts, value: number, isInteger: boolean): void {
    const proto = this.#proto;
    const at = this.#open(point, 7);
    if (isInteger) proto.whole(6, value);
    else proto.double(4, value + 0); // -0 becomes 0, as in JSON
    this.#exemplars(point, 5);
    proto.close(at);
  }

  histogram(point: PointFacts, data: HistogramData): void {
    const proto = this.#proto;
    const at = this.#open(point, 9);
    if (data.count > 0) proto.whole(4, data.count);
    if (data.sum !== undefined) proto.double(5, data.sum + 0);
    // Also a single one: receivers drop histograms without buckets.
    proto.wholes(6, data.counts);
    if (data.bounds.length > 0) proto.doubles(7, data.bounds);
    this.#exemplars(point, 8);
    proto.close(at);
  }

  exponential(point: PointFacts, data: ExponentialData): void {
    const proto = this.#proto;
    const at = this.#open(point, 1);
    if (data.count > 0) proto.whole(4, data.count);
    if (data.sum !== undefined) proto.double(5, data.sum + 0);
    if (data.scale !== 0) proto.zigzag(6, data.scale);
    if (data.zeroCount > 0) proto.whole(7, data.zeroCount);
    this.#side(8, data.positive);
    this.#side(9, data.negative);
    this.#exemplars(point, 11);
    if (data.zeroThreshold > 0) proto.double(14, data.zeroThreshold);
    proto.close(at);
  }

  summary(point: PointFacts, { count, sum, quantiles, values }: SummaryView) {
    const proto = this.#proto;
    const at = this.#open(point, 7);
    if (count > 0) proto.whole(4, count);
    if (sum !== 0) proto.double(5, sum);
    for (let i = 0; i < quantiles.length; i++) {
      const quantile = proto.open(6);
      if (quantiles[i] !== 0) proto.double(1, quantiles[i]!);
      if (values[i] !== 0) proto.double(2, values[i]!);
      proto.close(quantile);
    }
    proto.close(at);
  }

  /** Begins a point, whose attributes are in the field `attributes`. */
  #open(
    { labels, attributes: indices, start }: PointFacts,
    attributes: number,
  ) {
    const proto = this.#proto;
    const at = proto.open(1);
    this.#labels(labels, indices, attributes);
    proto.time(2, start);
    proto.time(3, this.#time);
    return at;
  }

  #labels(labels: LabelSet, indices: readonly number[], field: number): void {
    const proto = this.#proto;
    for (const index of indices) {
      const text = labels.value(index);
      if (text === "") continue;
      const pair = proto.open(field);
      proto.string(1, labels.names[index]!);
      const value = proto.open(2);
      proto.string(1, text);
      proto.close(value);
      proto.close(pair);
    }
  }

  #side(field: number, { offset, size, counts }: Side): void {
    if (size === 0) return;
    const proto = this.#proto;
    const at = proto.open(field);
    if (offset !== 0) proto.zigzag(1, offset);
    proto.varints(2, counts, size);
    proto.close(at);
  }

  #exemplars({ exemplars }: PointFacts, field: number): void {
    for (const exemplar of exemplars) {
      if (exemplar !== undefined) this.#exemplar(exemplar, field);
    }
  }

  #exemplar(exemplar: Exemplar, field: number): void {
    const proto = this.#proto;
    const { value, timestamp } = exemplar;
    const at = proto.open(field);
    proto.time(2, timestamp);
    if (isInteger(value)) proto.whole(6, value);
    else proto.double(3, value);
    const spanId = idOf(exemplar, "span_id");
    if (spanId !== undefined) proto.hex(4, spanId);
    const traceId = idOf(exemplar, "trace_id");
    if (traceId !== undefined) proto.hex(5, traceId);
    writePairs(proto, 7, filteredAttributes(exemplar));
    proto.close(at);
  }
}

/** OTLP metrics as protobuf. */
export const metricProto: MetricEncoding = {
  writer: (time) => new ProtoMetrics(time),
  request(resource, blocks) {
    const out = new ByteWriter();
    const proto = new FullProtoWriter(out);
    const message = proto.open(1);
    const described = proto.open(1);
    writePairs(proto, 1, resource);
    proto.close(described);
    for (const { scope, metrics } of blocks) {
      const block = proto.open(2);
      const at = proto.open(1);
      writeText(proto, 1, scope.name);
      writeText(proto, 2, scope.version);
      writePairs(proto, 3, scope.attributes);
      proto.close(at);
      for (const metric of metrics) out.append(metric);
      writeText(proto, 3, scope.schemaUrl);
      proto.close(block);
    }
    proto.close(message);
    return out.take();
  },
};
