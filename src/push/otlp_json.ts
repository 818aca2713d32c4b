/**
 * Encodes spans as OTLP/JSON: keys in lower camel case, 64-bit integers as
 * strings, enums as numbers, ids in hexadecimal.
 *
 * Source: https://opentelemetry.io/docs/specs/otlp/, "JSON Protobuf Encoding".
 */
import type {
  Attributes,
  AttributeValue,
  SpanEvent,
  SpanLink,
  SpanRecord,
} from "../trace/mod.ts";
import {
  checkedCount,
  checkedId,
  checkedList,
  checkedText,
  numberOf,
} from "./checked.ts";
import {
  byScope,
  CODES,
  flagsOf,
  isInteger,
  KINDS,
  nanoseconds,
  type SpanEncoding,
  WHOLE_SUCCESS,
} from "./otlp.ts";

/** OTLP over HTTP, as JSON. */
export const otlpJson: SpanEncoding = {
  contentType: "application/json",
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
  partialSuccessIn(answer) {
    const { partialSuccess } = objectIn(answer);
    if (typeof partialSuccess !== "object" || partialSuccess === null) {
      return WHOLE_SUCCESS;
    }
    const { rejectedSpans, errorMessage } = partialSuccess as {
      readonly rejectedSpans?: unknown;
      readonly errorMessage?: unknown;
    };
    const rejected = Number(rejectedSpans ?? 0);
    return {
      rejected: Number.isSafeInteger(rejected) ? Math.max(0, rejected) : 0,
      words: typeof errorMessage === "string" ? errorMessage : "",
    };
  },
  messageIn(answer) {
    const { message } = objectIn(answer);
    return typeof message === "string"
      ? message
      : new TextDecoder().decode(answer);
  },
};

/** Returns the JSON object that `answer` holds; an empty one if it holds none. */
function objectIn(answer: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(new TextDecoder().decode(answer)));
  } catch {
    return {};
  }
}

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

function wellFormed(text: string): string {
  return checkedText(text).toWellFormed();
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
      // `Array.from`, unlike `map`, does not skip holes.
      return {
        arrayValue: {
          values: Array.from<AttributeValue, object>(
            checkedList(value),
            valueOf,
          ),
        },
      };
  }
}
