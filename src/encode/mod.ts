/**
 * Exposition formats without HTTP: turns sources into bytes.
 *
 * ```ts
 * import { expose, openMetrics } from "@barograph/barograph/encode";
 * import { createRegistry } from "@barograph/barograph/metrics";
 *
 * const registry = createRegistry();
 * const body: Uint8Array = expose(registry, openMetrics);
 * ```
 *
 * A format is defined by `defineFormat` and an encoder that extends
 * `LineEncoder` or `CheckedEncoder`; `formatLaws` of
 * `@barograph/barograph/testing` checks it.
 *
 * @module
 */
export {
  ByteWriter,
  type Fragment,
  fragment,
  type TextWriter,
} from "../base/mod.ts";
export { ESCAPING_SCHEMES, type EscapingScheme } from "../model/mod.ts";
export type { Bytes, Page, PageSizes } from "./cache/consistent_pages.ts";
export { ExpositionCache } from "./cache/exposition_cache.ts";
export type { CacheBudget } from "./cache/family_cache.ts";
export { CheckedEncoder } from "./checked_encoder.ts";
export {
  expose,
  exposeChunks,
  type ExposeChunksOptions,
  type ExposeOptions,
  exposeStream,
} from "./expose.ts";
export {
  defineFormat,
  type Encoder,
  type Format,
  type FormatInit,
  type FormatOptions,
  type PageableEncoder,
  type TextEncoderFactory,
  type ValueMarks,
} from "./format.ts";
export { allFormats } from "./formats.ts";
export { LineEncoder } from "./line_encoder.ts";
export { negotiate } from "./negotiate.ts";
export { openMetrics, openMetricsWith } from "./openmetrics_1.ts";
export { openMetrics2 } from "./openmetrics_2.ts";
export { prometheusProto } from "./prometheus_proto.ts";
export { prometheusText, prometheusText1 } from "./prometheus_text.ts";
export { LabelPairs, type PairWriter } from "./text_parts.ts";
