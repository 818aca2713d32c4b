import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, prometheusProto } from "../../src/encode/mod.ts";
import {
  type DenseBuckets,
  familyDesc,
  type HistogramView,
  Labels,
  type NativeView,
  type Sink,
  type Source,
} from "../../src/model/mod.ts";
import { readProto } from "../support/proto_reader.ts";

const help = "Help.";
const NONE: DenseBuckets = {
  offset: 0,
  size: 0,
  counts: new Float64Array(0),
  overflow: 0,
};
const EMPTY: NativeView = {
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  positive: NONE,
  negative: NONE,
};

function histogramSource(view: Partial<HistogramView>): Source {
  const desc = familyDesc({ name: "h", type: "histogram", help });
  const count = view.count ?? 0;
  const whole = {
    count,
    sum: 0,
    bounds: new Float64Array(0),
    counts: Float64Array.of(count),
    exemplars: [],
    ...view,
  };
  return {
    descs: [desc],
    collect(sink: Sink): void {
      sink.family(desc);
      sink.histogram(Labels.NONE, whole, 0);
    },
  };
}

/** Returns the number and the bytes of each field of a message. */
function fieldsOf(bytes: Uint8Array): (readonly [number, Uint8Array])[] {
  const fields: (readonly [number, Uint8Array])[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const from = at;
    if ((tag & 7) === 2) {
      const size = varint();
      fields.push([tag >>> 3, bytes.subarray(at, at += size)]);
    } else {
      if ((tag & 7) === 1) at += 8;
      else varint();
      fields.push([tag >>> 3, bytes.subarray(from, at)]);
    }
  }
  return fields;
}

function field(bytes: Uint8Array, number: number): Uint8Array | undefined {
  return fieldsOf(bytes).find(([each]) => each === number)?.[1];
}

/** Returns the message of a histogram, as it is in the body. */
function histogramOf(view: Partial<HistogramView>): Uint8Array {
  const body = expose(histogramSource(view), prometheusProto);
  const family = body.subarray(body.length < 129 ? 1 : 2); // after its length
  return field(field(family, 4)!, 7)!;
}

test("prometheusProto marks an empty native histogram by an empty span", () => {
  const spans = (native: NativeView, count = 0) =>
    field(histogramOf({ native, count }), 12);
  assert.deepEqual([...spans(EMPTY)!], [8, 0, 16, 0]);
  assert.equal(spans({ ...EMPTY, zeroThreshold: 1e-9 }), undefined);
  assert.equal(spans({ ...EMPTY, zeroCount: 1 }, 1), undefined);
  const side = { ...NONE, size: 1, counts: Float64Array.of(1) };
  assert.equal(spans({ ...EMPTY, negative: side }, 1), undefined);
  assert.equal(field(histogramOf({}), 12), undefined, "it is classic");
});

test("prometheusProto writes no classic buckets of a native histogram without bounds", () => {
  assert.equal(field(histogramOf({ native: EMPTY }), 3), undefined);
  assert.notEqual(field(histogramOf({}), 3), undefined);
});

test("prometheusProto writes all counts of a histogram past 2^53 as floats", () => {
  const big = 2 ** 60;
  const native = {
    ...EMPTY,
    zeroCount: big,
    positive: { ...NONE, size: 2, counts: Float64Array.of(big, 2 * big) },
    negative: { ...NONE, size: 1, counts: Float64Array.of(4 * big) },
  };
  const bounds = Float64Array.of(1);
  const counts = Float64Array.of(3 * big, 5 * big);
  const source = histogramSource({ count: 8 * big, bounds, counts, native });
  const [family] = readProto(expose(source, prometheusProto));
  const { value } = family!.series[0]!;
  assert.ok(value.kind === "histogram");
  assert.equal(value.count, 8 * big);
  assert.deepEqual(value.buckets, [[1, 3 * big], [Infinity, 8 * big]]);
  assert.deepEqual(value.native!.positive, [[0, big], [1, 2 * big]]);
  assert.deepEqual(value.native!.negative, [[0, 4 * big]]);
  assert.equal(value.native!.zeroCount, big);
});

function summaryOf(count: number): Source {
  const desc = familyDesc({ name: "s", type: "summary", help });
  const none = new Float64Array(0);
  return {
    descs: [desc],
    collect(sink) {
      sink.family(desc);
      const view = { count, sum: 0, quantiles: none, values: none };
      sink.summary(Labels.NONE, view, 0);
    },
  };
}

test("prometheusProto writes a summary with a count past 2^53", () => {
  const [family] = readProto(expose(summaryOf(2 ** 60), prometheusProto));
  const { value } = family!.series[0]!;
  assert.ok(value.kind === "summary");
  assert.equal(value.count, 2 ** 60);
});

test("prometheusProto refuses a summary with a count of 2^64", () => {
  const source = summaryOf(2 ** 64);
  const reported: unknown[] = [];
  const failed = (_: Source, error: unknown) => reported.push(error);
  assert.equal(
    expose(source, prometheusProto, { observer: { failed } }).length,
    0,
  );
  assert.match(
    String(reported[0]),
    /a count of 18446744073709552000 in .*must be below 2\^64/,
  );
});

test("prometheusProto rolls back all families of a part that fails", () => {
  const parts = ["a", "b", "c"].map((name): Source => {
    const desc = familyDesc({ name, type: "gauge", help });
    const second = familyDesc({ name: `${name}_2`, type: "gauge", help });
    return {
      descs: [desc, second],
      collect(sink) {
        for (const family of [desc, second]) {
          sink.family(family);
          sink.number(Labels.NONE, 1, 0);
        }
        if (name === "b") throw new Error("broken");
      },
    };
  });
  const whole: Source = { descs: [], parts, collect: () => {} };
  const body = expose(whole, prometheusProto, { observer: { failed() {} } });
  const names = readProto(body).map(({ name }) => name);
  assert.deepEqual(names, ["a", "a_2", "c", "c_2"]);
});

test("CheckedEncoder refuses malformed native buckets", () => {
  const malformed: readonly Partial<NativeView>[] = [
    { schema: 9 },
    { schema: 1.5 },
    { schema: -53 },
    { zeroThreshold: -1 },
    { zeroThreshold: NaN },
    { zeroCount: 0.5 },
    { zeroCount: 3 },
    { positive: { ...NONE, size: 1, counts: Float64Array.of(1.5) } },
    { positive: { ...NONE, size: 1, counts: Float64Array.of(-1) } },
    { positive: { ...NONE, size: 1, counts: Float64Array.of(1) } },
    { positive: { ...NONE, size: 3, counts: Float64Array.of(2) } },
    {
      positive: { ...NONE, offset: NaN, size: 1, counts: Float64Array.of(2) },
    },
    { negative: { ...NONE, overflow: 1.5 } },
  ];
  for (const buckets of malformed) {
    const reported: unknown[] = [];
    const native = { ...EMPTY, ...buckets };
    const source = histogramSource({ count: 2, native });
    expose(source, prometheusProto, {
      observer: { failed: (_, error) => void reported.push(error) },
    });
    assert.match(String(reported[0]), /Cannot write native histogram "h"/);
  }
});
