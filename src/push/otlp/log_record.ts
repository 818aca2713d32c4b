/** Log events, as an exporter takes them and as they wait to be sent. */
import type { LogSeverity } from "../../base/mod.ts";
import {
  cutText,
  LOG_SEVERITIES,
  ownValue,
  type PlainFields,
  plainFields,
  plainText,
} from "../../base/internal.ts";
import type { SpanContext } from "../../trace/mod.ts";

/** A log event. */
export interface LogRecord {
  /** How severe it is. */
  readonly severity: LogSeverity;
  /** Its text; cut to 16 384 UTF-16 code units. */
  readonly message: string;
  /**
   * Further data of any type. Copied within limits: 128 fields, 1024 values in
   * six levels, texts of 4096 and altogether 16 384 UTF-16 code units.
   *
   * The first field that is an error becomes `exception.type`,
   * `exception.message` and `exception.stacktrace`. Default: none.
   */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
  /** The span during which it happened. Default: none. */
  readonly context?: SpanContext | undefined;
  /** When it happened, in unix seconds. Default: unknown. */
  readonly time?: number | undefined;
}

/** A log event that waits: plain values, without objects of the program. */
export interface WaitingLog {
  readonly severity: LogSeverity;
  readonly message: string;
  readonly fields: PlainFields;
  /** The number of fields that were left out. */
  readonly dropped: number;
  /** When it happened, in unix seconds; 0 if that is unknown. */
  readonly time: number;
  /** When the exporter got it, in unix seconds. */
  readonly observed: number;
  /** Hexadecimal digits; both are empty without a span. */
  readonly traceId: string;
  readonly spanId: string;
  /** The W3C trace flags. */
  readonly flags: number;
}

const MAX_MESSAGE = 16_384;

const SAMPLED = 0x1;
const RANDOM = 0x2;

/** Returns a copy of `record` that can wait. Never throws. */
export function waitingLog(record: LogRecord, observed: number): WaitingLog {
  const given = (name: keyof LogRecord): unknown => readOf(record, name);
  const severity = given("severity") as LogSeverity;
  const message = given("message");
  const time = given("time");
  const context = given("context");
  const traceId = hexOf(readOf(context, "traceId"), 32);
  const spanId = hexOf(readOf(context, "spanId"), 16);
  const hasSpan = traceId !== "" && spanId !== "";
  const { fields, dropped } = plainFields(given("fields"), false);
  return {
    severity: LOG_SEVERITIES.includes(severity) ? severity : "info",
    message: typeof message === "string"
      ? cutText(message, MAX_MESSAGE)
      : plainText(message),
    fields,
    dropped,
    time: typeof time === "number" ? time : 0,
    observed,
    traceId: hasSpan ? traceId : "",
    spanId: hasSpan ? spanId : "",
    flags: (hasSpan && readOf(context, "sampled") === true ? SAMPLED : 0) |
      (hasSpan && readOf(context, "random") === true ? RANDOM : 0),
  };
}

function readOf(object: unknown, name: string): unknown {
  try {
    return typeof object === "object" && object !== null
      ? ownValue(object, name)
      : undefined;
  } catch {
    return undefined; // a getter or a proxy
  }
}

/** Returns an id; empty if it is not `length` hexadecimal digits. */
function hexOf(id: unknown, length: 16 | 32): string {
  return typeof id === "string" && id.length === length &&
      /^[0-9a-f]+$/i.test(id)
    ? id
    : "";
}
