/** Exports log events to an OTLP collector over HTTP, as JSON or protobuf. */
import {
  callSafely,
  readOptions,
  type SchemaOf,
  seconds,
} from "../../base/internal.ts";
import { type ItemExporter, itemExporter } from "./item_exporter.ts";
import { itemSender } from "./item_sender.ts";
import { logJson } from "./log_json.ts";
import { logProto } from "./log_proto.ts";
import { type LogRecord, waitingLog } from "./log_record.ts";
import { checkResource, itemCount, otlpRules } from "./options.ts";
import type { SpanExporterOptions } from "./span_exporter_options.ts";

/** Options of `logExporter`. All times are seconds. */
export interface LogExporterOptions extends
  Omit<
    SpanExporterOptions,
    "endpoint" | "capacity" | "batch" | "interval"
  > {
  /**
   * Address of an OTLP collector, as in `spanExporter`. `/v1/logs` is appended
   * unless the path ends in `/logs`.
   */
  readonly endpoint: string | URL;
  /** Maximum number of waiting events. Default: 2048. */
  readonly capacity?: number | undefined;
  /**
   * Maximum number of events in a request; a full batch is sent at once. At most
   * half of `capacity`. Default: 512.
   */
  readonly batch?: number | undefined;
  /** Maximum time for which an event waits until its batch is full. Default: 1. */
  readonly interval?: number | undefined;
}

/** Exports log events to a collector. */
export interface LogExporter extends ItemExporter {
  /** Adds a copy of an event to the queue. Never throws. */
  readonly export: (record: LogRecord) => void;
}

const ACTION = "Cannot export logs";

/**
 * Creates an exporter of log events to an OTLP collector. `log` of a telemetry
 * exports to its collector itself: this is for programs without one.
 *
 * - `export` copies the event within limits, never waits and never fails.
 * - Requests, retries, counts and signals are as in `spanExporter`.
 *
 * ```ts
 * import { logExporter } from "@barograph/barograph/push";
 *
 * const exporter = logExporter({
 *   endpoint: "http://localhost:4318",
 *   resource: { "service.name": "shop" },
 * });
 * exporter.export({
 *   severity: "warn",
 *   message: "the queue is long",
 *   fields: { length: 7 },
 * });
 * // … and at the end of the program:
 * await exporter.shutdown(1);
 * ```
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function logExporter(options: LogExporterOptions): LogExporter {
  const schema = {
    ...otlpRules(),
    capacity: itemCount(2048),
    batch: itemCount(512),
    interval: seconds(1),
  } satisfies SchemaOf<LogExporterOptions>;
  const read = readOptions(ACTION, schema, options);
  checkResource(ACTION, read.resource);
  const { protocol, clock } = read;
  const sender = itemSender(
    read,
    { signal: "logs", action: ACTION, items: "logs" },
    protocol === "json" ? logJson : logProto,
  );
  const { add, ...exporter } = itemExporter(read, sender);
  return {
    ...exporter,
    export(record) {
      const observed = callSafely(() => clock.unix(), undefined) ?? 0;
      add(waitingLog(record, observed));
    },
  };
}
