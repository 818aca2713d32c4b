/** The metrics of outgoing calls, under the names that the options select. */
import type { MetricNames } from "../base/mod.ts";
import { errorType, STATUS_CLASSES } from "../base/internal.ts";
import {
  type BareRegistry,
  type Counter,
  counter,
  DEFAULT_BUCKETS,
  type Family,
  type Histogram,
  histogram,
  type Names,
  type NoSets,
  type ValueSets,
} from "../metrics/mod.ts";
import { statusOf } from "./answer.ts";
import {
  classicName,
  DURATION_BUCKETS,
  ERROR,
  METHOD,
  spellingIn,
  STATUS,
} from "./semconv.ts";
import { codeText, isCode } from "./status_code.ts";

/** A call that has ended. */
export interface Call {
  readonly method: string;
  readonly peer: string;
  /** A status class or code, `error` or `aborted`. */
  readonly outcome: string;
  /** Undefined if `fetch` has refused it. */
  readonly url: URL | undefined;
  /** Whether there is an error in place of a response. */
  readonly failed: boolean;
  /** The response, or the error. */
  readonly result: unknown;
}

/** Options that determine the metrics of calls. */
export interface CallMetricsOptions {
  readonly registry: BareRegistry | undefined;
  readonly buckets: readonly number[] | undefined;
  readonly names: MetricNames;
  readonly status: "class" | "code";
}

const NAME = "http.client.request.duration_seconds";
const OUTCOMES: readonly string[] = [...STATUS_CLASSES, "error", "aborted"];
const OWN: Names = ["method", "peer", "outcome"];
const CONVENTIONAL: Names = [
  METHOD,
  "server.address",
  "server.port",
  STATUS,
  ERROR,
];

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  "http:": "80",
  "https:": "443",
};

/** Returns the port of a URL, or the default of its scheme; "" without one. */
export function portOf({ port, protocol }: URL): string {
  return port ||
    (Object.hasOwn(DEFAULT_PORTS, protocol) ? DEFAULT_PORTS[protocol]! : "");
}

/**
 * Declares the metrics of calls. Returns a function that records one call, which
 * took `seconds`.
 *
 * Durations have one name by both conventions. Under both, one family has the
 * labels of both, and the bounds of either.
 */
export function callMetrics(
  { registry, buckets, names, status }: CallMetricsOptions,
): (call: Call, seconds: number) => void {
  const values: ValueSets = status === "class" ? { outcome: OUTCOMES } : {};
  const hasOwn = names !== "semconv";
  const isConventional = names !== "prometheus";
  const spell = hasOwn ? classicName : spellingIn(registry);
  const requests: Family<Names, Counter, NoSets> | undefined = hasOwn
    ? counter({
      name: "http_client_requests_total",
      help: "Requests sent to other services.",
      labels: OWN,
      values,
    }, registry)
    : undefined;
  const durations: Family<Names, Histogram, NoSets> = histogram({
    name: spell(NAME),
    help: "Time until the headers of the response were there.",
    unit: "seconds",
    labels: [
      ...hasOwn ? OWN : [],
      ...isConventional ? CONVENTIONAL.map(spell) : [],
    ] as Names,
    values: hasOwn ? values : {},
    buckets: buckets ?? (isConventional ? DURATION_BUCKETS : DEFAULT_BUCKETS),
  }, registry);
  return (call, seconds) => {
    const { method, peer, outcome } = call;
    requests?.at(method, peer, outcome).inc();
    const series = !isConventional
      ? durations.at(method, peer, outcome)
      : hasOwn
      ? durations.at(method, peer, outcome, ...attributesOf(call))
      : durations.at(...attributesOf(call));
    series.observe(seconds);
  };
}

/** Returns the values of `CONVENTIONAL`; "" stands for one that does not apply. */
function attributesOf(
  { method, outcome, url, failed, result }: Call,
): readonly string[] {
  const code = failed ? 0 : Math.trunc(statusOf(result) ?? 0);
  const status = isCode(code) ? codeText(code) : "";
  const failure = outcome === "aborted" ? "" : errorType(result);
  return [
    method,
    url?.hostname ?? "",
    url === undefined ? "" : portOf(url),
    status,
    failed ? failure : code < 400 ? "" : status,
  ];
}
