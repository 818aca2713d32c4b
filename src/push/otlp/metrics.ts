/** Exports metrics to an OTLP collector over HTTP, as JSON or protobuf. */
import { callSafely } from "../../base/internal.ts";
import type { FamilyDesc, Source } from "../../model/mod.ts";
import { leftOutReporter } from "../exporter_options.ts";
import type { MetricPusher } from "../metric_pusher.ts";
import type { PushTarget } from "../push_target.ts";
import { checkSource } from "../push_source.ts";
import { Pusher } from "../pusher.ts";
import { DeltaMemory } from "./delta_memory.ts";
import { type EncodedMetrics, requestsOf } from "./metric_blocks.ts";
import { metricJson } from "./metric_json.ts";
import { metricProto } from "./metric_proto.ts";
import { MetricSink, type SinkSettings } from "./metric_sink.ts";
import {
  METRICS_ACTION,
  type OtlpMetricsOptions,
  readMetricsOptions,
} from "./metrics_options.ts";
import { resourceOf } from "./resource.ts";
import { MAX_BODY_BYTES, otlpTransport } from "./transport.ts";

/** Requests of this size are no longer divided. */
const MIN_BODY_BYTES = 64 * 1024;

/** The time for which a push is tried, unless the interval is longer. */
const MAX_AGE = 60;

/**
 * Exports the metrics of `source`, usually a registry, to an OTLP collector.
 *
 * - Pushes by interval and by hand; a newer push replaces one that waits for a
 *   retry. Status 429, 502, 503 and 504 and network errors are retried.
 * - Counters become monotonic sums, gauges gauges, histograms with native buckets
 *   exponential histograms, infos and statesets sums of 0 and 1. OTLP has no
 *   gauge histograms: they are left out, and reported once.
 * - Labels become attributes, labels `otel_scope_…` the scope.
 * - It does not keep the process alive, except while `push` or `shutdown` waits.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph/metrics";
 * import { otlpMetrics } from "@barograph/barograph/push";
 *
 * const registry = createRegistry();
 * await using exporter = otlpMetrics(registry, {
 *   endpoint: "http://localhost:4318",
 *   resource: { "service.name": "shop" },
 *   onError: ({ message }) => console.error(message),
 * });
 * registry.counter({ name: "orders_total", help: "Orders." }).inc();
 * // The end of the block pushes the last state, for at most 5 seconds.
 * ```
 *
 * @throws {TypeError | RangeError} If `source` is not a source or an option is
 *   wrong.
 */
export function otlpMetrics(
  source: Source,
  options: OtlpMetricsOptions,
): MetricPusher {
  checkSource(METRICS_ACTION, source, "otlpMetrics(registry, { endpoint })");
  const read = readMetricsOptions(options);
  const { protocol, temporality, names, interval } = read;
  const { send, onError } = otlpTransport(read, {
    signal: "metrics",
    action: METRICS_ACTION,
    items: "metrics",
  });
  const onLeftOut = leftOutReporter(read.onError);
  const memory = temporality === "delta" ? new DeltaMemory() : undefined;
  const settings: SinkSettings = {
    encoding: protocol === "json" ? metricJson : metricProto,
    memory,
    fractional: new Set(),
    stripped: new Map(),
    temporality,
    names,
    onMissingType: onceByName(onLeftOut),
  };
  let maxBytes = MAX_BODY_BYTES;
  const target: PushTarget<EncodedMetrics, "state"> = {
    capacity: 1,
    maxTries: Infinity,
    maxAge: Math.max(MAX_AGE, interval),
    encode(pass) {
      const sink = new MetricSink(settings, pass.time, maxBytes / 4);
      memory?.begin(pass.time);
      const isWhole = pass.collect(sink);
      memory?.end(isWhole);
      const resource = resourceOf({ ...sink.target, ...read.resource });
      return requestsOf(sink.scopes, resource, settings.encoding, maxBytes);
    },
    async send({ body, points, changes }, signal) {
      if (body.length > MAX_BODY_BYTES) {
        const size = `${points} points of ${body.length} bytes`;
        const error = new Error(`a request of ${size} is too large`);
        return { state: "refused", error };
      }
      const outcome = await send(body, signal);
      if (outcome.state === "accepted") memory?.accept(changes);
      if (outcome.state !== "tooLarge") return outcome;
      const { error } = outcome;
      if (body.length <= MIN_BODY_BYTES) return { state: "refused", error };
      maxBytes = Math.max(MIN_BODY_BYTES, Math.ceil(body.length / 2));
      return { state: "again", error };
    },
  };
  return new Pusher({
    source,
    target,
    job: "state",
    options: read,
    onError,
    onLeftOut,
  });
}

/** Returns a function that reports each family once. */
function onceByName(
  onError: (error: Error) => void,
): (desc: FamilyDesc) => void {
  const reported = new Set<string>();
  return ({ name, type }) => {
    if (reported.has(name)) return;
    reported.add(name);
    const error = new Error(`"${name}" is left out: OTLP has no type ${type}`);
    callSafely(onError, error);
  };
}
