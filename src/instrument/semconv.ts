/**
 * The vocabulary of OpenTelemetry's semantic conventions for HTTP metrics:
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
 *
 * Names follow its rules for Prometheus: a metric ends in its unit. The dotted
 * spelling is for registries that accept UTF-8 names; for readers of classic
 * names, its dots become the underscores of the other spelling.
 */
import type { BareRegistry } from "../metrics/mod.ts";
import { declarerOf, scopeIn } from "../metrics/internal.ts";

/** The advised bucket bounds of durations, in seconds. */
export const DURATION_BUCKETS: readonly number[] = [
  0.005,
  0.01,
  0.025,
  0.05,
  0.075,
  0.1,
  0.25,
  0.5,
  0.75,
  1,
  2.5,
  5,
  7.5,
  10,
];

export const METHOD = "http.request.method";
export const STATUS = "http.response.status_code";
export const ERROR = "error.type";

/** Returns the name of a metric or a label in the spelling of `registry`. */
export function spellingIn(
  registry: BareRegistry | undefined,
): (name: string) => string {
  return scopeIn(declarerOf(registry))?.names === "utf-8"
    ? (name) => name
    : classicName;
}

/** Returns the classic spelling of a dotted name. */
export function classicName(name: string): string {
  return name.replaceAll(".", "_");
}
