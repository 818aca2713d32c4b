/** The law of span records: well-typed, bounded and encodable, whatever is called. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { otlpJson } from "../../src/push/otlp/span_json.ts";
import { otlpProto } from "../../src/push/otlp/span_proto.ts";
import {
  alwaysOff,
  alwaysOn,
  type Attributes,
  createTracer,
  type Span,
  type SpanLimits,
  type SpanRecord,
} from "../../src/trace/mod.ts";
import { readExport } from "../support/otlp_reader.ts";
import * as fc from "../support/property.ts";
import { SPAN_ID, TRACE_ID } from "./fixtures.ts";

const MAX_NAME = 4096;

/** Objects whose every use throws, or answers differently each time. */
function hostiles(): unknown[] {
  const boom = () => {
    throw new Error("boom");
  };
  let reads = 0;
  return [
    new Proxy({}, {
      get: boom,
      has: boom,
      ownKeys: boom,
      getPrototypeOf: boom,
    }),
    new Proxy([], { get: boom }),
    new Proxy([1, 2], { get: (_, key) => key === "length" ? 1e9 : {} }),
    new Proxy(["a", "b"], {
      get: (list, key) =>
        key === "0" ? (reads++ % 2 ? 7 : "a") : list[key as never],
    }),
    {
      get a() {
        return boom();
      },
    },
    {
      get traceId() {
        return reads++ % 2 ? TRACE_ID : 7;
      },
      spanId: SPAN_ID,
      get sampled() {
        return boom();
      },
    },
    { then: boom },
    Object.create({ inherited: 1 }),
    Object.assign(Object.create(null), { bare: "x" }),
    Object.assign([1], { length: 3 }),
    Object.assign(new Error("x".repeat(100_000)), { stack: {} }),
    Object.assign(new Error("x"), { name: Symbol("x") }),
    { ["constructor"]: 1, ["toString"]: "x", ["hasOwnProperty"]: true },
    JSON.parse('{"__proto__":{"a":1},"":2}'),
    Array(200_000),
    Array(128).fill(""),
    Array(128).fill("\0".repeat(5000)),
    Array(128).fill(-1.7976931348623157e308),
    Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, NaN])),
    new Map([["a", 1]]),
    new Date(NaN),
    "\0".repeat(100_000),
    "\ud800",
    "\uffff".repeat(4096),
    Symbol("x"),
    boom,
    1n,
  ];
}

const simple = fc.oneof(
  fc.string({ maxLength: 20, unit: "binary" }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(undefined, null, "", "ok", "error", "server", -1, 1e300),
);

const context = fc.record({
  traceId: fc.constantFrom(TRACE_ID, TRACE_ID.toUpperCase(), "", undefined),
  spanId: fc.constantFrom(SPAN_ID, "0".repeat(16), 7),
  sampled: fc.constantFrom(true, false, "yes"),
  traceState: fc.constantFrom("", "a=1", "a=1\r\nx: y", "x".repeat(1e5), null),
}, { requiredKeys: [] });

const dictionary = fc.dictionary(
  fc.oneof(
    fc.string({ maxLength: 10 }),
    fc.constantFrom("constructor", "toString", "k".repeat(5000)),
  ),
  fc.oneof(simple, fc.array(simple, { maxLength: 5 })),
  { maxKeys: 10 },
);

/** Any argument; a number is an index into `hostiles()`. */
const argument = fc.oneof(
  simple.map((value) => () => value),
  context.map((value) => () => value),
  dictionary.map((value) => () => value),
  fc.nat(1000).map((i) => (odd: unknown[]) => odd[i % odd.length]),
);

const METHODS = [
  "setAttribute",
  "setAttributes",
  "addEvent",
  "addLink",
  "recordException",
  "setStatus",
  "updateName",
  "attribute",
] as const;

const call = fc.record({
  method: fc.constantFrom(...METHODS),
  args: fc.array(argument, { maxLength: 3 }),
  times: fc.constantFrom(1, 1, 1, 200),
});

const limits = fc.record({
  attributes: fc.constantFrom(0, 2, 128),
  events: fc.constantFrom(0, 2, 128),
  links: fc.constantFrom(0, 2, 128),
  valueLength: fc.constantFrom(0, 3, 4096),
  totalLength: fc.constantFrom(0, 100, 65_536),
});

/** The size by the definition of `SpanLimits.totalLength`. */
function sizeOf(attributes: Attributes): number {
  let size = 0;
  for (const [name, value] of Object.entries(attributes)) {
    size += 8 + name.length;
    if (typeof value === "string") size += value.length;
    else if (typeof value !== "object") size += 8;
    else {for (const item of value) {
        size += 8 + (typeof item === "string" ? item.length : 0);
      }}
  }
  return size;
}

function checkAttributes(attributes: Attributes, limits: SpanLimits): number {
  const entries = Object.entries(attributes);
  assert.ok(entries.length <= limits.attributes);
  for (const [name, value] of entries) {
    assert.ok(name !== "" && name.length <= MAX_NAME);
    const items: unknown[] = Array.isArray(value) ? value : [value];
    assert.ok(items.length <= 128);
    for (const item of items) {
      assert.match(typeof item, /^(?:string|number|boolean)$/);
      assert.equal(typeof item, typeof items[0]);
      if (typeof item === "string") {
        assert.ok(item.length <= limits.valueLength);
      }
    }
  }
  return sizeOf(attributes);
}

function checkText(text: unknown, length: number): void {
  assert.ok(typeof text === "string" && text.length <= length);
}

function checkTime(time: unknown): void {
  assert.ok(typeof time === "number" && time >= 0 && time <= 2 ** 53 / 1e6);
}

function checkContext({ traceId, spanId, sampled, traceState }: {
  readonly [K in keyof SpanRecord["context"]]: unknown;
}): void {
  assert.match(String(traceId), /^[0-9a-f]{32}$/);
  assert.match(String(spanId), /^[0-9a-f]{16}$/);
  assert.equal(typeof sampled, "boolean");
  checkText(traceState, 512);
}

function checkRecord(record: SpanRecord, limits: SpanLimits): void {
  checkText(record.name, MAX_NAME);
  assert.match(record.kind, /^(?:internal|server|client|producer|consumer)$/);
  checkContext(record.context);
  assert.match(record.parentSpanId, /^(?:[0-9a-f]{16})?$/);
  assert.equal(typeof record.parentIsRemote, "boolean");
  checkTime(record.start);
  checkTime(record.end);
  assert.ok(record.end >= record.start);
  let size = checkAttributes(record.attributes, limits);
  assert.ok(record.events.length <= limits.events);
  for (const { name, time, attributes } of record.events) {
    checkText(name, MAX_NAME);
    checkTime(time);
    size += 16 + name.length + checkAttributes(attributes, limits);
  }
  assert.ok(record.links.length <= limits.links);
  for (const { context, attributes } of record.links) {
    checkContext(context);
    size += 64 + context.traceState.length;
    size += checkAttributes(attributes, limits);
  }
  assert.ok(size <= limits.totalLength, `${size}`);
  assert.match(record.status.code, /^(?:unset|ok|error)$/);
  checkText(record.status.message, limits.valueLength);
  checkText(record.scope.name, MAX_NAME);
  checkText(record.scope.version, MAX_NAME);
}

/** The stated figure: bytes of an encoded span, its resource and its scope. */
function maxBytes({ totalLength, valueLength }: SpanLimits): number {
  return 6 * (totalLength + valueLength + 3 * MAX_NAME + 512) + 1024;
}

function checkEncodings(record: SpanRecord, limits: SpanLimits): void {
  const encodings = [
    [otlpProto, "application/x-protobuf"],
    [otlpJson, "application/json"],
  ] as const;
  for (const [encoding, contentType] of encodings) {
    const { body, faults } = encoding.encode([record], {});
    assert.deepEqual(faults, []);
    assert.ok(body.length <= maxBytes(limits), `${body.length} bytes`);
    const { spans } = readExport(body, contentType);
    assert.equal(spans.length, 1);
    assert.equal(
      Object.keys(spans[0]!.attributes).length,
      Object.keys(record.attributes).length,
    );
  }
}

test("law: whatever is called on a span, its record is well-typed, bounded and encodable", () => {
  fc.assert(
    fc.property(
      limits,
      fc.array(argument, { minLength: 8, maxLength: 8 }),
      fc.array(call, { maxLength: 12 }),
      (limits, given, calls) => {
        const odd = hostiles();
        const [name, kind, attributes, links, parent, start, scope, end] = given
          .map((argument) => argument(odd));
        const tracer = createTracer({ limits, sampler: alwaysOn });
        const records: SpanRecord[] = [];
        tracer.onEnd((record) => void records.push(record));
        const options = { kind, attributes, links, parent, start };
        const span = tracer.named(scope as string, scope as string)
          .start(name as string, options as never);
        for (const { method, args, times } of calls) {
          const values = args.map((argument) => argument(odd));
          for (let i = 0; i < times; i++) {
            (span[method] as (...args: unknown[]) => unknown)(...values);
          }
        }
        span.end(end as number);
        assert.equal(records.length, 1);
        checkRecord(records[0]!, limits);
        checkEncodings(records[0]!, limits);
      },
    ),
    { numRuns: 300 },
  );
});

test("law: an unsampled span and record() take any arguments", () => {
  fc.assert(
    fc.property(fc.array(argument, { minLength: 6, maxLength: 6 }), (given) => {
      const odd = hostiles();
      const [name, kind, attributes, links, parent, start] = given.map(
        (argument) => argument(odd),
      );
      const options = { kind, attributes, links, parent, start } as never;
      const off = createTracer({ sampler: alwaysOff });
      off.onEnd(() => {});
      const span = off.start(name as string, options);
      span.setAttributes(attributes as Attributes).end(start as number);
      assert.match(span.context.traceId, /^[0-9a-f]{32}$/);
      assert.match(span.context.spanId, /^[0-9a-f]{16}$/);
      const records: SpanRecord[] = [];
      const on = createTracer();
      on.onEnd((record) => void records.push(record));
      on.run("outer", () => on.record(name as string, start as number, parent));
      assert.equal(records.length, 2);
    }),
  );
});

test("an attribute that changes its span while it is read cannot exceed a limit", () => {
  const limits = {
    attributes: 2,
    events: 2,
    links: 2,
    valueLength: 10,
    totalLength: 1000,
  };
  const link = {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    sampled: true,
    traceState: "",
  };
  const reentrant = (span: Span, work: (span: Span) => void) => ({
    get x() {
      work(span);
      return 1;
    },
  });
  const works: ((span: Span) => void)[] = [
    (span) => span.addEvent("a").addEvent("b").addEvent("c"),
    (span) => span.addLink(link).addLink(link).addLink(link),
    (span) => span.setAttributes({ a: 1, b: 2, c: 3 }),
    (span) => span.end(),
  ];
  for (const work of works) {
    const tracer = createTracer({ limits });
    const records: SpanRecord[] = [];
    tracer.onEnd((record) => void records.push(record));
    for (const method of ["setAttributes", "addEvent", "addLink"] as const) {
      const span = tracer.start("work");
      const attributes = reentrant(span, work);
      if (method === "setAttributes") span.setAttributes(attributes);
      else if (method === "addEvent") span.addEvent("e", attributes);
      else span.addLink(link, attributes);
      span.end();
    }
    assert.equal(records.length, 3);
    for (const record of records) checkRecord(record, limits);
  }
});
