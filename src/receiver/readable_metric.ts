/** How the points of a metric are read, and the type of its family. */
import type { MetricType } from "../model/mod.ts";
import { textOf } from "./attributes.ts";
import { classicOf, nativeOf, numberOf, summaryOf } from "./points.ts";
import type { Value } from "./received_family.ts";
import { invalid, Rejection } from "./rejection.ts";
import type { AnyPoint, NumberPoint, OtlpMetric } from "./wire/messages.ts";

/** The temporalities of OTLP. Gauges and summaries count as cumulative. */
const UNSPECIFIED = 0;
export const DELTA = 1;
export const CUMULATIVE = 2;

/** A metric with its points, and how they are read. */
export interface Readable<P extends AnyPoint = AnyPoint> {
  readonly type: MetricType;
  readonly points: readonly P[];
  /** `DELTA` or `CUMULATIVE`; another number is an error of the sender. */
  readonly temporality: number;
  readonly read: (point: P) => Value | Rejection;
}

/** Returns how a metric is read; undefined if it has no data that is known. */
export function readableOf(metric: OtlpMetric): Readable | undefined {
  const { gauge, sum, histogram, exponentialHistogram, summary } = metric;
  if (gauge !== undefined) {
    const type = typeIn(metric);
    const read = (point: NumberPoint) => checked(type, numberOf(point));
    return readable(type, gauge, CUMULATIVE, read);
  }
  if (sum !== undefined) {
    const { aggregationTemporality = UNSPECIFIED, isMonotonic = false } = sum;
    const type = isMonotonic ? "counter" : typeIn(metric);
    const read = (point: NumberPoint) => checked(type, numberOf(point));
    return readable(type, sum, aggregationTemporality, read);
  }
  if (histogram !== undefined) {
    const { aggregationTemporality = UNSPECIFIED } = histogram;
    return readable("histogram", histogram, aggregationTemporality, classicOf);
  }
  if (exponentialHistogram !== undefined) {
    const { aggregationTemporality = UNSPECIFIED } = exponentialHistogram;
    return readable(
      "histogram",
      exponentialHistogram,
      aggregationTemporality,
      nativeOf,
    );
  }
  if (summary !== undefined) {
    return readable("summary", summary, CUMULATIVE, summaryOf);
  }
  return undefined;
}

function readable<P extends AnyPoint>(
  type: MetricType,
  { dataPoints }: { readonly dataPoints: readonly P[] },
  temporality: number,
  read: (point: P) => Value | Rejection,
): Readable {
  // The points of a metric are those that `read` takes.
  return { type, points: dataPoints, temporality, read: read as never };
}

/** The types to which the metadata of a metric can lead back. */
const STATED: readonly string[] = ["info", "stateset", "unknown"];

/** Returns the type of numbers that are not totals. */
function typeIn({ metadata }: OtlpMetric): MetricType {
  for (const { key, value = {} } of metadata) {
    const text = key === "prometheus.type" ? textOf(value) : "";
    if (STATED.includes(text)) return text as MetricType;
  }
  return "gauge";
}

/** Returns a number that its type allows. */
function checked(
  type: MetricType,
  value: number | Rejection,
): number | Rejection {
  if (value instanceof Rejection) return value;
  if (type === "counter" && !(value >= 0)) {
    return invalid("a monotonic sum must be a number from 0 on");
  }
  if (type === "info" && value !== 1) return invalid("an info must be 1");
  if (type === "stateset" && value !== 0 && value !== 1) {
    return invalid("a state must be 0 or 1");
  }
  return value;
}
