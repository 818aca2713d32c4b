// A list with a hole, a name that was no text or a link without ids made encoding
// throw: one odd span took the other 511 of its batch with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { spanExporter } from "../../src/push/mod.ts";
import {
  createTracer,
  type Span,
  type SpanOptions,
} from "../../src/trace/mod.ts";
import { traced } from "../trace/fixtures.ts";

type Loose = Record<string, (...args: unknown[]) => unknown>;

/** Changes that types refuse, by the member of `dropped` that counts them. */
const CHANGES: readonly [
  what: string,
  counted: "attributes" | "events" | "links" | undefined,
  change: (span: Loose) => unknown,
][] = [
  ["a list with holes", "attributes", (span) => {
    const list = ["a"];
    list[3] = "b";
    span["setAttribute"]!("list", list);
  }],
  [
    "a name of an attribute",
    "attributes",
    (span) => span["setAttribute"]!(7, 1),
  ],
  [
    "attributes that are no object",
    "attributes",
    (span) => span["setAttributes"]!("abc"),
  ],
  [
    "a list of attributes",
    "attributes",
    (span) => span["setAttributes"]!(["a"]),
  ],
  ["a name of the span", undefined, (span) => span["updateName"]!(undefined)],
  ["a name of an event", "events", (span) => span["addEvent"]!(undefined)],
  ["a time of an event", undefined, (span) => span["addEvent"]!("e", {}, NaN)],
  ["milliseconds", undefined, (span) => span["addEvent"]!("e", {}, Date.now())],
  ["no context", "links", (span) => span["addLink"]!(undefined)],
  [
    "ids that are none",
    "links",
    (span) => span["addLink"]!({ traceId: "x", spanId: "y" }),
  ],
  ["a message", undefined, (span) => span["setStatus"]!("error", 7)],
  ["a status", undefined, (span) => span["setStatus"]!("failed")],
  ["an end", undefined, (span) => span["end"]!(new Date())],
];

/** Options of `start` that types refuse. */
const STARTS: readonly [what: string, options: unknown][] = [
  ["a kind", { kind: "constructor" }],
  ["a parent that is no object", { parent: "abc" }],
  ["a parent without ids", { parent: {} }],
  ["a span without ids", { parent: { context: {}, propagates: true } }],
  ["links that are no list", { links: 7 }],
  ["attributes that come later", { attributes: () => Promise.resolve({}) }],
  ["a start", { start: "now" }],
];

test("a wrong value is dropped and counted", () => {
  for (const [what, counted, change] of CHANGES) {
    const { tracer, spans } = traced();
    const span = tracer.start("work");
    change(span as unknown as Loose);
    span.end();
    assert.equal(tracer.stats().dropped.invalid, 1, what);
    const { attributes, events, links } = spans[0]!.dropped;
    const sum = attributes + events + links;
    assert.equal(sum, counted === undefined ? 0 : 1, what);
    if (counted !== undefined) {
      assert.equal(spans[0]!.dropped[counted], 1, what);
    }
    assert.equal(spans[0]!.name, "work", what);
  }
  for (const [what, options] of STARTS) {
    const { tracer, spans } = traced();
    tracer.start("work", options as SpanOptions).end();
    assert.equal(tracer.stats().dropped.invalid, 1, what);
    assert.deepEqual([spans[0]!.kind, spans[0]!.parentSpanId], [
      "internal",
      "",
    ]);
    assert.equal(spans[0]!.context.traceId.length, 32);
  }
});

test("names of spans and tracers that are no text are empty", () => {
  const { tracer, spans } = traced();
  tracer.named(undefined as never, 7 as never).start(7 as never).end();
  const { name, scope } = spans[0]!;
  assert.deepEqual([name, scope.name, scope.version], ["", "", ""]);
  assert.equal(tracer.stats().dropped.invalid, 3);
});

test("record() takes anything as the start", () => {
  const { tracer, spans } = traced();
  tracer.run("outer", () => {
    for (const start of [null, undefined, "x", {}, { seconds: () => 1n }]) {
      tracer.record("work", start as never);
    }
  });
  assert.equal(spans.length, 6);
  assert.equal(tracer.stats().dropped.invalid, 5);
});

for (const protocol of ["protobuf", "json"] as const) {
  test(`an odd span takes no other with it: ${protocol}`, async () => {
    const errors: Error[] = [];
    const exporter = spanExporter({
      endpoint: "http://localhost:4318",
      protocol,
      onError: (error) => errors.push(error),
      fetch: () => Promise.resolve(new Response()),
    });
    const tracer = createTracer();
    tracer.onEnd(exporter.export);
    for (const [, , change] of CHANGES) {
      const span: Span = tracer.start("odd");
      change(span as unknown as Loose);
      span.end();
    }
    for (const [, options] of STARTS) {
      tracer.start("odd", options as SpanOptions).end();
    }
    tracer.named(undefined as never).start(undefined as never).end();
    await exporter.flush();
    assert.deepEqual(errors, []);
    const sum = CHANGES.length + STARTS.length + 1;
    assert.equal(exporter.stats().exported, sum);
    await exporter.shutdown();
  });
}
