/**
 * The environment variables of the OpenTelemetry specification, as settings.
 * Pure: reads variables through a function, and changes nothing.
 *
 * A setting is undefined where no variable gives it.
 */
import {
  alwaysOff,
  alwaysOn,
  parentBased,
  type Propagator,
  ratio,
  type Sampler,
  type SpanLimits,
} from "../trace/mod.ts";
import { propagatorNamed } from "./propagator.ts";
import {
  type Signal,
  signalIn,
  type SignalSettings,
} from "./signal_settings.ts";
import { type GetVariable, Variables } from "./variables.ts";

/** Settings from environment variables. */
export interface Environment {
  /** Whether spans and exports are switched off. */
  readonly isDisabled: boolean;
  readonly service: string | undefined;
  readonly version: string | undefined;
  /** Resource attributes other than name and version of the service. */
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: Sampler | undefined;
  /** Empty for no propagation. Undefined for W3C trace context and baggage, too. */
  readonly propagators: readonly Propagator[] | undefined;
  readonly limits: { readonly [K in keyof SpanLimits]?: number | undefined };
  readonly temporality: "cumulative" | "delta" | undefined;
  /** Whether histograms of requests have native buckets. */
  readonly isNative: boolean | undefined;
  /** Whether metrics have exemplars. */
  readonly hasExemplars: boolean;
  /** The HTTP methods that are labels and names; all others are one. */
  readonly knownMethods: readonly string[] | undefined;
  readonly signals: Readonly<Record<Signal, SignalSettings>>;
  /** Why values are ignored, by variable; one line each. */
  readonly complaints: ReadonlyMap<string, string>;
}

/** The words of `OTEL_TRACES_SAMPLER` without the prefix `parentbased_`. */
const SAMPLERS = {
  always_on: () => alwaysOn,
  always_off: () => alwaysOff,
  traceidratio: ratio,
};

const BASED_ON_PARENT = {
  parentbased_always_on: () => parentBased(alwaysOn),
  parentbased_always_off: () => parentBased(alwaysOff),
  parentbased_traceidratio: (share: number) => parentBased(ratio(share)),
};

/** Variables whose purpose this module does not have, and the reason. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  OTEL_CONFIG_FILE:
    "is not read, because this module has no parser of YAML; give options, " +
    "or the other variables",
  OTEL_EXPORTER_PROMETHEUS_HOST:
    "has no effect, because no server is started here; serve the metrics by " +
    "observe(), or by serveTelemetry({ hostname })",
  OTEL_EXPORTER_PROMETHEUS_PORT:
    "has no effect, because no server is started here; serve the metrics by " +
    "observe(), or by serveTelemetry({ port })",
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT:
    "has no effect, because events have the limit of their span; give " +
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT:
    "has no effect, because links have the limit of their span; give " +
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
  OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT:
    "has no effect, because the limits of log events are fixed",
  OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT:
    "has no effect, because the limits of log events are fixed",
};

/** Returns the settings of the variables that `get` returns. Never throws. */
export function readEnvironment(get: GetVariable): Environment {
  const variables = new Variables(get);
  for (const [name, reason] of Object.entries(WITHOUT_EFFECT)) {
    if (variables.text(name) !== undefined) variables.complain(name, reason);
  }
  const attributes = variables.pairs(
    "OTEL_RESOURCE_ATTRIBUTES",
    () => true,
    true,
  );
  const {
    "service.name": service,
    "service.version": version,
    ...resource
  } = attributes ?? {};
  return {
    isDisabled: variables.isTrue("OTEL_SDK_DISABLED"),
    service: variables.text("OTEL_SERVICE_NAME") ?? (service || undefined),
    version: version || undefined,
    resource,
    sampler: samplerIn(variables),
    propagators: propagatorsIn(variables),
    limits: limitsIn(variables),
    temporality: variables.oneOf(
      "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
      { cumulative: "cumulative", delta: "delta", lowmemory: "delta" },
    ),
    isNative: variables.oneOf(
      "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
      {
        explicit_bucket_histogram: false,
        base2_exponential_bucket_histogram: true,
      },
    ),
    hasExemplars: exemplarsIn(variables),
    knownMethods: variables.texts("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS"),
    signals: {
      spans: signalIn(variables, "spans"),
      metrics: signalIn(variables, "metrics"),
      logs: signalIn(variables, "logs"),
    },
    complaints: variables.complaints,
  };
}

function samplerIn(variables: Variables): Sampler | undefined {
  const create = variables.oneOf<(share: number) => Sampler>(
    "OTEL_TRACES_SAMPLER",
    { ...SAMPLERS, ...BASED_ON_PARENT },
  );
  const name = "OTEL_TRACES_SAMPLER_ARG";
  const text = variables.text(name);
  const takesShare = create === SAMPLERS.traceidratio ||
    create === BASED_ON_PARENT.parentbased_traceidratio;
  if (text !== undefined && !takesShare) {
    variables.complain(
      name,
      "has no effect without OTEL_TRACES_SAMPLER=parentbased_traceidratio or " +
        "traceidratio",
    );
  }
  if (create === undefined) return undefined;
  if (text === undefined || !takesShare) return create(1);
  const share = /^[\d.]+(?:e-?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (share >= 0 && share <= 1) return create(share);
  variables.complain(
    name,
    `is no share, so all traces are sampled; give a number from 0 to 1, ` +
      `such as 0.1`,
  );
  return create(1);
}

function propagatorsIn(
  variables: Variables,
): readonly Propagator[] | undefined {
  const listed = variables.list(
    "OTEL_PROPAGATORS",
    {
      tracecontext: "tracecontext",
      baggage: "baggage",
      b3: "b3",
      b3multi: "b3multi",
      none: "none",
    } as const,
  );
  const isDefault = listed?.length === 2 && listed.includes("tracecontext") &&
    listed.includes("baggage");
  return isDefault ? undefined : listed?.flatMap((name) => {
    const propagator = propagatorNamed(name);
    return propagator === undefined ? [] : [propagator]; // "none"
  });
}

function limitsIn(variables: Variables): Environment["limits"] {
  const limit = (name: string) => variables.whole(name, 0);
  return {
    attributes: limit("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT") ??
      limit("OTEL_ATTRIBUTE_COUNT_LIMIT"),
    valueLength: limit("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT") ??
      limit("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
    events: limit("OTEL_SPAN_EVENT_COUNT_LIMIT"),
    links: limit("OTEL_SPAN_LINK_COUNT_LIMIT"),
  };
}

function exemplarsIn(variables: Variables): boolean {
  const name = "OTEL_METRICS_EXEMPLAR_FILTER";
  const filter = variables.oneOf(name, {
    trace_based: "trace_based",
    always_off: "always_off",
    always_on: "always_on",
  });
  if (filter === "always_on") {
    variables.complain(
      name,
      'is "always_on", which is the same as trace_based here: an exemplar is ' +
        "the id of a sampled trace",
    );
  }
  return filter !== "always_off";
}
