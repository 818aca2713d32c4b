/** Both encodings of spans, decoded as a collector does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { spanExporter } from "../../src/push/mod.ts";
import type {
  Attributes,
  AttributeValue,
  SpanRecord,
} from "../../src/trace/mod.ts";
import type { Seen, SeenPairs, SeenSpan } from "../support/otlp_reader.ts";
import { anySpan, collecting, span } from "./fixtures.ts";

const KINDS = ["", "internal", "server", "client", "producer", "consumer"];
const CODES = ["unset", "ok", "error"];
const PROTOCOLS = ["json", "protobuf"] as const;

function nano(seconds: number): string {
  return String(BigInt(Math.round(seconds * 1e6)) * 1000n);
}

function seen(value: AttributeValue): Seen {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value === "boolean") return value;
  if (typeof value !== "number") return value.map(seen);
  return Number.isSafeInteger(value)
    ? { int: String(value) }
    : { double: value };
}

function pairs(attributes: Attributes): SeenPairs {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, seen(value)]),
  );
}

/** Returns a span as a collector reads it. */
function expected(record: SpanRecord): SeenSpan {
  const { context, dropped, scope, status } = record;
  return {
    scope: `${scope.name}@${scope.version}`,
    traceId: context.traceId,
    spanId: context.spanId,
    traceState: context.traceState,
    parentSpanId: record.parentSpanId,
    flags: 256 + (record.parentIsRemote ? 512 : 0) + (context.sampled ? 1 : 0),
    name: record.name.toWellFormed(),
    kind: KINDS.indexOf(record.kind),
    start: nano(record.start),
    end: nano(record.end),
    attributes: pairs(record.attributes),
    events: record.events.map(({ name, time, attributes }) => [
      name.toWellFormed(),
      nano(time),
      pairs(attributes),
    ]),
    links: record.links.map(({ context, attributes }) => [
      context.traceId,
      context.spanId,
      context.traceState,
      pairs(attributes),
    ]),
    status: [CODES.indexOf(status.code), status.message.toWellFormed()],
    dropped: [dropped.attributes, dropped.events, dropped.links],
  };
}

test(
  "law: both encodings preserve all data of spans",
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anySpan, { minLength: 1, maxLength: 8 }),
        async (spans) => {
          for (const protocol of PROTOCOLS) {
            const { fetch, sent } = collecting();
            const exporter = spanExporter({
              endpoint: "http://localhost",
              protocol,
              fetch,
            });
            spans.forEach(exporter.export);
            assert.equal(await exporter.shutdown(), true);
            const order = (list: readonly SeenSpan[]) =>
              list.toSorted((a, b) =>
                a.scope < b.scope ? -1 : a.scope > b.scope ? 1 : 0
              );
            assert.deepEqual(
              order(sent.flatMap((request) => request.export.spans)),
              order(spans.map(expected)),
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  },
);

test("spanExporter() sends the resource with its defaults", async () => {
  for (const protocol of PROTOCOLS) {
    const { fetch, sent } = collecting();
    const exporter = spanExporter({
      endpoint: "http://localhost",
      protocol,
      fetch,
      resource: {
        "service.name": "shop",
        "service.instance.id": "b",
        zone: "a",
        replicas: 3,
      },
    });
    exporter.export(span());
    await exporter.shutdown();
    assert.deepEqual(sent[0]?.export.resource, {
      "service.name": "shop",
      "service.instance.id": "b",
      "telemetry.sdk.name": "barograph",
      "telemetry.sdk.language": "javascript",
      zone: "a",
      replicas: { int: "3" },
    });
  }
});

test("spanExporter() sends times that OTLP cannot express as 0", async () => {
  for (const protocol of PROTOCOLS) {
    const { fetch, sent } = collecting();
    const exporter = spanExporter({
      endpoint: "http://localhost",
      protocol,
      fetch,
    });
    for (const start of [NaN, -1, Infinity, 1e300]) {
      exporter.export({ ...span(), start });
    }
    assert.equal(await exporter.shutdown(), true);
    const starts = sent.flatMap((request) => request.export.spans)
      .map(({ start }) => start);
    assert.deepEqual(starts, ["0", "0", "0", "0"]);
  }
});

test("spanExporter() sends JSON with the members of the specification", async () => {
  const bodies: BodyInit[] = [];
  const exporter = spanExporter({
    endpoint: "http://localhost",
    protocol: "json",
    resource: { "service.name": "shop", "service.instance.id": "b" },
    compress: false,
    fetch: (_url, { body }) => {
      bodies.push(body!);
      return Promise.resolve(new Response());
    },
  });
  const parent = span(2).context;
  exporter.export({
    ...span(1),
    kind: "server",
    parentSpanId: parent.spanId,
    parentIsRemote: true,
    attributes: {
      text: "a\ud800",
      whole: 7,
      half: 0.5,
      none: NaN,
      yes: true,
      list: [1, -Infinity],
    },
    events: [{ name: "retry", time: 1_700_000_000.5, attributes: {} }],
    links: [{ context: { ...parent, traceState: "a=1" }, attributes: {} }],
    status: { code: "error", message: "boom" },
    dropped: { attributes: 1, events: 2, links: 3 },
    scope: { name: "shop", version: "2" },
  });
  assert.equal(await exporter.shutdown(), true);
  const pair = (key: string, value: object) => ({ key, value });
  assert.deepEqual(JSON.parse(await new Response(bodies[0]!).text()), {
    resourceSpans: [{
      resource: {
        attributes: [
          pair("service.name", { stringValue: "shop" }),
          pair("service.instance.id", { stringValue: "b" }),
          pair("telemetry.sdk.name", { stringValue: "barograph" }),
          pair("telemetry.sdk.language", { stringValue: "javascript" }),
        ],
      },
      scopeSpans: [{
        scope: { name: "shop", version: "2" },
        spans: [{
          traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
          spanId: "0000000000000001",
          parentSpanId: "0000000000000002",
          flags: 0x301,
          name: "span 1",
          kind: 2,
          startTimeUnixNano: "1700000000000000000",
          endTimeUnixNano: "1700000001000000000",
          attributes: [
            pair("text", { stringValue: "a\ufffd" }),
            pair("whole", { intValue: "7" }),
            pair("half", { doubleValue: 0.5 }),
            pair("none", { doubleValue: "NaN" }),
            pair("yes", { boolValue: true }),
            pair("list", {
              arrayValue: {
                values: [{ intValue: "1" }, { doubleValue: "-Infinity" }],
              },
            }),
          ],
          droppedAttributesCount: 1,
          events: [{
            timeUnixNano: "1700000000500000000",
            name: "retry",
            attributes: [],
          }],
          droppedEventsCount: 2,
          links: [{
            traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
            spanId: "0000000000000002",
            traceState: "a=1",
            attributes: [],
          }],
          droppedLinksCount: 3,
          status: { code: 2, message: "boom" },
        }],
      }],
    }],
  });
});
