import assert from "node:assert/strict";
import { test } from "node:test";
import { readProto } from "./proto_reader.ts";

type Bytes = readonly number[];

// Writes the wire format without the encoder under test.

/** Encodes an integer of at least 0 as a varint. */
function varint(value: number | bigint): Bytes {
  const bytes: number[] = [];
  for (let rest = BigInt(value);; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 127n) | 128);
  }
}

function whole(field: number, value: number | bigint): Bytes {
  return [...varint(field * 8), ...varint(value)];
}

function zigzag(value: number): Bytes {
  return varint(value < 0 ? -2 * value - 1 : 2 * value);
}

function signed(field: number, value: number): Bytes {
  return [...varint(field * 8), ...zigzag(value)];
}

function double(field: number, value: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return [...varint(field * 8 + 1), ...bytes];
}

function message(field: number, ...parts: readonly Bytes[]): Bytes {
  const bytes = parts.flat();
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
}

function text(field: number, value: string): Bytes {
  return message(field, [...new TextEncoder().encode(value)]);
}

function label(name: string, value: string): Bytes {
  return message(1, text(1, name), text(2, value));
}

function moment(field: number, seconds: number, nanos: number): Bytes {
  return message(field, whole(1, seconds), whole(2, nanos));
}

function exemplar(field: number, value: number, ...more: Bytes[]): Bytes {
  return message(field, label("trace_id", "t"), double(2, value), ...more);
}

function bucket(count: number, bound: number, ...more: Bytes[]): Bytes {
  return message(3, whole(1, count), double(2, bound), ...more);
}

function span(field: number, offset: number, length: number): Bytes {
  return message(field, signed(1, offset), whole(2, length));
}

function deltas(field: number, ...values: readonly number[]): Bytes {
  return message(field, ...values.map(zigzag));
}

const COUNTER = 0;
const GAUGE = 1;
const HISTOGRAM = 4;

function family(type: number, ...parts: readonly Bytes[]): Bytes {
  const bytes = [text(1, "n"), text(2, "Help."), whole(3, type), ...parts];
  const flat = bytes.flat();
  return [...varint(flat.length), ...flat];
}

function gauge(...more: readonly Bytes[]): Bytes {
  return message(4, ...more, message(2, double(1, 1.5)));
}

function histogram(...parts: readonly Bytes[]): Bytes {
  return family(HISTOGRAM, message(4, message(7, ...parts)));
}

const SUM = double(2, 0);
/** The first fields of each native histogram of 9 observations. */
const NATIVE: readonly Bytes[] = [
  whole(1, 9),
  SUM,
  signed(5, 3),
  double(6, 0),
  whole(7, 0),
];

function read(...parts: readonly Bytes[]): ReturnType<typeof readProto> {
  return readProto(Uint8Array.from(parts.flat()));
}

test("readProto() reads labels, start and exemplar of a counter", () => {
  const counter = message(
    3,
    double(1, 7),
    exemplar(2, 2, moment(3, 1_700_000_000, 250_000_000)),
    moment(3, 1_600_000_000, 500_000_000),
  );
  const metric = message(4, label("b", "2"), label("a", "é"), counter);

  assert.deepEqual(read(family(COUNTER, metric, text(5, "jobs"))), [{
    name: "n",
    type: "COUNTER",
    help: "Help.",
    unit: "jobs",
    series: [{
      labels: [["a", "é"], ["b", "2"]],
      value: { kind: "number", value: 7 },
      start: 1_600_000_000.5,
      exemplars: [{
        labels: [["trace_id", "t"]],
        value: 2,
        timestamp: 1_700_000_000.25,
      }],
    }],
  }]);
});

test("readProto() reads a summary with its quantiles", () => {
  const quantile = message(3, double(1, 0.5), double(2, NaN));
  const summary = message(4, whole(1, 2n ** 40n), double(2, -3), quantile);
  const [seen] = read(family(2, message(4, summary)));

  assert.deepEqual(seen!.series[0]!.value, {
    kind: "summary",
    count: 2 ** 40,
    sum: -3,
    quantiles: [[0.5, NaN]],
  });
});

test("readProto() reads classic buckets and their exemplars", () => {
  const [seen] = read(histogram(
    whole(1, 5),
    double(2, NaN),
    bucket(2, 1, exemplar(3, -Infinity)),
    bucket(4, 2),
    bucket(5, Infinity, exemplar(3, NaN)),
  ));
  const { value, exemplars } = seen!.series[0]!;

  assert.deepEqual(value, {
    kind: "histogram",
    count: 5,
    sum: NaN,
    buckets: [[1, 2], [2, 4], [Infinity, 5]],
    native: undefined,
  });
  assert.deepEqual(exemplars.map((e) => e.value), [-Infinity, NaN]);
});

test("readProto() resolves spans and deltas to indexes and counts", () => {
  const [seen] = read(histogram(
    ...NATIVE,
    span(9, 4, 1),
    deltas(10, 1),
    span(12, -2, 2),
    span(12, 3, 3),
    deltas(13, 2, -1, 2, -3, 1),
  ));
  const { value } = seen!.series[0]!;

  assert.ok(value.kind === "histogram");
  assert.deepEqual(value.native, {
    schema: 3,
    zeroThreshold: 0,
    zeroCount: 0,
    negative: [[4, 1]],
    positive: [[-2, 2], [-1, 1], [3, 3], [5, 1]],
  });
});

test("readProto() reads native counts that are floats", () => {
  const big = 2 ** 60;
  const [seen] = read(histogram(
    double(4, big),
    SUM,
    signed(5, -4),
    double(6, 0.5),
    double(8, 0),
    span(12, 7, 1),
    message(14, double(0, big).slice(1)),
  ));
  const { value } = seen!.series[0]!;

  assert.ok(value.kind === "histogram");
  assert.deepEqual([value.count, value.native!.positive], [big, [[7, big]]]);
});

test("readProto() reads several families, and an empty body", () => {
  const other = [...family(GAUGE, gauge())];
  other[other.indexOf(0x6e)] = 0x6d; // "n" becomes "m"

  assert.deepEqual(read().length, 0);
  const names = read(family(GAUGE, gauge()), other).map(({ name }) => name);
  assert.deepEqual(names, ["n", "m"]);
});

const fine = [...family(GAUGE, gauge())];

const WRONG: Readonly<Record<string, readonly [RegExp, ...Bytes[]]>> = {
  "a body that ends early": [/a length within/, fine.slice(0, -1)],
  "an extra byte": [/a length within/, [...fine, 1]],
  "a family twice": [/n once/, fine, fine],
  "a family without metrics": [/no family without/, family(GAUGE)],
  "a family without a name": [/required 'name'/, [
    ...varint(2),
    ...whole(3, GAUGE),
  ]],
  "a type that does not exist": [/required 'type'/, family(9, gauge())],
  "a value of another type": [/n: one value/, family(COUNTER, gauge())],
  "two values in one metric": [
    /n: one value/,
    family(
      GAUGE,
      message(4, message(2, double(1, 1)), message(5, double(1, 1))),
    ),
  ],
  "a metric without a value": [
    /n: one value/,
    family(GAUGE, message(4, label("a", "1"))),
  ],
  "a gauge without a number": [
    /required 'value'/,
    family(GAUGE, message(4, message(2))),
  ],
  "a timestamp of a sample": [
    /n: one value/,
    family(GAUGE, gauge(whole(6, 1))),
  ],
  "a series twice": [
    /no series twice/,
    family(
      GAUGE,
      gauge(label("a", "1"), label("b", "2")),
      gauge(label("b", "2"), label("a", "1")),
    ),
  ],
  "a label twice": [
    /no label name twice/,
    family(GAUGE, gauge(label("a", "1"), label("a", "2"))),
  ],
  "an empty label": [/no empty label/, family(GAUGE, gauge(label("a", "")))],
  "a label without a value": [
    /required 'value'/,
    family(GAUGE, gauge(message(1, text(1, "a")))),
  ],
  "a field that the schema does not know": [
    /no fields outside/,
    family(GAUGE, gauge(), whole(17, 1)),
  ],
  "an unknown field in a nested message": [
    /no fields outside/,
    family(GAUGE, message(4, message(2, double(1, 1), whole(3, 1)))),
  ],
  "a repeated value": [
    /no fields outside/,
    family(GAUGE, message(4, message(2, double(1, 1), double(1, 2)))),
  ],
  "a varint that is longer than necessary": [
    /no fields outside/,
    family(GAUGE, message(4, message(2, double(1, 1))), [0x18, 0x81, 0]),
  ],
  "nanoseconds of more than a second": [
    /a fraction/,
    family(COUNTER, message(4, message(3, double(1, 1), moment(3, 1, 1e9)))),
  ],
  "falling bucket counts": [
    /rising/,
    histogram(whole(1, 1), SUM, bucket(2, 1), bucket(1, Infinity)),
  ],
  "bounds that do not rise": [
    /rising/,
    histogram(whole(1, 1), SUM, bucket(0, 1), bucket(0, 1), bucket(1, 2)),
  ],
  "a last bucket that is not the count": [
    /all in the last/,
    histogram(whole(1, 3), SUM, bucket(1, 1), bucket(2, Infinity)),
  ],
  "a last bucket that is not infinite": [
    /all in the last/,
    histogram(whole(1, 1), SUM, bucket(1, 1)),
  ],
  "an exemplar in another bucket": [
    /within its bucket/,
    histogram(
      whole(1, 1),
      SUM,
      bucket(0, 1),
      bucket(1, Infinity, exemplar(3, 1)),
    ),
  ],
  "a histogram without a count": [
    /one of the two/,
    histogram(SUM, bucket(0, Infinity)),
  ],
  "counts of both kinds": [
    /one kind/,
    histogram(whole(1, 0), double(4, 0), SUM, bucket(0, Infinity)),
  ],
  "native buckets without a schema": [
    /without a schema/,
    histogram(whole(1, 1), SUM, span(9, 0, 1), deltas(10, 1)),
  ],
  "a schema of 9": [
    /from -4 to 8/,
    histogram(whole(1, 0), SUM, signed(5, 9), double(6, 1), whole(7, 0)),
  ],
  "custom bounds": [
    /from -4 to 8/,
    histogram(whole(1, 0), SUM, signed(5, -53), double(6, 1), whole(7, 0)),
  ],
  "no zero threshold": [
    /a zero threshold/,
    histogram(whole(1, 0), SUM, signed(5, 3), whole(7, 0), span(12, 0, 0)),
  ],
  "fewer deltas than the spans have buckets": [
    /counts from 0 on/,
    histogram(...NATIVE, span(12, 0, 3), deltas(13, 1, 0)),
  ],
  "more deltas than the spans have buckets": [
    /as many counts/,
    histogram(...NATIVE, span(12, 0, 1), deltas(13, 1, 0)),
  ],
  "deltas that make a count negative": [
    /counts from 0 on/,
    histogram(...NATIVE, span(12, 0, 3), deltas(13, 1, -2, 3)),
  ],
  "a negative gap between spans": [
    /gaps from 0 on/,
    histogram(...NATIVE, span(12, 0, 1), span(12, -1, 1), deltas(13, 1, 0)),
  ],
  "a span without a length": [
    /required 'length'/,
    histogram(...NATIVE, message(12, signed(1, 0)), deltas(13, 1)),
  ],
  "bucket counts that exceed the count": [
    /no more than/,
    histogram(...NATIVE, span(12, 0, 1), deltas(13, 10)),
  ],
  "an empty native histogram that looks like a classic one": [
    /differs from a classic one/,
    histogram(whole(1, 0), SUM, signed(5, 3), double(6, 0), whole(7, 0)),
  ],
  "a native exemplar without a timestamp": [
    /all stamped/,
    histogram(...NATIVE, span(12, 0, 1), deltas(13, 9), exemplar(16, 1)),
  ],
};

for (const [title, [message, ...parts]] of Object.entries(WRONG)) {
  test(`readProto() refuses ${title}`, () => {
    assert.throws(() => read(...parts), message);
  });
}

test("readProto() accepts the bodies from which the refused ones are derived", () => {
  const timestamp = moment(3, 1, 0);
  const native = [...NATIVE, span(12, 0, 1), deltas(13, 9)];

  read(histogram(...native, exemplar(16, 1, timestamp)));
  read(histogram(whole(1, 1), SUM, bucket(0, 1), bucket(1, Infinity)));
  read(histogram(
    ...[whole(1, 0), SUM, signed(5, 3), double(6, 0), whole(7, 0)],
    span(12, 0, 0),
  ));
  read(family(GAUGE, gauge(label("a", "1")), gauge(label("a", "2"))));
});
