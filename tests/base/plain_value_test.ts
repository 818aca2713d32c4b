/** Copies of fields: what they keep, and that nothing makes them large. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  plainFields,
  plainText,
  type PlainValue,
} from "../../src/base/internal.ts";
import * as fc from "../support/property.ts";

test("values of every kind are copied", () => {
  const bytes = new Uint8Array([1, 2, 255]);
  const fields = {
    text: "a",
    yes: true,
    whole: 7,
    part: 0.5,
    nan: NaN,
    nothing: null,
    missing: undefined,
    small: 7n,
    large: 2n ** 62n,
    huge: 2n ** 63n,
    bytes,
    list: [1, , "b", [true]],
    map: new Map<unknown, unknown>([[1, "c"]]),
    set: new Set(["d"]),
    floats: new Float32Array([0.5, 2]),
    at: new Date(0),
    url: new URL("http://a/b"),
    deep: { a: { b: [{ c: 1 }] } },
    method: function brew() {},
    symbol: Symbol("s"),
    nested: [new RangeError("inner")],
  };
  const rest = {
    text: "a",
    yes: true,
    whole: 7,
    part: 0.5,
    nothing: null,
    small: 7,
    huge: "9223372036854775808",
    list: [1, null, "b", [true]],
    map: { 1: "c" },
    set: ["d"],
    floats: [0.5, 2],
    at: "1970-01-01T00:00:00.000Z",
    url: "http://a/b",
    deep: { a: { b: [{ c: 1 }] } },
    method: "[function brew]",
    symbol: "Symbol(s)",
    nested: ["RangeError: inner"],
  };
  const copy = plainFields(fields, false);
  assert.equal(copy.dropped, 0);
  assert.deepEqual(copy.fields, { ...rest, nan: NaN, large: 2n ** 62n, bytes });
  bytes[0] = 9;
  assert.equal((copy.fields["bytes"] as Uint8Array)[0], 1);
  assert.deepEqual(plainFields(fields, true).fields, {
    ...rest,
    nan: "NaN",
    large: "4611686018427387904",
    bytes: "CQL/",
  });
});

test("the first error becomes the attributes of an exception", () => {
  const cause = new TypeError("no tea");
  const { fields } = plainFields({ id: 1, cause, other: new Error("b") }, true);
  assert.deepEqual(Object.keys(fields), [
    "id",
    "exception.type",
    "exception.message",
    "exception.stacktrace",
    "other",
  ]);
  assert.equal(fields["exception.type"], "TypeError");
  assert.equal(fields["exception.message"], "no tea");
  assert.equal(fields["exception.stacktrace"], cause.stack);
  assert.equal(fields["other"], "Error: b");
});

test("copies have limits, and dropped fields are counted", () => {
  const many = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`f${i}`, i]),
  );
  assert.equal(Object.keys(plainFields(many, false).fields).length, 128);
  assert.equal(plainFields(many, false).dropped, 72);
  const long = "x".repeat(100_000);
  const { fields, dropped } = plainFields(
    { a: long, b: long, c: long, d: long, e: long },
    false,
  );
  assert.equal(dropped, 1, "the last one has no room");
  assert.deepEqual(
    Object.values(fields).map((text) => String(text).length),
    [4096, 4096, 4096, 4092],
  );
  const loop: Record<string, unknown> = {};
  for (let i = 0; i < 100; i++) loop[`l${i}`] = loop;
  assert.ok(JSON.stringify(plainFields(loop, true)).length < 50_000);
  assert.equal(plainText(new Array(1e6).fill(1)).length, 2 * 128 + 1);
});

/** Returns the number of values and the length of all texts in a copy. */
function sizeOf(value: PlainValue): [values: number, length: number] {
  if (typeof value === "string") return [1, value.length];
  if (typeof value !== "object" || value === null) return [1, 0];
  if (value instanceof Uint8Array) return [1, value.length];
  let [values, length] = [1, 0];
  for (const [name, item] of Object.entries(value)) {
    const [more, longer] = sizeOf(item);
    values += more;
    length += longer + (Array.isArray(value) ? 0 : name.length);
  }
  return [values, length];
}

test("whatever the fields are, the copy is bounded and JSON can express it", () => {
  const thrower = new Proxy({}, {
    ownKeys: () => {
      throw new Error("ownKeys");
    },
    get: () => {
      throw new Error("get");
    },
  });
  const any = fc.oneof(
    fc.anything({
      withBigInt: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withDate: true,
    }),
    fc.constantFrom<unknown>(
      thrower,
      { toJSON: () => thrower },
      {
        get a() {
          throw new Error("a");
        },
      },
      { toJSON: 1 },
      new Map([[Symbol("x"), 1]]),
    ),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string(), any), (fields) => {
      const before = sizeOf(plainFields(fields, false).fields);
      assert.ok(before[0] <= 2048 && before[1] <= 20_000, String(before));
      const json = plainFields(fields, true).fields;
      assert.deepEqual(JSON.parse(JSON.stringify(json)), json);
    }),
    { examples: [[{ a: [-0] }]] },
  );
  for (const odd of [undefined, null, 7, "text", thrower, () => {}]) {
    assert.deepEqual(plainFields(odd, true), { fields: {}, dropped: 0 });
  }
});

test("sets and maps without an end are read as far as there is room", () => {
  class Endless extends Set<unknown> {
    override *[Symbol.iterator](): SetIterator<unknown> {
      for (;;) yield 1;
    }
  }
  const { fields } = plainFields({ endless: new Endless() }, true);
  assert.equal((fields["endless"] as readonly unknown[]).length, 128);
});
