/**
 * Exposition formats, without HTTP: a source in, bytes out.
 *
 * ```ts
 * import { expose, openMetrics } from "@barograph/barograph/encode";
 * import { createRegistry } from "@barograph/barograph/metrics";
 *
 * const registry = createRegistry();
 * const body: Uint8Array = expose(registry, openMetrics);
 * ```
 *
 * @module
 */
export { ByteWriter, type Fragment, fragment } from "../base/mod.ts";
export { ESCAPING_SCHEMES, type EscapingScheme } from "../model/mod.ts";
export {
  expose,
  exposeChunks,
  type ExposeOptions,
  exposeStream,
} from "./expose.ts";
export type { Encoder, Format, FormatOptions } from "./format.ts";
export { allFormats } from "./formats.ts";
export { negotiate } from "./negotiate.ts";
export { openMetrics, openMetricsWith } from "./openmetrics_1.ts";
export { openMetrics2 } from "./openmetrics_2.ts";
export { prometheusProto } from "./prometheus_proto.ts";
export { prometheusText, prometheusText1 } from "./prometheus_text.ts";
export {
  type Bytes,
  type KeepBudget,
  type PageSizes,
  type Piece,
  Retained,
} from "./retained.ts";
