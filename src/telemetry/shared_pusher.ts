/**
 * The export of the metrics of a registry, which its telemetries share: each
 * would send all of its metrics, and a collector would count them twice.
 */
import { processWide } from "../base/internal.ts";
import { exposePusher } from "../bridge/mod.ts";
import { scopeIn } from "../metrics/internal.ts";
import type { Registry } from "../metrics/mod.ts";
import {
  type MetricPusher,
  otlpMetrics,
  type OtlpMetricsOptions,
} from "../push/mod.ts";
import { unobservedFetch } from "./tracing.ts";

/** A pusher, and its own metrics. */
interface Shared {
  /** The number of telemetries that are open. */
  users: number;
  readonly pusher: MetricPusher;
  readonly exposed: Disposable;
}

const KEY = Symbol.for("barograph.pushers.1");

/** The share of one telemetry in a pusher; disposing it gives the pusher no time. */
export interface PusherShare extends Disposable {
  /** Ends the share; that of the last telemetry shuts the pusher down. */
  shutdown(seconds?: number): Promise<boolean>;
}

/**
 * Pushes the metrics of a registry, and exposes the counts. Telemetries that push
 * one registry to one address share the pusher; the options of the first apply.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function sharedPusher(
  registry: Registry,
  options: OtlpMetricsOptions,
): PusherShare {
  const all = processWide(
    KEY,
    () => new WeakMap<object, Map<string, Shared>>(),
  );
  // A scope is a source of its whole registry.
  const source = scopeIn(registry)?.families ?? registry;
  const here = all.get(source) ?? new Map<string, Shared>();
  all.set(source, here);
  const address = String(options.endpoint);
  const shared = here.get(address) ?? create(registry, options);
  here.set(address, shared);
  shared.users++;
  let ending: Promise<boolean> | undefined;
  const end = async (seconds?: number): Promise<boolean> => {
    if (--shared.users > 0) return true;
    here.delete(address);
    const isComplete = await shared.pusher.shutdown(seconds);
    shared.exposed[Symbol.dispose]();
    return isComplete;
  };
  const shutdown = (seconds?: number): Promise<boolean> =>
    ending ??= end(seconds);
  return { shutdown, [Symbol.dispose]: () => void shutdown(0) };
}

function create(registry: Registry, options: OtlpMetricsOptions): Shared {
  const fetch = unobservedFetch(options.fetch);
  const pusher = otlpMetrics(registry, { ...options, fetch });
  try {
    return { users: 0, pusher, exposed: exposePusher(registry, pusher) };
  } catch (error) {
    void pusher.shutdown(0);
    throw error;
  }
}
