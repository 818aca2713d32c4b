/** Laws: one bad span costs itself only, and no collector delays the end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { type PostFetch, spanExporter } from "../../src/push/mod.ts";
import { otlpJson } from "../../src/push/otlp/span_json.ts";
import { otlpProto } from "../../src/push/otlp/span_proto.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import type { SpanRecord } from "../../src/trace/mod.ts";
import { readExport } from "../support/otlp_reader.ts";
import { span } from "./fixtures.ts";

/** A list that contains itself. */
const endless: unknown[] = [];
endless.push(endless);

const throwing = new Proxy({}, {
  get: () => {
    throw new Error("get");
  },
  ownKeys: () => {
    throw new Error("ownKeys");
  },
});

const nonsense = fc.constantFrom<unknown>(
  undefined,
  null,
  "",
  "x",
  "constructor",
  "\ud800",
  NaN,
  -1,
  2 ** 40,
  1n,
  true,
  Symbol("s"),
  () => 1,
  {},
  { toJSON: () => null },
  { length: 32 },
  [undefined],
  [1, , 2],
  [null, "a"],
  endless,
  new Array(2 ** 32 - 1),
  throwing,
);

/** Places of a span, as paths of members. */
const place = fc.constantFrom(
  ...[
    "name",
    "kind",
    "context",
    "context.traceId",
    "context.spanId",
    "context.traceState",
    "context.sampled",
    "parentSpanId",
    "parentIsRemote",
    "start",
    "end",
    "attributes",
    "attributes.a",
    "attributes.list",
    "events",
    "events.0",
    "events.0.name",
    "events.0.time",
    "events.0.attributes",
    "events.0.attributes.a",
    "links",
    "links.0",
    "links.0.context",
    "links.0.context.traceId",
    "links.0.attributes",
    "status",
    "status.code",
    "status.message",
    "dropped",
    "dropped.attributes",
    "dropped.links",
    "scope",
    "scope.name",
    "scope.version",
  ].map((path) => path.split(".")),
);

/** Returns a span of which one member is replaced, or nonsense instead of one. */
const badSpan: fc.Arbitrary<SpanRecord> = fc.oneof(
  { weight: 20, arbitrary: fc.tuple(place, nonsense, fc.boolean()) },
  { weight: 1, arbitrary: nonsense },
).map((spoilt) => {
  if (!Array.isArray(spoilt) || !Array.isArray(spoilt[0])) {
    return spoilt as SpanRecord;
  }
  const [path, value, throws] = spoilt as [string[], unknown, boolean];
  const link = { context: span(2).context, attributes: { a: "b" } };
  const record = structuredClone({
    ...span(),
    attributes: { a: 1, list: ["a"] },
    events: [{ name: "event", time: 1, attributes: { a: 1 } }],
    links: [link],
  }) as unknown as Record<string, unknown>;
  const owner = path.slice(0, -1).reduce(
    (owner, key) => owner[key] as Record<string, unknown>,
    record,
  );
  Object.defineProperty(
    owner,
    path.at(-1)!,
    throws
      ? {
        enumerable: true,
        get: () => {
          throw new Error("getter");
        },
      }
      : { enumerable: true, value },
  );
  return record as unknown as SpanRecord;
});

function isBad(record: SpanRecord): boolean {
  return otlpProto.encode([record], {}).faults.length > 0;
}

test("law: both encodings leave out the same spans", () => {
  fc.assert(fc.property(badSpan, (record) => {
    const { body, faults } = otlpJson.encode([record], {});
    assert.equal(faults.length > 0, isBad(record));
    const { spans } = readExport(body, "application/json");
    assert.equal(spans.length + faults.length, 1);
  }));
});

/** A response or a failure of a hostile collector; the request is decoded. */
type Answer = "never" | "throws" | "endless" | "stalled" | "empty" | {
  readonly status: number;
  readonly body: string;
  readonly headers: Record<string, string>;
};

const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.constantFrom("never", "throws", "endless", "stalled", "empty"),
  fc.record({
    status: fc.constantFrom(200, 204, 301, 400, 401, 413, 415, 429, 500, 503),
    body: fc.constantFrom("", "{}", "null", "request body too large", "\u0000"),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      { "retry-after": "99999999999999999999" },
      { "retry-after": "-1" },
      { "retry-after": "Thu, 01 Jan 9999 00:00:00 GMT" },
      { location: "http://elsewhere/" },
    ),
  }).map((given) => given.status === 204 ? { ...given, status: 200 } : given),
);

/** Returns a response whose body ignores every signal. */
function responseTo(answer: Exclude<Answer, string> | string): Response {
  if (typeof answer === "object") {
    const { body, ...init } = answer;
    return new Response(body, init);
  }
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    if (answer !== "stalled") {
      controller.enqueue(new Uint8Array(answer === "empty" ? 0 : 1024));
      return Promise.resolve();
    }
    return new Promise<void>(() => {});
  };
  return new Response(new ReadableStream({ pull }), {
    status: answer === "stalled" ? 400 : 200,
  });
}

test("law: hostile spans and collectors lose no count and delay no end", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(badSpan), {
        minLength: 1,
        maxLength: 40,
        size: "max",
      }),
      fc.array(answer, { maxLength: 10, size: "max" }),
      fc.constantFrom<"json" | "protobuf">("json", "protobuf"),
      async (given, answers, protocol) => {
        const timers = new FakeTimers();
        const pass = async (seconds: number) => {
          for (let i = 0; i < 2 * seconds; i++) {
            await new Promise((resolve) => setTimeout(resolve, 0));
            timers.advance(0.5);
          }
          await new Promise((resolve) => setTimeout(resolve, 0));
        };
        let calls = 0;
        const fetch: PostFetch = (_url, { body }) => {
          const next = answers[calls++];
          if (next === "never") return new Promise(() => {});
          if (next === "throws") throw undefined;
          readExport(
            body as Uint8Array,
            `application/${protocol === "json" ? "json" : "x-protobuf"}`,
          );
          return Promise.resolve(
            next === undefined ? new Response() : responseTo(next),
          );
        };
        const exporter = spanExporter({
          endpoint: "http://collector",
          protocol,
          fetch,
          timers,
          batch: 16,
          timeout: 3,
          compress: false,
          onError: () => Promise.reject(new Error("listener")),
        });
        const records = given.map((bad, n) => bad ?? span(n + 1));
        records.forEach(exporter.export);
        const gaveUp = new AbortController();
        const flushed = exporter.flush(gaveUp.signal);
        await pass(2);
        gaveUp.abort();
        await flushed;
        const ended = exporter.shutdown(4);
        await pass(4.5);
        await ended;
        const { exported, rejected, lost, queued } = exporter.stats();
        assert.equal(queued, 0);
        assert.equal(exported + rejected + lost, given.length);
        if (answers.length > 0) return;
        const bad = records.filter(isBad).length;
        assert.deepEqual([exported, rejected], [given.length - bad, bad]);
      },
    ),
    { numRuns: 150 },
  );
});
