/** Native buckets as the message `Histogram` of remote write. */
import { ByteWriter } from "../../base/mod.ts";
import { Spans } from "../../encode/internal.ts";
import type { DenseBuckets, HistogramView } from "../../model/mod.ts";
import { MessageFields } from "./messages.ts";

/** Fields that differ between the two sides of zero. */
const NEGATIVE = { span: 8, delta: 9, count: 10 };
const POSITIVE = { span: 11, delta: 12, count: 13 };

/** The reset hint of histograms that may go down. */
const GAUGE = 3;

/**
 * Returns the message of a histogram that has native buckets, without its times,
 * which differ between the versions of the protocol.
 */
export function histogramMessage(
  { count, sum, native }: HistogramView,
  isGauge: boolean,
): Uint8Array {
  const out = new ByteWriter(256);
  const fields = new MessageFields(out);
  const { schema, zeroThreshold, zeroCount, negative, positive } = native!;
  // A reader expects all counts of a histogram to be floats, or none.
  const floats = count > Number.MAX_SAFE_INTEGER;
  if (floats) fields.double(2, count);
  else fields.unsigned(1, count);
  fields.float(3, sum);
  fields.zigzag(4, schema);
  fields.double(5, zeroThreshold);
  if (floats) fields.double(7, zeroCount);
  else fields.unsigned(6, zeroCount);
  writeSide(fields, NEGATIVE, negative, schema, floats);
  writeSide(fields, POSITIVE, positive, schema, floats);
  if (isGauge) fields.unsigned(14, GAUGE);
  return out.take();
}

function writeSide(
  fields: MessageFields,
  numbers: typeof POSITIVE,
  side: DenseBuckets,
  schema: number,
  floats: boolean,
): void {
  const spans = new Spans();
  spans.fill(side, schema);
  const { offsets, lengths, counts } = spans;
  if (counts.length === 0) return;
  for (let i = 0; i < offsets.length; i++) {
    const span = fields.open(numbers.span);
    fields.zigzag(1, offsets[i]!);
    fields.unsigned(2, lengths[i]!);
    fields.close(span);
  }
  if (floats) return fields.doubles(numbers.count, counts);
  fields.zigzags(
    numbers.delta,
    counts.map((count, i) => count - (i === 0 ? 0 : counts[i - 1]!)),
  );
}
