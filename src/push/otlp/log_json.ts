/**
 * Encodes log events as OTLP/JSON. Source: opentelemetry-proto 1.x, `logs.proto`,
 * and the OTLP specification, "JSON Protobuf Encoding".
 */
import type { PlainFields, PlainValue } from "../../base/internal.ts";
import { pairs } from "./attributes_json.ts";
import type { ItemEncoding } from "./item_sender.ts";
import { LOG_SCOPE, SEVERITY_NUMBERS } from "./log_encoding.ts";
import type { WaitingLog } from "./log_record.ts";
import { isInteger, nanoseconds } from "./numbers.ts";

/** OTLP logs over HTTP, as JSON. */
export const logJson: ItemEncoding<WaitingLog> = {
  encode(logs, resource) {
    const scope = { name: LOG_SCOPE };
    const scopeLogs = [{ scope, logRecords: logs.map(recordOf) }];
    const described = { attributes: pairs(resource) };
    const resourceLogs = [{ resource: described, scopeLogs }];
    const body = new TextEncoder().encode(JSON.stringify({ resourceLogs }));
    return { body, faults: [] };
  },
};

// `JSON.stringify` omits undefined members.

function recordOf(log: WaitingLog): object {
  const { severity, message, fields, dropped, time, observed } = log;
  const happened = nanoseconds(time);
  return {
    timeUnixNano: happened === 0n ? undefined : String(happened),
    observedTimeUnixNano: String(nanoseconds(observed)),
    severityNumber: SEVERITY_NUMBERS[severity],
    severityText: severity.toUpperCase(),
    body: { stringValue: message.toWellFormed() },
    attributes: plainPairs(fields),
    droppedAttributesCount: dropped || undefined,
    flags: log.flags || undefined,
    traceId: log.traceId || undefined,
    spanId: log.spanId || undefined,
  };
}

function plainPairs(fields: PlainFields): object[] {
  return Object.entries(fields).map(([key, value]) => ({
    key: key.toWellFormed(),
    value: anyValue(value),
  }));
}

/** Returns a value as `AnyValue`; an empty one stands for null. */
function anyValue(value: PlainValue): object {
  switch (typeof value) {
    case "string":
      return { stringValue: value.toWellFormed() };
    case "boolean":
      return { boolValue: value };
    case "bigint":
      return { intValue: String(value) };
    case "number":
      if (isInteger(value)) return { intValue: String(value) };
      // JSON has no numbers for NaN and the infinities.
      return { doubleValue: Number.isFinite(value) ? value : String(value) };
    default:
      if (value === null) return {};
      if (value instanceof Uint8Array) {
        return { bytesValue: btoa(String.fromCharCode(...value)) };
      }
      if (isList(value)) return { arrayValue: { values: value.map(anyValue) } };
      return { kvlistValue: { values: plainPairs(value) } };
  }
}

/** `Array.isArray` does not narrow a type to readonly lists. */
function isList(
  value: readonly PlainValue[] | PlainFields,
): value is readonly PlainValue[] {
  return Array.isArray(value);
}
