/** The resource attributes of a process. */
import type { Attributes } from "../../trace/mod.ts";

let instanceId: string | undefined;

/**
 * Returns `given` with the attributes that every resource has. The id of the
 * instance is random, and the same for all exporters of the process.
 *
 * Call it while a request is handled: some runtimes give random numbers only
 * then.
 */
export function resourceOf(given: Attributes): Attributes {
  instanceId ??= crypto.randomUUID();
  return {
    "service.name": "unknown_service",
    "service.instance.id": instanceId,
    "telemetry.sdk.name": "barograph",
    "telemetry.sdk.language": "javascript",
    ...given,
  };
}
