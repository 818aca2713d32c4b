/** Telemetries that read given environment variables. */
import {
  createRegistry,
  createTelemetry,
  type Telemetry,
  type TelemetryOptions,
} from "../../mod.ts";

/** Variables by name. */
export type Values = Readonly<Record<string, string>>;

/** A telemetry that reads `values`. */
export function setUp(
  values: Values,
  options: TelemetryOptions = {},
): Telemetry {
  return createTelemetry({
    registry: createRegistry(),
    runtime: false,
    environment: (name) => values[name],
    ...options,
  });
}
