/** The option `environment`: variables as defaults of other options. */
import { ofType, type OptionRule, warn } from "../base/internal.ts";
import {
  type Environment,
  type GetVariable,
  readEnvironment,
  type Signal,
} from "../otel/internal.ts";
import {
  exportsTelemetry,
  isRequestBound,
  variable,
} from "../platform/internal.ts";
import type { Attributes } from "../trace/mod.ts";
import type { TelemetryOptions } from "./api.ts";

/** The rule of the option `environment`. */
export const ENVIRONMENT: OptionRule<boolean | GetVariable> =
  /* @__PURE__ */ ofType<boolean | GetVariable>(
    ["boolean", "function"],
    "true, false, or a function, such as (name) => env[name]",
    true,
  );

/** The reports that were logged, by the name of their variable. */
const logged = /* @__PURE__ */ new Set<string>();

/** Logs a line about a variable, once for each variable. */
export function report(name: string, text: string): void {
  if (logged.has(name)) return;
  logged.add(name);
  warn(text);
}

/**
 * Returns the settings of the option `environment`: those of the process, of a
 * function, or none. Logs once why values are ignored.
 */
export function environmentOf(option: boolean | GetVariable): Environment {
  const environment = readEnvironment(
    option === true ? variable : option === false ? () => undefined : option,
  );
  for (const [name, text] of environment.complaints) report(name, text);
  return environment;
}

/**
 * Returns whether variables alone may start exporters that wait for timers: not if
 * the runtime exports by the same variables, nor if it has timers for requests
 * only. Logs the reason once.
 */
export function mayStartExporters(): boolean {
  if (exportsTelemetry()) {
    report(
      "OTEL_DENO",
      "the runtime exports spans, metrics and logs itself (OTEL_DENO), so " +
        "the OTEL_ variables start no exporter here; give the option " +
        "collector to send what the runtime does not know of",
    );
    return false;
  }
  if (isRequestBound()) {
    report(
      "isRequestBound",
      "the OTEL_ variables start no exporter here, because timers end with a " +
        "request on this runtime; call withTelemetry() of " +
        "@barograph/barograph/workers",
    );
    return false;
  }
  return true;
}

/** Returns whether variables let a signal be printed. */
export function isPrinted(
  { isDisabled, signals }: Environment,
  signal: Signal,
): boolean {
  return !isDisabled && !exportsTelemetry() &&
    signals[signal].exporters?.includes("console") === true;
}

/** The service that a telemetry describes. */
export interface Identity {
  /** Its name; empty if it has none. */
  readonly service: string;
  readonly version: string | undefined;
  /** The attributes of everything that is exported. */
  readonly resource: Attributes;
}

/** Returns the service of options, or else of variables. */
export function identityOf(
  given: Pick<TelemetryOptions, "service" | "version" | "resource">,
  environment: Environment,
): Identity {
  const service = given.service || environment.service || "";
  const { version = environment.version } = given;
  const resource = {
    "service.name": service || UNKNOWN_SERVICE,
    ...version !== undefined && { "service.version": version },
    ...environment.resource,
    ...given.resource,
  };
  return { service, version, resource };
}

/** OpenTelemetry's name for a service without a name. */
export const UNKNOWN_SERVICE = "unknown_service";
