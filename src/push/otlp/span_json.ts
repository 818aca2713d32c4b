/**
 * Encodes spans as OTLP/JSON: keys in lower camel case, 64-bit integers as
 * strings, enums as numbers, ids in hexadecimal.
 *
 * Source: https://opentelemetry.io/docs/specs/otlp/, "JSON Protobuf Encoding".
 */
import type { SpanEvent, SpanLink, SpanRecord } from "../../trace/mod.ts";
import { pairs, wellFormed } from "./attributes_json.ts";
import { checkedCount, checkedId, checkedList, numberOf } from "./checked.ts";
import type { ItemEncoding } from "./item_sender.ts";
import { nanoseconds } from "./numbers.ts";
import { byScope, CODES, flagsOf, KINDS } from "./span_encoding.ts";

/** OTLP over HTTP, as JSON. */
export const otlpJson: ItemEncoding<SpanRecord> = {
  encode(spans, resource) {
    const faults: unknown[] = [];
    const scopes = byScope(spans, faults).map(({ scope, spans }) => {
      const texts: string[] = [];
      for (const span of spans) {
        try {
          texts.push(JSON.stringify(spanOf(span)));
        } catch (error) {
          faults.push(error);
        }
      }
      const name = scope.name.toWellFormed();
      const version = scope.version.toWellFormed();
      const text = JSON.stringify({ name, version });
      return `{"scope":${text},"spans":[${texts}]}`;
    });
    const described = JSON.stringify({ attributes: pairs(resource) });
    const text = `{"resource":${described},"scopeSpans":[${scopes}]}`;
    const body = new TextEncoder().encode(`{"resourceSpans":[${text}]}`);
    return { body, faults };
  },
};

// `JSON.stringify` omits undefined members.

function spanOf(span: SpanRecord): object {
  const { context, parentSpanId, status, dropped } = span;
  return {
    traceId: checkedId(context.traceId, 32),
    spanId: checkedId(context.spanId, 16),
    traceState: wellFormed(context.traceState) || undefined,
    parentSpanId: parentSpanId === "" ? undefined : checkedId(parentSpanId, 16),
    flags: flagsOf(span),
    name: wellFormed(span.name),
    kind: numberOf(KINDS, span.kind),
    startTimeUnixNano: String(nanoseconds(span.start)),
    endTimeUnixNano: String(nanoseconds(span.end)),
    attributes: pairs(span.attributes),
    droppedAttributesCount: checkedCount(dropped.attributes),
    events: Array.from(checkedList(span.events), eventOf),
    droppedEventsCount: checkedCount(dropped.events),
    links: Array.from(checkedList(span.links), linkOf),
    droppedLinksCount: checkedCount(dropped.links),
    status: {
      code: numberOf(CODES, status.code),
      message: wellFormed(status.message) || undefined,
    },
  };
}

function eventOf({ name, time, attributes }: SpanEvent): object {
  return {
    timeUnixNano: String(nanoseconds(time)),
    name: wellFormed(name),
    attributes: pairs(attributes),
  };
}

function linkOf({ context, attributes }: SpanLink): object {
  return {
    traceId: checkedId(context.traceId, 32),
    spanId: checkedId(context.spanId, 16),
    traceState: wellFormed(context.traceState) || undefined,
    attributes: pairs(attributes),
  };
}
