/**
 * Encodes spans as OTLP/protobuf, message `ExportTraceServiceRequest`.
 *
 * Source of the field numbers: opentelemetry-proto 1.x, `trace.proto` and
 * `common.proto`.
 */
import { ByteWriter } from "../base/mod.ts";
import { FullProtoWriter } from "../base/internal.ts";
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

/** OTLP over HTTP, as protobuf. */
export const otlpProto: SpanEncoding = {
  contentType: "application/x-protobuf",
  encode(spans, resource) {
    const out = new ByteWriter();
    const proto = new FullProtoWriter(out);
    const faults: unknown[] = [];
    const resourceSpans = proto.open(1);
    const described = proto.open(1);
    writePairs(proto, 1, resource);
    proto.close(described);
    for (const group of byScope(spans, faults)) {
      const scopeSpans = proto.open(2);
      const scope = proto.open(1);
      writeText(proto, 1, group.scope.name);
      writeText(proto, 2, group.scope.version);
      proto.close(scope);
      for (const span of group.spans) {
        const mark = out.mark();
        try {
          writeSpan(proto, span);
        } catch (error) {
          out.rollback(mark);
          faults.push(error);
        }
      }
      proto.close(scopeSpans);
    }
    proto.close(resourceSpans);
    return { body: out.take(), faults };
  },
  partialSuccessIn(answer) {
    // ExportTraceServiceResponse.partial_success
    const partial = fieldOf(answer, 1);
    if (!(partial instanceof Uint8Array)) return WHOLE_SUCCESS;
    const rejected = fieldOf(partial, 1);
    return {
      // A value beyond 2^53 is negative, or larger than any request.
      rejected: Number.isSafeInteger(rejected) ? rejected as number : 0,
      words: textOf(fieldOf(partial, 2)),
    };
  },
  // google.rpc.Status.message
  messageIn: (answer) => textOf(fieldOf(answer, 2)),
};

function textOf(field: ReturnType<typeof fieldOf>): string {
  return field instanceof Uint8Array ? new TextDecoder().decode(field) : "";
}

function writeSpan(proto: FullProtoWriter, span: SpanRecord): void {
  const { context, dropped, parentSpanId, status } = span;
  const at = proto.open(2);
  proto.hex(1, checkedId(context.traceId, 32));
  proto.hex(2, checkedId(context.spanId, 16));
  writeText(proto, 3, context.traceState);
  if (parentSpanId !== "") proto.hex(4, checkedId(parentSpanId, 16));
  writeText(proto, 5, span.name);
  proto.unsigned(6, numberOf(KINDS, span.kind));
  writeTime(proto, 7, span.start);
  writeTime(proto, 8, span.end);
  writePairs(proto, 9, span.attributes);
  writeNumber(proto, 10, checkedCount(dropped.attributes));
  for (const event of checkedList(span.events)) writeEvent(proto, event);
  writeNumber(proto, 12, checkedCount(dropped.events));
  for (const link of checkedList(span.links)) writeLink(proto, link);
  writeNumber(proto, 14, checkedCount(dropped.links));
  const outcome = proto.open(15);
  writeText(proto, 2, status.message);
  writeNumber(proto, 3, numberOf(CODES, status.code));
  proto.close(outcome);
  proto.fixed32(16, flagsOf(span));
  proto.close(at);
}

function writeEvent(proto: FullProtoWriter, event: SpanEvent): void {
  const at = proto.open(11);
  writeTime(proto, 1, event.time);
  writeText(proto, 2, event.name);
  writePairs(proto, 3, event.attributes);
  proto.close(at);
}

function writeLink(
  proto: FullProtoWriter,
  { context, attributes }: SpanLink,
): void {
  const at = proto.open(13);
  proto.hex(1, checkedId(context.traceId, 32));
  proto.hex(2, checkedId(context.spanId, 16));
  writeText(proto, 3, context.traceState);
  writePairs(proto, 4, attributes);
  proto.close(at);
}

// Outside of a `oneof`, protobuf omits default values.

function writeText(proto: FullProtoWriter, field: number, text: string): void {
  if (checkedText(text) !== "") proto.string(field, text);
}

function writeNumber(
  proto: FullProtoWriter,
  field: number,
  value: number,
): void {
  if (value !== 0) proto.unsigned(field, value);
}

function writeTime(proto: FullProtoWriter, field: number, unix: number): void {
  const time = nanoseconds(unix);
  if (time !== 0n) proto.fixed64(field, time);
}

function writePairs(
  proto: FullProtoWriter,
  field: number,
  attributes: Attributes,
): void {
  for (const [key, value] of Object.entries(attributes)) {
    const at = proto.open(field);
    proto.string(1, key);
    writeValue(proto, 2, value);
    proto.close(at);
  }
}

/** Writes a message `AnyValue`. */
function writeValue(
  proto: FullProtoWriter,
  field: number,
  value: AttributeValue,
): void {
  const at = proto.open(field);
  if (typeof value === "string") proto.string(1, value);
  else if (typeof value === "boolean") proto.unsigned(2, value ? 1 : 0);
  else if (typeof value !== "number") {
    const list = proto.open(5);
    for (const item of checkedList(value)) writeValue(proto, 1, item);
    proto.close(list);
  } else if (isInteger(value)) proto.signed(3, value);
  else proto.double(4, value);
  proto.close(at);
}

/**
 * Returns the first varint or length-delimited field with the number `wanted`;
 * undefined if there is none or the message is malformed.
 */
function fieldOf(
  message: Uint8Array,
  wanted: number,
): number | Uint8Array | undefined {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < message.length; scale *= 128) {
      const byte = message[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return NaN;
  };
  while (at < message.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (tag % 8 === 0) {
      const value = varint();
      if (field === wanted) return value;
    } else if (tag % 8 === 2) {
      const length = varint();
      if (!(at + length <= message.length)) return undefined;
      if (field === wanted) return message.subarray(at, at + length);
      at += length;
    } else if (tag % 8 === 1) at += 8;
    else if (tag % 8 === 5) at += 4;
    else return undefined;
  }
  return undefined;
}
