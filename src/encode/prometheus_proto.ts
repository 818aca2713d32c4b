/**
 * Prometheus protobuf: delimited messages `io.prometheus.client.MetricFamily`,
 * the only format in which a Prometheus takes native histograms.
 *
 * - Field numbers stand as they are in the published schema.
 * - Info and stateset become gauges. Start times and units are always written.
 * - Counts past 2^53 are written as floats, which the schema has for all of
 *   them.
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
import { hasLegalNames } from "./exemplar_text.ts";
import { type Format, makeFormat } from "./format.ts";
import { LabelPairs } from "./label_pairs.ts";
import { Spans } from "./spans.ts";

/** By type: its number in `MetricType`, and its field in `Metric`. */
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

class PrometheusProtoEncoder extends CheckedEncoder {
  readonly #proto: ProtoWriter;
  readonly #spans = new Spans();
  /** Where the message of the open family begins; -1 if none is. */
  #family = -1;
  /** Whether the metadata that is being written stands by itself. */
  #isApart = false;
  #type: MetricType = "unknown";
  /** The field of the value in `Metric`. */
  #field = 0;
  #pairs = new LabelPairs(0, () => {});

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
    this.#family = -1; // what was open is taken back with the rest
    super.rollback();
  }

  override end(): void {
    this.#endFamily();
  }

  /** A family is led by its length. */
  override get isOpenEnded(): boolean {
    return false;
  }

  override begin(claimed: FamilyDesc): void {
    this.#endFamily();
    this.#isApart = true;
    super.begin(claimed);
    this.#isApart = false;
  }

  override frame(size: number): void {
    this.#proto.length(size);
  }

  #endFamily(): void {
    if (this.#family >= 0) this.#proto.close(this.#family);
    this.#family = -1;
  }

  protected override header(desc: FamilyDesc): void {
    const proto = this.#proto;
    const { labelNames, type } = desc;
    const [number, field] = TYPES[type];
    this.#type = type;
    this.#field = field;
    this.#family = this.#isApart ? -1 : proto.begin();
    proto.string(1, desc.name);
    proto.string(2, desc.help);
    proto.unsigned(3, number);
    if (desc.unit !== "") proto.string(5, desc.unit);
    this.#pairs = new LabelPairs(labelNames.length, (at, value) => {
      const pair = proto.open(1);
      proto.string(1, labelNames[at]!);
      proto.string(2, value);
      proto.close(pair);
    });
  }

  protected override numberPoint(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar: Exemplar | undefined,
  ): void {
    const proto = this.#proto;
    const metric = this.#metric(labels);
    const body = proto.open(this.#field);
    proto.double(1, value);
    if (this.#type === "counter") {
      if (exemplar !== undefined) this.#exemplar(2, exemplar);
      this.#timestamp(3, start);
    }
    proto.close(body);
    proto.close(metric);
  }

  protected override summaryPoint(
    labels: LabelSet,
    view: SummaryView,
    start: number,
  ): void {
    const proto = this.#proto;
    const metric = this.#metric(labels);
    const body = proto.open(this.#field);
    if (view.count > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(
        `Cannot write a count of ${view.count} in protobuf: it has 2^53 at most`,
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
    this.#timestamp(4, start);
    proto.close(body);
    proto.close(metric);
  }

  protected override histogramPoint(
    labels: LabelSet,
    view: HistogramView,
    start: number,
  ): void {
    const proto = this.#proto;
    const { count, native } = view;
    // A reader takes all counts of a histogram for floats, or none.
    const floats = count > Number.MAX_SAFE_INTEGER;
    const metric = this.#metric(labels);
    const body = proto.open(this.#field);
    if (floats) proto.double(4, count);
    else proto.unsigned(1, count);
    proto.double(2, view.sum);
    if (native === undefined || view.bounds.length > 0) {
      this.#buckets(view, floats);
    }
    if (native !== undefined) this.#native(native, view, floats);
    if (this.#type === "histogram") this.#timestamp(15, start);
    proto.close(body);
    proto.close(metric);
  }

  #buckets(
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
      if (exemplar !== undefined) this.#exemplar(3, exemplar);
      proto.close(bucket);
    }
  }

  #native(
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
    const any = this.#side(NEGATIVE, native.negative, schema, floats);
    const some = this.#side(POSITIVE, native.positive, schema, floats) || any;
    // A reader tells a native histogram by these; an empty one has a span of
    // nothing instead.
    if (!some && zeroThreshold === 0 && zeroCount === 0) {
      this.#span(POSITIVE.span, 0, 0);
    }
    for (const exemplar of exemplars) {
      // Native ones must have a timestamp.
      if (exemplar !== undefined && exemplar.timestamp > 0) {
        this.#exemplar(16, exemplar);
      }
    }
  }

  /** Writes the buckets of one side; false if there are none. */
  #side(
    fields: typeof POSITIVE,
    side: DenseBuckets,
    schema: number,
    floats: boolean,
  ): boolean {
    const { offsets, lengths, counts } = this.#spans;
    this.#spans.fill(side, schema);
    if (counts.length === 0) return false;
    for (let i = 0; i < offsets.length; i++) {
      this.#span(fields.span, offsets[i]!, lengths[i]!);
    }
    if (floats) this.#proto.doubles(fields.count, counts);
    else this.#proto.zigzags(fields.delta, deltasOf(counts));
    return true;
  }

  #span(field: number, offset: number, length: number): void {
    const span = this.#proto.open(field);
    this.#proto.zigzag(1, offset);
    this.#proto.unsigned(2, length);
    this.#proto.close(span);
  }

  #metric(labels: LabelSet): number {
    const metric = this.#proto.open(4);
    this.#pairs.write(labels, this.out);
    return metric;
  }

  #exemplar(field: number, given: Exemplar): void {
    if (!hasLegalNames(given)) return;
    const proto = this.#proto;
    const { labels, value, timestamp } = given;
    const exemplar = proto.open(field);
    for (const [name, label] of Object.entries(labels)) {
      const pair = proto.open(1);
      proto.string(1, name);
      proto.string(2, label);
      proto.close(pair);
    }
    proto.double(2, value);
    this.#timestamp(3, timestamp);
    proto.close(exemplar);
  }

  /** Unix seconds as `google.protobuf.Timestamp`; nothing if unknown. */
  #timestamp(field: number, seconds: number): void {
    if (!(seconds > 0)) return;
    const proto = this.#proto;
    const whole = Math.floor(seconds);
    const nanos = Math.floor((seconds - whole) * NANOSECONDS);
    const timestamp = proto.open(field);
    proto.unsigned(1, whole);
    proto.unsigned(2, nanos);
    proto.close(timestamp);
  }
}

/** Turns counts into differences to the one before, in place. */
function deltasOf(counts: number[]): readonly number[] {
  for (let i = counts.length - 1; i > 0; i--) counts[i]! -= counts[i - 1]!;
  return counts;
}

/**
 * `application/vnd.google.protobuf`, for those alone who ask for its message
 * by name.
 */
export const prometheusProto: Format = makeFormat({
  id: "protobuf",
  mediaType: "application/vnd.google.protobuf",
  required: {
    proto: "io.prometheus.client.MetricFamily",
    encoding: "delimited",
  },
  parameters: "proto=io.prometheus.client.MetricFamily; encoding=delimited",
  encoder: (out, escaping) => new PrometheusProtoEncoder(out, escaping),
});
