/** The options of `spanExporter`, and the exporter that it returns. */
import {
  type ReadOptions,
  readOptions,
  type SchemaOf,
  seconds,
} from "../../base/internal.ts";
import type { Attributes, SpanRecord } from "../../trace/mod.ts";
import type { ExporterOptions } from "../exporter_options.ts";
import type { ItemExporter } from "./item_exporter.ts";
import { checkResource, itemCount, otlpRules } from "./options.ts";

/** Options of `spanExporter`. All times are seconds. */
export interface SpanExporterOptions extends ExporterOptions {
  /**
   * Address of an OTLP collector, such as `http://localhost:4318`. Default
   * scheme: http for this computer, for port 4318, for names without a dot and
   * below `.internal`, `.local`, `.home.arpa`, `.lan` and `.svc`; https for all
   * other hosts.
   * `/v1/traces` is appended unless the path ends in `/traces`. A `URL` is used
   * as it is.
   */
  readonly endpoint: string | URL;
  /** Encoding of the requests. Default: `protobuf`. */
  readonly protocol?: "json" | "protobuf" | undefined;
  /** Resource attributes, above all `service.name`. */
  readonly resource?: Attributes | undefined;
  /** Maximum number of waiting spans. Default: 4096. */
  readonly capacity?: number | undefined;
  /**
   * Maximum number of spans in a request; a full batch is sent at once. At most
   * half of `capacity`. Default: 512.
   */
  readonly batch?: number | undefined;
  /** Maximum time for which a span waits until its batch is full. Default: 5. */
  readonly interval?: number | undefined;
  /**
   * Whether to compress requests with gzip, until the collector answers 415.
   * Default: true.
   */
  readonly compress?: boolean | undefined;
}

/** Exports spans to a collector. */
export interface SpanExporter extends ItemExporter {
  /** Adds a span to the queue; pass this function to `tracer.onEnd`. */
  readonly export: (record: SpanRecord) => void;
}

/** The first words of each error about an option. */
export const ACTION = "Cannot export spans";

/** Rules and defaults of `SpanExporterOptions`. */
export const SPAN_OPTIONS = /* @__PURE__ */ spanRules();

function spanRules() {
  return {
    ...otlpRules(),
    capacity: itemCount(4096),
    batch: itemCount(512),
    interval: seconds(5),
  } satisfies SchemaOf<SpanExporterOptions>;
}

/**
 * Checks the options and fills in the defaults; `endpoint` and `headers` are
 * checked further by `tracesUrl` and `requestHeaders`.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function readSpanOptions(
  options: SpanExporterOptions,
): ReadOptions<typeof SPAN_OPTIONS> {
  const read = readOptions(ACTION, SPAN_OPTIONS, options);
  checkResource(ACTION, read.resource);
  return read;
}
