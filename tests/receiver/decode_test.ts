/** Decoding of OTLP, against protobufjs and against arbitrary bytes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeJson, decodeProto } from "../../src/receiver/wire/decode.ts";
import { MalformedError } from "../../src/receiver/wire/reader.ts";
import { needs } from "../oracle/programs.ts";
import * as fc from "../support/property.ts";
import { anyRequest } from "./arbitraries.ts";
import { jsonOf, protoOf } from "./encodings.ts";

/** Asserts that decoding succeeds, or fails with words for the sender. */
function decodes(body: Uint8Array<ArrayBuffer>): void {
  for (const decode of [decodeProto, decodeJson]) {
    try {
      decode(body);
    } catch (error) {
      assert.ok(error instanceof MalformedError, String(error));
      assert.doesNotMatch(error.message, /\n/);
    }
  }
}

function bytes(...values: number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values);
}

test("protobuf of protobufjs is decoded to what was encoded", {
  ...needs("OTLP_PROTOS"),
}, () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const decoded = decodeProto(protoOf(request));
      assert.deepEqual(withoutDefaults(decoded), withoutDefaults(request));
    }),
    { numRuns: 300 },
  );
});

/** An encoder may leave out defaults. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== "" && each !== 0 && each !== false)
      .map(([key, each]) => [key, withoutDefaults(each)]),
  );
}

test("JSON is decoded to what was encoded, integers as text or not", () => {
  fc.assert(
    fc.property(anyRequest, fc.boolean(), (request, asText) => {
      const expected = withoutMinusZero(request);
      assert.deepEqual(decodeJson(jsonOf(request, asText)), expected);
    }),
    { numRuns: 300 },
  );
});

/** JSON has no -0. */
function withoutMinusZero<T>(value: T): T {
  if (Object.is(value, -0)) return 0 as T;
  if (Array.isArray(value)) return value.map(withoutMinusZero) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withoutMinusZero(each)]),
  ) as T;
}

test("arbitrary bytes are decoded or refused, and nothing else", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      (body) => decodes(body.slice()),
    ),
    { numRuns: 2000 },
  );
});

test("requests that are cut off or changed are decoded or refused", {
  ...needs("OTLP_PROTOS"),
}, () => {
  fc.assert(
    fc.property(
      anyRequest,
      fc.boolean(),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
      fc.nat(),
      (request, isJson, changes, end) => {
        const body = isJson ? jsonOf(request) : protoOf(request);
        if (body.length === 0) return;
        for (const [at, value] of changes) body[at % body.length] = value;
        decodes(body);
        decodes(body.slice(0, end % body.length));
      },
    ),
    { numRuns: 500 },
  );
});

test("unknown fields of each wire type are skipped, groups with all they hold", () => {
  const unknown = [
    [0x98, 0x06, 0x80, 0x01], // varint
    [0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8],
    [0x9a, 0x06, 2, 9, 9],
    [0x9b, 0x06, 0x08, 1, 0x13, 0x14, 0x9c, 0x06], // a group in a group
    [0x9d, 0x06, 1, 2, 3, 4],
    [0x08, 7], // field 1 of another wire type
  ];
  const request = decodeProto(bytes(...unknown.flat(), 0x0a, 0));
  assert.deepEqual(request, { resourceMetrics: [{ scopeMetrics: [] }] });
});

test("numbers are read packed and one by one, and single messages in pieces", () => {
  const doubles = new Uint8Array(new Float64Array([1, 2]).buffer);
  const oneByOne = [0x39, ...doubles.subarray(0, 8)];
  const point = [...oneByOne, 0x3a, 16, ...doubles];
  const histogram = [0x0a, point.length, ...point];
  const pieces = [0x4a, histogram.length, ...histogram, 0x4a, 2, 0x10, 2];
  const scope = [0x12, pieces.length, ...pieces];
  const resource = [0x12, scope.length, ...scope];
  const { resourceMetrics } = decodeProto(
    bytes(0x0a, resource.length, ...resource),
  );
  const { histogram: found } = resourceMetrics[0]!.scopeMetrics[0]!.metrics[0]!;
  assert.deepEqual(found!.dataPoints[0]!.explicitBounds, [1, 1, 2]);
  assert.equal(found!.aggregationTemporality, 2);
});

test("of a group of fields, the last one is present", () => {
  const value = [0x0a, 1, 0x61, 0x18, 7]; // a text, then an integer
  const pair = [0x12, value.length, ...value];
  const attributes = [0x0a, pair.length, ...pair];
  const resource = [0x0a, attributes.length, ...attributes];
  const { resourceMetrics } = decodeProto(
    bytes(0x0a, resource.length, ...resource),
  );
  assert.deepEqual(resourceMetrics[0]!.resource!.attributes, [
    { value: { intValue: 7 } },
  ]);
});

test("bytes that are no protobuf are refused with words", () => {
  for (
    const [body, words] of [
      [[0x0a, 5], /ends beyond its message/],
      [[0x0a], /ends beyond its message/],
      [[0x00, 1], /no legal number/],
      [[0x0e, 1], /no legal number/],
      [[0x9b, 0x06], /group is not closed/],
      [[0x9b, 0x06, 0xa4, 0x06], /group is not closed/],
      [[0x9c, 0x06], /group ends unopened/],
      [[0x98, 0x06, ...Array(11).fill(0x80)], /over ten bytes/],
      [Array(100).fill(0x1b), /more than 32 levels/],
    ] as const
  ) assert.throws(() => decodeProto(bytes(...body)), words, body.join());
});

test("values and JSON that are nested too deeply are refused", () => {
  let value: object = { stringValue: "x" };
  for (let depth = 0; depth < 50; depth++) {
    value = { arrayValue: { values: [value] } };
  }
  const resource = { attributes: [{ key: "a", value }] };
  const body = jsonOf({ resourceMetrics: [{ resource, scopeMetrics: [] }] });
  assert.throws(() => decodeJson(body), /more than 32 levels/);
  const text = new TextEncoder().encode("[".repeat(1e6));
  assert.throws(() => decodeJson(text), /levels deep/);
});

test("ill-formed text of JSON is decoded as that of protobuf", () => {
  const resource = {
    attributes: [{ key: "a\ud800b", value: { stringValue: "\udc00" } }],
  };
  const body = JSON.stringify({ resourceMetrics: [{ resource }] });
  const { resourceMetrics } = decodeJson(new TextEncoder().encode(body));
  assert.deepEqual(resourceMetrics[0]!.resource!.attributes, [
    { key: "a\ufffdb", value: { stringValue: "\ufffd" } },
  ]);
});

test("long digits of an id are read on every runtime", () => {
  const bodyOf = (traceId: string) => {
    const point = { asInt: 1, exemplars: [{ traceId }] };
    const metrics = [{ name: "x", gauge: { dataPoints: [point] } }];
    return jsonOf({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
  };
  decodeJson(bodyOf("a".repeat(2 ** 21)));
  for (const wrong of ["abc", "0g", "a".repeat(2 ** 20) + "g1"]) {
    assert.throws(() => decodeJson(bodyOf(wrong)), /hexadecimal digits/);
  }
});

test("JSON of wrong types is refused with the key and the legal values", () => {
  const requestOf = (point: object) => ({
    resourceMetrics: [{
      scopeMetrics: [{ metrics: [{ gauge: { dataPoints: [point] } }] }],
    }],
  });
  for (
    const [tree, words] of [
      [[], /the request must be an object/],
      [{ resourceMetrics: {} }, /resourceMetrics must be a list/],
      [{ resourceMetrics: [1] }, /resourceMetrics must be an object/],
      [requestOf({ asDouble: true }), /asDouble must be a number/],
      [requestOf({ asDouble: "1x" }), /asDouble must be a number/],
      [requestOf({ asInt: "1.5" }), /asInt must be a whole number/],
      [requestOf({ asInt: "99999999999999999999" }), /asInt must be a whole/],
      [requestOf({ timeUnixNano: -1 }), /timeUnixNano must be a whole number/],
      [requestOf({ flags: 2 ** 32 }), /flags must be a whole number/],
      [requestOf({ exemplars: [{ traceId: "xyz" }] }), /hexadecimal/],
    ] as const
  ) assert.throws(() => decodeJson(jsonOf(tree)), words);
});

test("absent, null and unknown keys of JSON are ignored", () => {
  const body = jsonOf({ resourceMetrics: null, other: [1] });
  assert.deepEqual(decodeJson(body), { resourceMetrics: [] });
});

test("more messages than a request may have are refused", () => {
  const body = new Uint8Array(1_200_000);
  for (let at = 0; at < body.length; at += 2) body[at] = 0x0a;
  assert.throws(() => decodeProto(body), /more than/);
});
