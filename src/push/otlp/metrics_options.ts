/** The options of `otlpMetrics`. */
import {
  oneOf,
  type ReadOptions,
  readOptions,
  type SchemaOf,
} from "../../base/internal.ts";
import type { Attributes } from "../../trace/mod.ts";
import { type PushOptions, pushRules } from "../exporter_options.ts";
import { checkResource, otlpRules } from "./options.ts";

/** Options of `otlpMetrics`. All times are seconds. */
export interface OtlpMetricsOptions extends PushOptions {
  /**
   * Address of an OTLP collector, such as `http://localhost:4318`. Default
   * scheme: http for this computer, for port 4318, for names without a dot and
   * below `.internal`, `.local`, `.home.arpa`, `.lan` and `.svc`; https for all
   * other hosts. `/v1/metrics` is appended unless the path ends in `/metrics`. A
   * `URL` is used as it is.
   */
  readonly endpoint: string | URL;
  /** Encoding of the requests. Default: `protobuf`. */
  readonly protocol?: "json" | "protobuf" | undefined;
  /**
   * Resource attributes, above all `service.name`. They take precedence over the
   * labels of `target_info`, which become attributes as well.
   */
  readonly resource?: Attributes | undefined;
  /**
   * `cumulative`: counters and histograms are sent as they are. `delta`: their
   * growth since the last export that the collector has accepted; that takes
   * memory for each series. Default: `cumulative`.
   */
  readonly temporality?: "cumulative" | "delta" | undefined;
  /**
   * `exposed`: names as in a scrape. `stripped`: without `_total` and unit, as
   * OpenTelemetry names metrics. Default: `exposed`.
   */
  readonly names?: "exposed" | "stripped" | undefined;
  /** Time between two pushes; 0: only by hand. Default: 60. */
  readonly interval?: number | undefined;
  /**
   * Whether to compress requests with gzip, until the collector answers 415.
   * Default: true.
   */
  readonly compress?: boolean | undefined;
}

/** The first words of each error about an option. */
export const METRICS_ACTION = "Cannot export metrics";

/** Rules and defaults of `OtlpMetricsOptions`. */
export const OTLP_METRICS_OPTIONS = /* @__PURE__ */ metricsRules();

function metricsRules() {
  return {
    ...otlpRules(),
    ...pushRules(60),
    temporality: oneOf<"cumulative" | "delta">(
      ["cumulative", "delta"],
      "cumulative",
    ),
    names: oneOf<"exposed" | "stripped">(["exposed", "stripped"], "exposed"),
  } satisfies SchemaOf<OtlpMetricsOptions>;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function readMetricsOptions(
  options: OtlpMetricsOptions,
): ReadOptions<typeof OTLP_METRICS_OPTIONS> {
  const read = readOptions(METRICS_ACTION, OTLP_METRICS_OPTIONS, options);
  checkResource(METRICS_ACTION, read.resource);
  return read;
}
