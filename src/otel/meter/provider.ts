/** A meter provider for OpenTelemetry's API: meters record into a registry. */
import { errorMessage, readOptions, warn } from "../../base/internal.ts";
import { defaultBareRegistry, fixedLabelsOf } from "../../metrics/internal.ts";
import { type BareRegistry, noopRegistry } from "../../metrics/mod.ts";
import { otelScopeLabels } from "../../model/internal.ts";
import { valueOf } from "../../trace/internal.ts";
import type { OtelMeter, OtelMeterProvider } from "./api.ts";
import { ContextExemplars } from "./exemplars.ts";
import { NO_INSTRUMENT } from "./instruments.ts";
import { Meter, type MeterHost } from "./meter.ts";
import {
  METER_PROVIDER_OPTIONS,
  type MeterProviderOptions,
  type OtelMeterScope,
} from "./options.ts";
import { targetInfo } from "./target_info.ts";

/** Maximum number of different warnings of one provider. */
const MAX_WARNINGS = 100;

/** A meter of which every instrument does nothing. */
const NO_METER: OtelMeter = {
  createCounter: () => NO_INSTRUMENT,
  createUpDownCounter: () => NO_INSTRUMENT,
  createGauge: () => NO_INSTRUMENT,
  createHistogram: () => NO_INSTRUMENT,
  createObservableCounter: () => NO_INSTRUMENT,
  createObservableUpDownCounter: () => NO_INSTRUMENT,
  createObservableGauge: () => NO_INSTRUMENT,
  addBatchObservableCallback() {},
  removeBatchObservableCallback() {},
};

/**
 * Returns a meter provider for OpenTelemetry's API: libraries that measure with
 * that API record into `registry`. Register it before anything takes a meter:
 *
 * ```ts
 * import { metrics } from "@opentelemetry/api";
 * import { defaultRegistry } from "@barograph/barograph/metrics";
 * import { asMeterProvider } from "@barograph/barograph/otel";
 *
 * metrics.setGlobalMeterProvider(asMeterProvider(defaultRegistry()));
 * const meter = metrics.getMeter("shop");
 * meter.createCounter("orders", { description: "Orders." }).add(1);
 * ```
 *
 * - Names, units, attributes and scopes become names and labels by the rules of
 *   the specification: `http.server.request.duration` in `s` is
 *   `http_server_request_duration_seconds`.
 * - Nothing throws into the library. Dropped values, such as NaN or a negative
 *   step of a counter, are counted by `barograph_rejected_observations_total`;
 *   callbacks that throw by `barograph_source_failures_total`. An instrument
 *   with an illegal name, or the name of another metric, records nothing, and
 *   one warning says so.
 * - A histogram without advice has the bounds of the specification, which fit
 *   milliseconds; in the unit `s` it has `DEFAULT_BUCKETS`.
 *
 * Cost of a record with three attributes: three comparisons and three look-ups.
 * Default for `registry`: the default registry.
 *
 * @throws {TypeError} If an option is wrong.
 */
export function asMeterProvider(
  registry: BareRegistry = defaultBareRegistry(),
  options: MeterProviderOptions = {},
): OtelMeterProvider {
  const action = "Cannot make a meter provider";
  const settings = readOptions(action, METER_PROVIDER_OPTIONS, options);
  if ((registry as unknown) === noopRegistry) {
    return { getMeter: () => NO_METER };
  }
  const fixed = fixedLabelsOf(registry);
  if (fixed === undefined) {
    throw new TypeError(
      `${action}: give a registry of this module, such as createRegistry()`,
    );
  }
  const warned = new Set<string>();
  const host: MeterHost = {
    registry,
    settings,
    exemplars: new ContextExemplars(),
    labelNames: new WeakMap(),
    warn(text) {
      if (warned.has(text) || warned.size === MAX_WARNINGS) return;
      warned.add(text);
      warn(text);
    },
  };
  if (settings.resource !== undefined) {
    try {
      registry.add(targetInfo(settings.resource, settings.translation));
    } catch (error) {
      host.warn(`target_info is left out: ${errorMessage(error)}`);
    }
  }
  const meters = new Map<string, OtelMeter>();
  const create = (scope: OtelMeterScope): OtelMeter => {
    const labels = settings.scope
      ? otelScopeLabels(scope, settings.translation)
      : [];
    // Constant labels of the registry take precedence.
    return new Meter(host, scope, new Map([...fixed, ...labels, ...fixed]));
  };
  return {
    getMeter(name, version, options) {
      const scope: OtelMeterScope = {
        name: textOf(name),
        version: textOf(version),
        schemaUrl: textOf(valueOf(options, "schemaUrl")),
      };
      const key = JSON.stringify([
        scope.name,
        scope.version,
        scope.schemaUrl,
      ]);
      let meter = meters.get(key);
      if (meter === undefined) meters.set(key, meter = create(scope));
      return meter;
    },
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
