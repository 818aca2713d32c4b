/** A tracer together with the exporter of its spans. */
import type { Clock } from "../base/mod.ts";
import { fn, readOptions, type SchemaOf, text } from "../base/internal.ts";
import {
  type PostFetch,
  type SpanExporter,
  spanExporter,
  type SpanExporterOptions,
} from "../push/mod.ts";
import { SPAN_OPTIONS } from "../push/internal.ts";
import {
  createTracer,
  type Random,
  type Sampler,
  type Tracer,
  type TracerOptions,
} from "../trace/mod.ts";
import { quietListener, unobserved } from "../trace/internal.ts";
import { UNKNOWN_SERVICE } from "./environment.ts";

/** Options of `initTracing`, for the tracer and for the exporter. */
export interface TracingOptions extends Omit<SpanExporterOptions, "endpoint"> {
  /** The name of the service. Default: `unknown_service`. */
  readonly service?: string | undefined;
  /** The version of the service. Default: none. */
  readonly version?: string | undefined;
  /**
   * Selects the traces to record. Default: `parentBased(alwaysOn)`, which follows
   * the caller's decision and records all other traces.
   */
  readonly sampler?: Sampler | undefined;
  /** Fills an array with random bytes for ids. Default: `crypto.getRandomValues`. */
  readonly randomBytes?: Random | undefined;
}

/** A tracer whose spans are exported. */
export interface Tracing extends AsyncDisposable {
  /** Starts spans. */
  readonly tracer: Tracer;
  /** Exports the spans; undefined without a collector. */
  readonly exporter: SpanExporter | undefined;
  /** See `SpanExporter.shutdown`; without a collector, resolves to true. */
  shutdown(seconds?: number): Promise<boolean>;
}

/** Rules of the exporter's options, without `endpoint`, which is a parameter. */
const { endpoint: _endpoint, ...EXPORTER_RULES } = SPAN_OPTIONS;

const OPTIONS = {
  service: text("shop", UNKNOWN_SERVICE),
  version: text("1.2.0"),
  sampler: fn<Sampler>("parentBased(ratio(0.1))"),
  ...EXPORTER_RULES,
  randomBytes: fn<Random>("(bytes) => crypto.getRandomValues(bytes)"),
} satisfies SchemaOf<TracingOptions>;

/**
 * Returns a tracer that exports to the OTLP/HTTP collector at `endpoint`. With
 * an empty endpoint nothing is recorded, and the trace context of callers is
 * propagated unchanged.
 *
 * An unreachable collector neither delays nor fails the work.
 *
 * ```ts
 * import { initTracing } from "@barograph/barograph/telemetry";
 *
 * const tracing = initTracing("", { service: "shop" });
 * tracing.tracer.run("checkout", () => {});
 * await tracing.shutdown(); // at the end of the program
 * ```
 *
 * @throws {TypeError | RangeError} If an option is wrong or unknown.
 */
export function initTracing(
  endpoint: string,
  options: TracingOptions = {},
): Tracing {
  const { service, version, sampler, randomBytes, ...collector } = readOptions(
    "Cannot set up tracing",
    OPTIONS,
    options,
  );
  return startTracing(
    {
      name: service,
      version,
      sampler,
      random: randomBytes,
      clock: collector.clock,
    },
    endpoint === "" ? undefined : { ...collector, endpoint },
  );
}

/** Starts a tracer and, if there is a collector, the exporter of its spans. */
export function startTracing(
  tracing: TracerOptions & { readonly name: string; readonly clock: Clock },
  collector: SpanExporterOptions | undefined,
): Tracing {
  const { name, version, clock } = tracing;
  const tracer = createTracer(tracing);
  const exporter = collector && spanExporter({
    ...collector,
    fetch: unobservedFetch(collector.fetch),
    resource: {
      "service.name": name,
      ...(version !== undefined && { "service.version": version }),
      ...collector.resource,
    },
    clock,
  });
  const listening = exporter && tracer.onEnd(quietListener(exporter.export));
  const shutdown = async (seconds?: number): Promise<boolean> => {
    const isComplete = await exporter?.shutdown(seconds) ?? true;
    listening?.[Symbol.dispose]();
    return isComplete;
  };
  return {
    tracer,
    exporter,
    shutdown,
    [Symbol.asyncDispose]: async () => void await shutdown(),
  };
}

/**
 * Returns a `fetch` for the exporter. Another library may have wrapped an
 * instrumented one, which must not trace posts: each would cause the next one.
 */
export function unobservedFetch(
  given: PostFetch = SPAN_OPTIONS.fetch.fallback,
): PostFetch {
  return (url, init) => unobserved(() => given(url, init));
}
