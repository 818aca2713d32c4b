/** Arbitrary requests of OTLP metrics, as they are decoded. */
import { Buffer } from "node:buffer";
import type {
  AnyValue,
  ExportRequest,
  KeyValue,
} from "../../src/receiver/wire/messages.ts";
import * as fc from "../support/property.ts";

type Tree = Record<string, unknown>;
type Fields = Record<string, fc.Arbitrary<unknown>>;

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.constantFrom("", "service.name", "http.route", "__proto__", "le"),
);
const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)
  .map((value): number | bigint => {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  });
/** Integers of 64 bits that a float64 can have. */
const uint64 = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.nat(2 ** 31 - 1).map((value) => value * 2 ** 32),
);
const sfixed64 = fc.oneof(fc.maxSafeInteger(), uint64.map((n) => 0 - n));
const uint32 = fc.nat(2 ** 32 - 1);
const sint32 = fc.integer();

/** Returns a message with all its lists, and some of its other fields. */
function message(
  lists: Fields,
  others: Fields,
  choices: Fields = {},
): fc.Arbitrary<Tree> {
  const choice: fc.Arbitrary<Tree> = fc.oneof(
    fc.constant({}),
    ...Object.entries(choices).map(([key, value]) =>
      fc.record({ [key]: value })
    ),
  );
  return fc.tuple(
    fc.record(lists),
    fc.record(others, { requiredKeys: [] }),
    choice,
  ).map((trees) => Object.assign({}, ...trees));
}

function list(of: fc.Arbitrary<unknown>, maxLength = 3) {
  return fc.array(of, { maxLength });
}

function digits(arbitrary: fc.Arbitrary<Uint8Array>, as: "hex" | "base64") {
  return arbitrary.map((bytes) => Buffer.from(bytes).toString(as));
}

const { value } = fc.letrec<{ value: AnyValue; pair: KeyValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: fc.double() }),
    fc.record({
      bytesValue: digits(fc.uint8Array({ maxLength: 5 }), "base64"),
    }),
    fc.constant({}),
    fc.record({ arrayValue: message({ values: list(tie("value")) }, {}) }),
    fc.record({ kvlistValue: message({ values: list(tie("pair")) }, {}) }),
  ) as fc.Arbitrary<AnyValue>,
  pair: message({}, { key: text, value: tie("value") }),
}));
const attributes = list(message({}, { key: text, value }), 4);
const times = {
  startTimeUnixNano: uint64,
  timeUnixNano: uint64,
  flags: uint32,
};

function id(length: number) {
  const bytes = fc.uint8Array({ minLength: length, maxLength: length });
  return digits(bytes, "hex");
}

const number = { asDouble: fc.double(), asInt: sfixed64 };
const exemplars = list(message(
  { filteredAttributes: attributes },
  { timeUnixNano: uint64, spanId: id(8), traceId: id(16) },
  number,
));
const numberPoints = list(message({ attributes, exemplars }, times, number));
const totals = { ...times, count: uint64, sum: fc.double() };
const histogramPoints = list(message(
  {
    attributes,
    exemplars,
    bucketCounts: list(uint64, 5),
    explicitBounds: list(fc.double(), 5),
  },
  totals,
));
const buckets = message(
  { bucketCounts: list(uint64, 5) },
  { offset: sint32 },
);
const exponentialPoints = list(message(
  { attributes, exemplars },
  {
    ...totals,
    scale: sint32,
    zeroCount: uint64,
    positive: buckets,
    negative: buckets,
    zeroThreshold: fc.double(),
  },
));
const quantileValues = list(
  message({}, { quantile: fc.double(), value: fc.double() }),
);
const summaryPoints = list(message({ attributes, quantileValues }, totals));
const temporality = { aggregationTemporality: fc.constantFrom(0, 1, 2) };
const metric = message(
  { metadata: attributes },
  { name: text, description: text, unit: text },
  {
    gauge: message({ dataPoints: numberPoints }, {}),
    sum: message({ dataPoints: numberPoints }, {
      ...temporality,
      isMonotonic: fc.boolean(),
    }),
    histogram: message({ dataPoints: histogramPoints }, temporality),
    exponentialHistogram: message(
      { dataPoints: exponentialPoints },
      temporality,
    ),
    summary: message({ dataPoints: summaryPoints }, {}),
  },
);
const scopeMetrics = list(message(
  { metrics: list(metric) },
  {
    scope: message({ attributes }, { name: text, version: text }),
    schemaUrl: text,
  },
));
const resource = message({ attributes }, {});

/** Any request, of fields with any values. */
export const anyRequest = message({
  resourceMetrics: list(message({ scopeMetrics }, { resource })),
}, {}).map(plain) as unknown as fc.Arbitrary<ExportRequest>;

/** Returns a copy of objects with the usual prototype. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, plain(each)]),
  );
}
