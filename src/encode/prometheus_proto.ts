/**
 * Prometheus protobuf: delimited messages `io.prometheus.client.MetricFamily`,
 * the only format in which Prometheus accepts native histograms.
 *
 * - Field numbers are as in the published schema.
 * - Infos and statesets become gauges. Start times and units are written.
 * - A histogram with a count past 2^53 is written with float counts: the schema
 *   has a second field for each.
 */
import type { ByteWriter } from "../base/mod.ts";
import { ProtoWriter } from "../base/internal.ts";
import type {
  DenseBuckets,
  EscapingScheme,
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  MetricType,
  NativeView,
  SummaryView,
} from "../model/mod.ts";
import { CheckedEncoder } from "./checked_encoder.ts";
import { type Format, formatOf } from "./format.ts";
import { Spans } from "./spans.ts";
import { hasLegalNames, isKnownTime, LabelPairs } from "./text_parts.ts";

/** The number of each type in `MetricType`, and its field in `Metric`. */
const TYPES: Readonly<Record<MetricType, readonly [number, number]>> = {
  counter: [0, 3],
  gauge: [1, 2],
  info: [1, 2],
  stateset: [1, 2],
  summary: [2, 4],
  unknown: [3, 5],
  histogram: [4, 7],
  gaugehistogram: [5, 7],
};

/** Fields of `Histogram` that differ between the two sides of zero. */
const NEGATIVE = { span: 9, delta: 10, count: 11 };
const POSITIVE = { span: 12, delta: 13, count: 14 };

const NANOSECONDS = 1e9;

/** Counts of summaries are 64-bit integers; there is no field for floats. */
const MAX_COUNT = 2 ** 64;

class PrometheusProtoEncoder extends CheckedEncoder<ByteWriter> {
  readonly #proto: ProtoWriter;
  readonly #spans = new Spans();
  /** The position of the open family's message; -1 if none is open. */
  #family = -1;
  /** Whether metadata is written without the message around the family. */
  #isPaged = false;
  #type: MetricType = "unknown";
  /** The field of `Metric` that holds the value. */
  #field = 0;
  #pairs = new LabelPairs<ByteWriter>(0, () => {});

  constructor(out: ByteWriter, escaping: EscapingScheme) {
    super(out, escaping);
    this.#proto = new ProtoWriter(out);
  }

  override family(desc: FamilyDesc): boolean {
    this.#endFamily();
    return super.family(desc);
  }

  override mark(): void {
    this.#endFamily();
    super.mark();
  }

  override rollback(): void {
    this.#family = -1; // an open family is rolled back with the rest
    super.rollback();
  }

  override end(): void {
    this.#endFamily();
  }

  override beginFamily(reserved: FamilyDesc): void {
    this.#endFamily();
    this.#isPaged = true;
    super.beginFamily(reserved);
    this.#isPaged = false;
  }

  override writeFrame(size: number): void {
    this.#proto.length(size);
  }

  #endFamily(): void {
    if (this.#family >= 0) this.#proto.close(this.#family);
    this.#family = -1;
  }

  protected override writeHeader(desc: FamilyDesc): void {
    const proto = this.#proto;
    const { labelNames, type } = desc;
    const [number, field] = TYPES[type];
    this.#type = type;
    this.#field = field;
    this.#family = this.#isPaged ? -1 : proto.begin();
    proto.string(1, desc.name);
    proto.string(2, desc.help);
    proto.unsigned(3, number);
    if (desc.unit !== "") proto.string(5, desc.unit);
    const { length } = labelNames;
    this.#pairs = new LabelPairs<ByteWriter>(length, (index, value) => {
      const pair = proto.open(1);
      proto.string(1, labelNames[index]!);
      proto.string(2, value);
      proto.close(pair);
    });
  }

  protected override writeNumber(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar: Exemplar | undefined,
  ): void {
    const proto = this.#proto;
    const metric = this.#beginMetric(labels);
    const body = proto.open(this.#field);
    proto.double(1, value);
    if (this.#type === "counter") {
      if (exemplar !== undefined) this.#writeExemplar(2, exemplar);
      this.#writeTimestamp(3, start);
    }
    proto.close(body);
    proto.close(metric);
  }

  protected override writeSummary(
    labels: LabelSet,
    view: SummaryView,
    start: number,
  ): void {
    const proto = this.#proto;
    const metric = this.#beginMetric(labels);
    const body = proto.open(this.#field);
    if (view.count >= MAX_COUNT) {
      throw new RangeError(
        `Cannot write a count of ${view.count} in protobuf: it must be below 2^64`,
      );
    }
    proto.unsigned(1, view.count);
    proto.double(2, view.sum);
    for (let i = 0; i < view.quantiles.length; i++) {
      const quantile = proto.open(3);
      proto.double(1, view.quantiles[i]!);
      proto.double(2, view.values[i]!);
      proto.close(quantile);
    }
    this.#writeTimestamp(4, start);
    proto.close(body);
    proto.close(metric);
  }

  protected override writeHistogram(
    labels: LabelSet,
    view: HistogramView,
    start: number,
  ): void {
    const proto = this.#proto;
    const { count, native } = view;
    // A reader expects all counts of a histogram to be floats, or none.
    const floats = count > Number.MAX_SAFE_INTEGER;
    const metric = this.#beginMetric(labels);
    const body = proto.open(this.#field);
    if (floats) proto.double(4, count);
    else proto.unsigned(1, count);
    proto.double(2, view.sum);
    if (native === undefined || view.bounds.length > 0) {
      this.#writeBuckets(view, floats);
    }
    if (native !== undefined) this.#writeNative(native, view, floats);
    if (this.#type === "histogram") this.#writeTimestamp(15, start);
    proto.close(body);
    proto.close(metric);
  }

  #writeBuckets(
    { bounds, counts, exemplars }: HistogramView,
    floats: boolean,
  ): void {
    const proto = this.#proto;
    let cumulative = 0;
    for (let i = 0; i < counts.length; i++) {
      cumulative += counts[i]!;
      const bucket = proto.open(3);
      if (floats) proto.double(4, cumulative);
      else proto.unsigned(1, cumulative);
      proto.double(2, i < bounds.length ? bounds[i]! : Infinity);
      const exemplar = exemplars[i];
      if (exemplar !== undefined) this.#writeExemplar(3, exemplar);
      proto.close(bucket);
    }
  }

  #writeNative(
    native: NativeView,
    { exemplars }: HistogramView,
    floats: boolean,
  ): void {
    const proto = this.#proto;
    const { schema, zeroThreshold, zeroCount } = native;
    proto.zigzag(5, schema);
    proto.double(6, zeroThreshold);
    if (floats) proto.double(8, zeroCount);
    else proto.unsigned(7, zeroCount);
    const hasNegative = this.#writeSide(
      NEGATIVE,
      native.negative,
      schema,
      floats,
    );
    const hasPositive = this.#writeSide(
      POSITIVE,
      native.positive,
      schema,
      floats,
    );
    // Readers recognise a native histogram by any of these; an empty one has a
    // span without buckets instead.
    const hasBuckets = hasNegative || hasPositive;
    if (!hasBuckets && zeroThreshold === 0 && zeroCount === 0) {
      this.#writeSpan(POSITIVE.span, 0, 0);
    }
    for (const exemplar of exemplars) {
      // Exemplars of native histograms need a timestamp.
      if (exemplar !== undefined && isKnownTime(exemplar.timestamp)) {
        this.#writeExemplar(16, exemplar);
      }
    }
  }

  /** Writes the buckets of one side; returns false if there are none. */
  #writeSide(
    fields: typeof POSITIVE,
    side: DenseBuckets,
    schema: number,
    floats: boolean,
  ): boolean {
    const { offsets, lengths, counts } = this.#spans;
    this.#spans.fill(side, schema);
    if (counts.length === 0) return false;
    for (let i = 0; i < offsets.length; i++) {
      this.#writeSpan(fields.span, offsets[i]!, lengths[i]!);
    }
    if (floats) this.#proto.doubles(fields.count, counts);
    else this.#proto.zigzags(fields.delta, deltasOf(counts));
    return true;
  }

  #writeSpan(field: number, offset: number, length: number): void {
    const span = this.#proto.open(field);
    this.#proto.zigzag(1, offset);
    this.#proto.unsigned(2, length);
    this.#proto.close(span);
  }

  #beginMetric(labels: LabelSet): number {
    const metric = this.#proto.open(4);
    this.#pairs.write(labels, this.out);
    return metric;
  }

  #writeExemplar(field: number, exemplar: Exemplar): void {
    if (!hasLegalNames(exemplar)) return;
    const proto = this.#proto;
    const { labels, value, timestamp } = exemplar;
    const message = proto.open(field);
    for (const [name, label] of Object.entries(labels)) {
      const pair = proto.open(1);
      proto.string(1, name);
      proto.string(2, label);
      proto.close(pair);
    }
    proto.double(2, value);
    this.#writeTimestamp(3, timestamp);
    proto.close(message);
  }

  /** Writes unix seconds as `google.protobuf.Timestamp`; nothing if unknown. */
  #writeTimestamp(field: number, seconds: number): void {
    if (!isKnownTime(seconds)) return;
    const proto = this.#proto;
    const whole = Math.floor(seconds);
    const nanos = Math.floor((seconds - whole) * NANOSECONDS);
    const timestamp = proto.open(field);
    proto.unsigned(1, whole);
    proto.unsigned(2, nanos);
    proto.close(timestamp);
  }
}

/** Replaces each count by its difference to the previous one, in place. */
function deltasOf(counts: number[]): readonly number[] {
  for (let i = counts.length - 1; i > 0; i--) counts[i]! -= counts[i - 1]!;
  return counts;
}

/**
 * `application/vnd.google.protobuf`. Only served if `Accept` names its message
 * and encoding.
 */
export const prometheusProto: Format = formatOf({
  id: "protobuf",
  mediaType: "application/vnd.google.protobuf",
  required: {
    proto: "io.prometheus.client.MetricFamily",
    encoding: "delimited",
  },
  parameters: "proto=io.prometheus.client.MetricFamily; encoding=delimited",
  encoder: (out, escaping) => new PrometheusProtoEncoder(out, escaping),
});
