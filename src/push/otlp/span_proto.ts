/**
 * Encodes spans as OTLP/protobuf, message `ExportTraceServiceRequest`.
 *
 * Source of the field numbers: opentelemetry-proto 1.x, `trace.proto` and
 * `common.proto`.
 */
import { ByteWriter } from "../../base/mod.ts";
import { FullProtoWriter } from "../../base/internal.ts";
import type { SpanEvent, SpanLink, SpanRecord } from "../../trace/mod.ts";
import { writePairs, writeText } from "./attributes_proto.ts";
import { checkedCount, checkedId, checkedList, numberOf } from "./checked.ts";
import type { ItemEncoding } from "./item_sender.ts";
import { nanoseconds } from "./numbers.ts";
import { byScope, CODES, flagsOf, KINDS } from "./span_encoding.ts";

/** OTLP over HTTP, as protobuf. */
export const otlpProto: ItemEncoding<SpanRecord> = {
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
};

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
