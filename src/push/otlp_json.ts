/**
 * Encodes spans as OTLP/JSON: keys in lower camel case, 64-bit integers as
 * strings, enums as numbers, ids in hexadecimal.
 *
 * Source: https://opentelemetry.io/docs/specs/otlp/, "JSON Protobuf Encoding".
 */
import type { Attributes, AttributeValue, SpanRecord } from "../trace/mod.ts";
import {
  byScope,
  CODES,
  flagsOf,
  isInteger,
  KINDS,
  nanoseconds,
  type SpanEncoding,
} from "./otlp.ts";

/** OTLP over HTTP, as JSON. */
export const otlpJson: SpanEncoding = {
  contentType: "application/json",
  encode(spans, resource) {
    const body = {
      resourceSpans: [{
        resource: { attributes: pairs(resource) },
        scopeSpans: byScope(spans).map((group) => ({
          scope: {
            name: group.scope.name.toWellFormed(),
            version: group.scope.version.toWellFormed(),
          },
          spans: group.spans.map(spanOf),
        })),
      }],
    };
    return new TextEncoder().encode(JSON.stringify(body));
  },
  rejectedIn(answer) {
    try {
      const { partialSuccess } = JSON.parse(new TextDecoder().decode(answer));
      const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
      return Number.isSafeInteger(rejected) ? Math.max(0, rejected) : 0;
    } catch {
      return 0; // without a count, all spans were accepted
    }
  },
};

// `JSON.stringify` omits undefined members.

function spanOf(span: SpanRecord): object {
  const { context, status, dropped } = span;
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    traceState: context.traceState || undefined,
    parentSpanId: span.parentSpanId || undefined,
    flags: flagsOf(span),
    name: span.name.toWellFormed(),
    kind: KINDS[span.kind],
    startTimeUnixNano: String(nanoseconds(span.start)),
    endTimeUnixNano: String(nanoseconds(span.end)),
    attributes: pairs(span.attributes),
    droppedAttributesCount: dropped.attributes,
    events: span.events.map(({ name, time, attributes }) => ({
      timeUnixNano: String(nanoseconds(time)),
      name: name.toWellFormed(),
      attributes: pairs(attributes),
    })),
    droppedEventsCount: dropped.events,
    links: span.links.map(({ context, attributes }) => ({
      traceId: context.traceId,
      spanId: context.spanId,
      traceState: context.traceState || undefined,
      attributes: pairs(attributes),
    })),
    droppedLinksCount: dropped.links,
    status: {
      code: CODES[status.code],
      message: status.message.toWellFormed() || undefined,
    },
  };
}

function pairs(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key: key.toWellFormed(),
    value: valueOf(value),
  }));
}

function valueOf(value: AttributeValue): object {
  switch (typeof value) {
    case "string":
      return { stringValue: value.toWellFormed() };
    case "boolean":
      return { boolValue: value };
    case "number":
      if (isInteger(value)) return { intValue: String(value) };
      // JSON has no numbers for NaN and the infinities.
      return { doubleValue: Number.isFinite(value) ? value : String(value) };
    default:
      return { arrayValue: { values: value.map(valueOf) } };
  }
}
