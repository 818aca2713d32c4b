/** Requests as exporters send them, few of whose points are rejected. */
import * as fc from "../support/property.ts";
import { attributesOf, nanos } from "./world.ts";

const NAMES = ["a", "a.total", "a_total", "b.seconds", "b", "c_info", "1x"];
const UNITS = ["", "1", "s", "By", "m/s", "{item}"];

const word = fc.constantFrom("x", "y", "/a", "é", "\ud800", "a\nb", "\0");
const key = fc.constantFrom(
  "a.b",
  "a_b",
  "le",
  "quantile",
  "job",
  "exported_job",
  "1",
  "a",
  "__name__",
);
const attributes = fc.dictionary(key, word, { maxKeys: 3 }).map(attributesOf);
const value = fc.oneof(
  fc.nat(9),
  fc.double({ noNaN: true, min: 0 }),
  fc.constantFrom(-1, NaN, Infinity, 1),
);
const exemplars = fc.array(
  fc.record({
    asDouble: value,
    timeUnixNano: fc.nat(20).map(nanos),
    filteredAttributes: attributes,
    traceId: fc.constantFrom("", "4bf92f3577b34da6a3ce929d0e0e4736"),
  }),
  { maxLength: 2 },
);
const common = {
  attributes,
  startTimeUnixNano: fc.nat(5).map(nanos),
  timeUnixNano: fc.nat(20).map(nanos),
  flags: fc.constantFrom(0, 0, 0, 1),
};
const number = fc.record({ ...common, asDouble: value, exemplars });

function totalOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

const histogram = fc.record({
  ...common,
  exemplars,
  sum: value,
  bucketCounts: fc.array(fc.nat(9), { maxLength: 4 }),
  isWrong: fc.constantFrom(0, 0, 0, 1),
}).map(({ isWrong, ...point }) => ({
  ...point,
  count: totalOf(point.bucketCounts) + isWrong,
  explicitBounds: point.bucketCounts.slice(1).map((_, i) => i),
}));
const side = fc.record({
  offset: fc.integer({ min: -300, max: 300 }),
  bucketCounts: fc.array(fc.nat(9), { maxLength: 6 }),
});
const exponential = fc.record({
  ...common,
  exemplars,
  sum: value,
  scale: fc.integer({ min: -5, max: 20 }),
  zeroCount: fc.nat(3),
  zeroThreshold: fc.constantFrom(0, 0.001, 1),
  positive: side,
  negative: side,
}).map((point) => ({
  ...point,
  count: point.zeroCount + totalOf(point.positive.bucketCounts) +
    totalOf(point.negative.bucketCounts),
}));
const summary = fc.record({
  ...common,
  count: fc.nat(9),
  sum: value,
  quantileValues: fc.uniqueArray(
    fc.record({ quantile: fc.constantFrom(0, 0.5, 0.9, 1), value }),
    { selector: ({ quantile }) => quantile, maxLength: 3 },
  ),
});

function points(point: fc.Arbitrary<object>): fc.Arbitrary<object[]> {
  return fc.array(point, { maxLength: 4 });
}

const aggregationTemporality = fc.constantFrom(1, 2);
const data = fc.oneof(
  fc.record({ gauge: fc.record({ dataPoints: points(number) }) }),
  fc.record({
    sum: fc.record({
      dataPoints: points(number),
      aggregationTemporality,
      isMonotonic: fc.boolean(),
    }),
  }),
  fc.record({
    histogram: fc.record({
      dataPoints: points(histogram),
      aggregationTemporality,
    }),
  }),
  fc.record({
    exponentialHistogram: fc.record({
      dataPoints: points(exponential),
      aggregationTemporality,
    }),
  }),
  fc.record({ summary: fc.record({ dataPoints: points(summary) }) }),
);
const metadata = fc.constantFrom("", "info", "stateset", "unknown")
  .map((type) => attributesOf({ "prometheus.type": type }));
const metric = fc.tuple(
  fc.record({
    name: fc.constantFrom(...NAMES),
    unit: fc.constantFrom(...UNITS),
    description: fc.constantFrom("", "Text."),
    metadata,
  }),
  data,
).map(([head, body]) => ({ ...head, ...body }));

/** A request of one sender. */
export const plausibleRequest: fc.Arbitrary<object> = fc.record({
  service: fc.constantFrom("shop", "mail", ""),
  instance: fc.constantFrom("", "1"),
  scope: fc.constantFrom("", "lib"),
  metrics: fc.array(metric, { maxLength: 4 }),
}).map(({ service, instance, scope, metrics }) => ({
  resourceMetrics: [{
    resource: {
      attributes: attributesOf({
        "service.name": service,
        "service.instance.id": instance,
        "host.name": "h",
      }),
    },
    scopeMetrics: [{ scope: { name: scope }, metrics }],
  }],
}));
