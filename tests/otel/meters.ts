/** A meter provider of a new registry, for tests. */
import { afterEach, beforeEach } from "node:test";
import {
  type EscapingScheme,
  expose,
  openMetrics,
  prometheusText,
  prometheusText1,
} from "../../src/encode/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import type { Source } from "../../src/model/mod.ts";
import {
  asMeterProvider,
  type MeterProviderOptions,
  type OtelMeter,
  type OtelMeterProvider,
} from "../../src/otel/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";

export interface Meters {
  readonly registry: Registry;
  readonly provider: OtelMeterProvider;
  readonly meter: OtelMeter;
  readonly clock: FakeClock;
}

/** Returns a meter without labels of its scope. */
export function meters(
  options: MeterProviderOptions = {},
  strict = false,
): Meters {
  const clock = new FakeClock();
  const registry = createRegistry({ clock, strict });
  const provider = asMeterProvider(registry, { scope: false, ...options });
  return { registry, provider, meter: provider.getMeter("test"), clock };
}

/** Returns the samples as lines of text, without those about the registry. */
export function linesOf(
  source: Source,
  escaping?: EscapingScheme,
): readonly string[] {
  return textOf(source, escaping).split("\n").filter((line) =>
    line !== "" && !/^#|^"?barograph_/.test(line)
  );
}

/** Returns the metadata as lines of text, without those about the registry. */
export function headOf(source: Source): readonly string[] {
  return textOf(source).split("\n").filter((line) =>
    line.startsWith("#") && !line.includes(" barograph_")
  );
}

/** Returns the exposition in the text format. */
export function textOf(source: Source, escaping?: EscapingScheme): string {
  const format = escaping === undefined
    ? prometheusText
    : prometheusText1.escapedBy(escaping);
  return new TextDecoder().decode(expose(source, format));
}

/** Returns the exposition in OpenMetrics 1.0. */
export function openTextOf(source: Source): string {
  return new TextDecoder().decode(expose(source, openMetrics));
}

/** Refreshes and returns the samples. */
export async function refreshed(source: Source): Promise<readonly string[]> {
  await source.refresh?.(new AbortController().signal);
  return linesOf(source);
}

/**
 * Removes what a copy of the API has left: it registers only if no other version
 * has done so before.
 */
export function forgetApi(): void {
  const global: Record<symbol, unknown> = globalThis as never;
  delete global[Symbol.for("opentelemetry.js.api.1")];
}

/** The warnings of the current test; test files may share one process. */
const WARNED: string[] = [];

/** Collects the warnings of each test of a file in the returned list. */
export function warnings(): readonly string[] {
  const { warn } = console;
  beforeEach(() => {
    WARNED.length = 0;
    console.warn = (text: unknown) => void WARNED.push(String(text));
  });
  afterEach(() => {
    console.warn = warn;
  });
  return WARNED;
}
