/**
 * Helpers for tests of an application's metrics, and of custom sources, formats
 * and instrument kinds.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { valueOf } from "@barograph/barograph/testing";
 *
 * const registry = createRegistry({ strict: true });
 * const orders = registry.counter({
 *   name: "shop_orders_total",
 *   help: "Orders accepted, by payment method.",
 *   labels: ["payment"],
 * });
 * orders.with({ payment: "card" }).inc();
 * if (valueOf(registry, "shop_orders_total", { payment: "card" }) !== 1) {
 *   throw new Error("one order was expected");
 * }
 * ```
 *
 * @module
 */
export {
  changeOf,
  distributionOf,
  expositionOf,
  type ExpositionOptions,
  type SeriesLabels,
  valueOf,
} from "./expect.ts";
export type { Cancel, TimerOptions, Timers } from "../base/mod.ts";
export { FakeClock } from "./fake_clock.ts";
export { FakeTimers } from "./fake_timers.ts";
export { formatLaws, type FormatLawsOptions } from "./format_laws.ts";
export { kindLaws, type KindLawsOptions } from "./kind_laws.ts";
export { lint, type LintFinding, type LintOptions } from "./lint.ts";
export type { ParsedHistogram, ParsedSummary } from "./parse_composite.ts";
export type { ParsedExemplar } from "./parse_cursor.ts";
export type { ParsedFamily } from "./parse_family.ts";
export type { Dialect, ParsedSample } from "./parse_lines.ts";
export type { ParsedNative } from "./parse_native.ts";
export {
  type ParsedFamily2,
  type ParsedNumber,
  type ParsedSample2,
  type ParsedValue2,
  parseOpenMetrics2,
} from "./parse_openmetrics2.ts";
export {
  ExpositionError,
  type ExpositionReadOptions,
  parseExposition,
  type ReadOptions,
} from "./parse_text.ts";
export { poison, POISONED } from "./poison.ts";
