/**
 * Registration by owner: which service has declared which metric.
 *
 * - Declaring the same metric of the same service again returns the same one.
 * - A metric that another service has is refused, with the names of both.
 */
import type {
  Counter,
  CounterOptions,
  Gauge,
  GaugeOptions,
  Histogram,
  HistogramOptions,
  Instrument,
  Names,
  NoSets,
  Registry,
  ValueSets,
} from "../metrics/mod.ts";

/** Another service has a metric of that name. */
export class OwnerConflictError extends Error {
  /** The name of the class. */
  override readonly name = "OwnerConflictError";
  /** The metric that both want. */
  readonly metric: string;
  /** Who has it. */
  readonly owner: string;
  /** Who was refused. */
  readonly requester: string;

  /** `owner` has `metric`, and `requester` wants it too. */
  constructor(metric: string, owner: string, requester: string) {
    super(
      `Cannot register "${metric}" for "${requester}": it is "${owner}"'s; ` +
        `choose another name, or unregister it there first`,
    );
    this.metric = metric;
    this.owner = owner;
    this.requester = requester;
  }
}

/** Declares metrics for services. Give parts of a program this, and tests a mock. */
export interface MetricsRegistrar {
  /** Declares a counter of `service`, or returns it if it is there. */
  counter<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(
    service: string,
    options: CounterOptions<N, V>,
  ): Instrument<N, Counter, V>;
  /** Declares a gauge of `service`, or returns it if it is there. */
  gauge<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(
    service: string,
    options: GaugeOptions<N, V>,
  ): Instrument<N, Gauge, V>;
  /** Declares a histogram of `service`, or returns it if it is there. */
  histogram<
    const N extends Names = readonly [],
    const V extends ValueSets = NoSets,
  >(
    service: string,
    options: HistogramOptions<N, V>,
  ): Instrument<N, Histogram, V>;
  /** Takes a metric of `service` out; false if it has none of that name. */
  unregister(service: string, name: string): boolean;
}

/**
 * Declares metrics on `registry` for services. Names are exposed as they are,
 * without the service.
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
 * Each declaration throws what the registry throws, and an
 * `OwnerConflictError` where another service has the name.
 */
export function createRegistrar(registry: Registry): MetricsRegistrar {
  const owners = new Map<string, string>();
  /** Declares, and keeps whose it is only if that went well. */
  const owned = <T>(
    service: string,
    { name }: { readonly name: string },
    declare: () => T,
  ): T => {
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
    const made = declare();
    owners.set(name, service);
    return made;
  };
  return {
    counter: (service, options) =>
      owned(service, options ?? {}, () => registry.counter(options)),
    gauge: (service, options) =>
      owned(service, options ?? {}, () => registry.gauge(options)),
    histogram: (service, options) =>
      owned(service, options ?? {}, () => registry.histogram(options)),
    unregister(service, name) {
      if (owners.get(name) !== service) return false;
      owners.delete(name);
      return registry.unregister(name);
    },
  };
}
