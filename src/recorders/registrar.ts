/**
 * Registers metrics for services, each of which owns its metrics.
 *
 * - If a service declares its metric again, it gets the same metric.
 * - A name that another service owns is refused; the error names both services.
 */
import {
  type BareRegistry,
  type Counter,
  counter,
  type CounterOptions,
  type Gauge,
  gauge,
  type GaugeOptions,
  type Histogram,
  histogram,
  type HistogramOptions,
  type Instrument,
  type Names,
  type NoSets,
  type ValueSets,
} from "../metrics/mod.ts";
import { prefixOf } from "../metrics/internal.ts";

/** Thrown if another service owns the metric. */
export class OwnerConflictError extends Error {
  /** The name of the class. */
  override readonly name = "OwnerConflictError";
  /** The full name of the metric. */
  readonly metric: string;
  /** The service that owns the metric. */
  readonly owner: string;
  /** The service that was refused. */
  readonly requester: string;

  /** Creates an error: `requester` declares a `metric` that `owner` owns. */
  constructor(metric: string, owner: string, requester: string) {
    super(
      `Cannot register "${metric}" for "${requester}": it belongs to ` +
        `"${owner}"; choose another name, or unregister it there first`,
    );
    this.metric = metric;
    this.owner = owner;
    this.requester = requester;
  }
}

/**
 * Declares metrics for services. It is an interface, so that parts of a program
 * can take it as an argument and tests can pass a mock.
 */
export interface MetricsRegistrar {
  /** Returns a counter of `service`; declares it at the first call. */
  counter<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(
    service: string,
    options: CounterOptions<N, V>,
  ): Instrument<N, Counter, V>;
  /** Returns a gauge of `service`; declares it at the first call. */
  gauge<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(
    service: string,
    options: GaugeOptions<N, V>,
  ): Instrument<N, Gauge, V>;
  /** Returns a histogram of `service`; declares it at the first call. */
  histogram<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(
    service: string,
    options: HistogramOptions<N, V>,
  ): Instrument<N, Histogram, V>;
  /**
   * Removes a metric by its full name, with namespace, subsystem and the prefix
   * of a scope. Returns false if `service` owns none of that name.
   */
  unregister(service: string, name: string): boolean;
}

/**
 * Creates a registrar that declares metrics on `registry`. The names of the
 * metrics do not contain the service.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { createRegistrar } from "@barograph/barograph/recorders";
 *
 * const registrar = createRegistrar(createRegistry());
 * registrar.counter("mailer", { name: "mails_total", help: "Mails." }).inc();
 * registrar.unregister("mailer", "mails_total"); // true
 * ```
 *
 * Declarations throw the errors of the registry, and an `OwnerConflictError` if
 * another service owns the name.
 */
export function createRegistrar(registry: BareRegistry): MetricsRegistrar {
  const owners = new Map<string, string>();
  /** Declares a metric; stores the owner only if that succeeds. */
  const owned = <T>(
    service: string,
    options: Pick<GaugeOptions, "name" | "namespace" | "subsystem">,
    declare: () => T,
  ): T => {
    const { namespace, subsystem } = {
      namespace: undefined, // own, so that nothing is inherited
      subsystem: undefined,
      ...options,
    };
    const name = prefixOf(registry) +
      [namespace, subsystem, options.name].filter(Boolean).join("_");
    if (typeof service !== "string" || service === "") {
      throw new TypeError(
        `Cannot register "${name}" for ${JSON.stringify(service)}: ` +
          `give the name of a service, such as "mailer"`,
      );
    }
    const owner = owners.get(name);
    if (owner !== undefined && owner !== service) {
      throw new OwnerConflictError(name, owner, service);
    }
    const instrument = declare();
    owners.set(name, service);
    return instrument;
  };
  return {
    counter: (service, options) =>
      owned(service, options ?? {}, () => counter(options, registry)),
    gauge: (service, options) =>
      owned(service, options ?? {}, () => gauge(options, registry)),
    histogram: (service, options) =>
      owned(service, options ?? {}, () => histogram(options, registry)),
    unregister(service, name) {
      if (owners.get(name) !== service) return false;
      owners.delete(name);
      return registry.unregister(name);
    },
  };
}
