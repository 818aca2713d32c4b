/**
 * Encodes log events as OTLP/protobuf, message `ExportLogsServiceRequest`.
 *
 * Source of the field numbers: opentelemetry-proto 1.x, `logs.proto` and
 * `common.proto`.
 */
import { ByteWriter } from "../../base/mod.ts";
import {
  FullProtoWriter,
  type PlainFields,
  type PlainValue,
} from "../../base/internal.ts";
import { writePairs, writeText } from "./attributes_proto.ts";
import type { ItemEncoding } from "./item_sender.ts";
import { LOG_SCOPE, SEVERITY_NUMBERS } from "./log_encoding.ts";
import type { WaitingLog } from "./log_record.ts";
import { isInteger, nanoseconds } from "./numbers.ts";

/** OTLP logs over HTTP, as protobuf. */
export const logProto: ItemEncoding<WaitingLog> = {
  encode(logs, resource) {
    const out = new ByteWriter();
    const proto = new FullProtoWriter(out);
    const resourceLogs = proto.open(1);
    const described = proto.open(1);
    writePairs(proto, 1, resource);
    proto.close(described);
    const scopeLogs = proto.open(2);
    const scope = proto.open(1);
    proto.string(1, LOG_SCOPE);
    proto.close(scope);
    for (const log of logs) writeRecord(proto, log);
    proto.close(scopeLogs);
    proto.close(resourceLogs);
    return { body: out.take(), faults: [] };
  },
};

// Outside of a `oneof`, protobuf omits default values.

function writeRecord(proto: FullProtoWriter, log: WaitingLog): void {
  const { severity, message, fields, dropped, flags, traceId, spanId } = log;
  const at = proto.open(2);
  const time = nanoseconds(log.time);
  if (time !== 0n) proto.fixed64(1, time);
  proto.unsigned(2, SEVERITY_NUMBERS[severity]);
  writeText(proto, 3, severity.toUpperCase());
  writeAny(proto, 5, message);
  writeFields(proto, 6, fields);
  if (dropped !== 0) proto.unsigned(7, dropped);
  if (flags !== 0) proto.fixed32(8, flags);
  if (traceId !== "") proto.hex(9, traceId);
  if (spanId !== "") proto.hex(10, spanId);
  proto.fixed64(11, nanoseconds(log.observed));
  proto.close(at);
}

function writeFields(
  proto: FullProtoWriter,
  field: number,
  fields: PlainFields,
): void {
  for (const [key, value] of Object.entries(fields)) {
    const at = proto.open(field);
    writeText(proto, 1, key);
    writeAny(proto, 2, value);
    proto.close(at);
  }
}

/** Writes a message `AnyValue`; an empty one stands for null. */
function writeAny(
  proto: FullProtoWriter,
  field: number,
  value: PlainValue,
): void {
  const at = proto.open(field);
  if (typeof value === "string") proto.string(1, value);
  else if (typeof value === "boolean") proto.unsigned(2, value ? 1 : 0);
  else if (typeof value === "bigint") proto.signed(3, value);
  else if (typeof value === "number") {
    if (isInteger(value)) proto.signed(3, value);
    else proto.double(4, value);
  } else if (value instanceof Uint8Array) proto.bytes(7, value);
  else if (value !== null) {
    const isList = Array.isArray(value);
    const list = proto.open(isList ? 5 : 6);
    if (isList) { for (const item of value) writeAny(proto, 1, item); }
    else writeFields(proto, 1, value as PlainFields);
    proto.close(list);
  }
  proto.close(at);
}
