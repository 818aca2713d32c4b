/**
 * The option `collector`: what is sent, and where to. Environment variables are
 * the defaults of its options.
 */
import type { Clock, Timers } from "../base/mod.ts";
import {
  ofType,
  type OptionRule,
  ownValue,
  readOptions,
  rule,
  type SchemaOf,
  text,
} from "../base/internal.ts";
import type { Environment, Signal, SignalSettings } from "../otel/internal.ts";
import type {
  LogExporterOptions,
  OtlpMetricsOptions,
  SpanExporterOptions,
} from "../push/mod.ts";
import { OTLP_METRICS_OPTIONS, SPAN_OPTIONS } from "../push/internal.ts";
import type { Attributes } from "../trace/mod.ts";
import type { CollectorOptions } from "./api.ts";
import { fetchWith } from "./client_tls.ts";

const SIGNALS: readonly Signal[] = ["spans", "metrics", "logs"];

/** The option `send`: a list of signals. */
const SEND: OptionRule<readonly Signal[] | undefined> = /* @__PURE__ */ rule(
  (value) =>
    Array.isArray(value) && value.every((item) => SIGNALS.includes(item)),
  'a list of "spans", "metrics" and "logs"',
);

/** Rules of the options of `collector`: the telemetry sets the clock. */
const { clock: _clock, ...EXPORTER_RULES } = SPAN_OPTIONS;

const RULES = {
  ...EXPORTER_RULES,
  endpoint: text("http://localhost:4318"),
  send: SEND,
  metrics: ofType<NonNullable<CollectorOptions["metrics"]>>(
    ["object"],
    "options, such as { interval: 15 }",
    {},
  ),
} satisfies SchemaOf<CollectorOptions>;

/** Rules of the options that metrics have for themselves. */
function metricsRules() {
  const { interval, temporality, names } = OTLP_METRICS_OPTIONS;
  return { interval, temporality, names } satisfies SchemaOf<
    NonNullable<CollectorOptions["metrics"]>
  >;
}

/** The address of a collector on this computer. Source: OTLP specification. */
const DEFAULT_ENDPOINT = "http://localhost:4318";

/** Facts that all exporters of a telemetry share. */
export interface Shared {
  readonly resource: Attributes;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Options of exporters; a signal that is not sent has none. */
export interface Collectors {
  readonly spans?: SpanExporterOptions;
  readonly metrics?: OtlpMetricsOptions;
  readonly logs?: LogExporterOptions;
}

/**
 * Returns the options of the exporters. `mayStart` is called if variables alone
 * would start one, and returns whether they may.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function collectorsOf(
  action: string,
  option: string | CollectorOptions | undefined,
  environment: Environment,
  shared: Shared,
  mayStart: () => boolean,
): Collectors {
  const given: CollectorOptions = typeof option === "object"
    ? option
    : { endpoint: option };
  const { send, metrics } = readOptions(`${action}: collector`, RULES, given);
  readOptions(`${action}: metrics of collector`, metricsRules(), metrics);
  const isOff = given.endpoint === "" || environment.isDisabled;
  const isSent = (signal: Signal): boolean => {
    const { exporters, endpoint, isGrpc } = environment.signals[signal];
    const isListed = exporters?.includes("otlp");
    // With gRPC, the address of the variables is useless.
    if (isOff || isGrpc && given.endpoint === undefined) return false;
    return option !== undefined
      ? send?.includes(signal) ?? isListed ?? signal !== "metrics"
      : (isListed ?? endpoint !== undefined) && mayStart();
  };
  const optionsFor = (signal: Signal): SpanExporterOptions =>
    optionsOf(given, environment.signals[signal], shared);
  const metricsOptions = (): OtlpMetricsOptions => {
    const { capacity: _, batch: __, ...common } = optionsFor("metrics");
    const { interval } = environment.signals.metrics;
    return {
      ...common,
      interval: metrics.interval ?? interval,
      temporality: metrics.temporality ?? environment.temporality,
      names: metrics.names,
    };
  };
  return {
    ...isSent("spans") && { spans: optionsFor("spans") },
    ...isSent("logs") && { logs: optionsFor("logs") },
    ...isSent("metrics") && { metrics: metricsOptions() },
  };
}

/** Returns the options of an exporter: given ones, else those of variables. */
function optionsOf(
  given: CollectorOptions,
  settings: SignalSettings,
  { resource, clock, timers }: Shared,
): SpanExporterOptions {
  // Headers and keys that came with another address may be secret.
  const areForeign = given.endpoint !== undefined &&
    settings.endpoint !== undefined;
  const defaults: Readonly<Record<string, unknown>> = {
    ...settings,
    endpoint: settings.endpoint ?? DEFAULT_ENDPOINT,
    headers: areForeign ? undefined : settings.headers,
    fetch: given.fetch ?? (areForeign ? undefined : fetchWith(settings.files)),
    timers,
  };
  const options: Record<string, unknown> = {};
  for (const name of Object.keys(EXPORTER_RULES)) {
    options[name] = ownValue(given, name) ?? defaults[name];
  }
  return {
    ...options as unknown as SpanExporterOptions,
    resource: { ...resource, ...given.resource },
    clock,
  };
}
