/** Readers of metrics under the names of OpenTelemetry's conventions. */
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { expositionOf, parseExposition } from "../../src/testing/mod.ts";

/** The labels that a format writes itself. */
const WRITTEN = new Set(["le"]);

/**
 * Returns the label sets of the HTTP metrics of a registry, by metric, each as
 * JSON. A label that does not apply is not among them.
 */
export function labelSetsOf(registry: Registry): Record<string, string[]> {
  const sets: Record<string, Set<string>> = {};
  const families = parseExposition(expositionOf(registry), "text-0.0.4");
  for (const { name, samples } of families) {
    for (const { labels } of samples) {
      const own = [...labels].filter(([label]) => !WRITTEN.has(label));
      (sets[name] ??= new Set()).add(JSON.stringify(Object.fromEntries(own)));
    }
  }
  return Object.fromEntries(
    Object.entries(sets).map(([name, found]) => [name, [...found].sort()]),
  );
}

/** Returns the text that `labelSetsOf` has for a label set. */
export const setOf = (labels: Record<string, string>): string =>
  JSON.stringify(labels);

/** Returns a registry that accepts names in UTF-8. */
export function dottedRegistry(): Registry {
  return createRegistry({ names: "utf-8", selfMetrics: false });
}

/** Returns a registry without metrics of its own. */
export function quietRegistry(): Registry {
  return createRegistry({ selfMetrics: false, strict: true });
}

/** Returns an object that stands for a request, with any method and URL. */
export function anyRequest(
  method: string,
  url = "http://localhost/",
  headers: Record<string, string> = {},
): Request {
  return { method, url, headers: new Headers(headers) } as unknown as Request;
}
