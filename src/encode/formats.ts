/** The list of all formats. */
import { flag, readOptions } from "../base/internal.ts";
import type { Format, FormatOptions } from "./format.ts";
import { openMetricsOf } from "./openmetrics_1.ts";
import { openMetrics2 } from "./openmetrics_2.ts";
import { prometheusProto } from "./prometheus_proto.ts";
import { prometheusText, prometheusText1 } from "./prometheus_text.ts";

/**
 * Returns all formats in order of preference: if a reader accepts several
 * equally, the first one wins.
 *
 * @throws {TypeError} If an option is wrong or does not exist.
 */
export function allFormats(
  options: Pick<FormatOptions, "created"> = {},
): readonly [Format, ...Format[]] {
  const schema = { created: flag(false) };
  const { created } = readOptions("Cannot list formats", schema, options);
  return formatList(created);
}

/** Like `allFormats`, for callers that have checked their options. */
export function formatList(created: boolean): readonly [Format, ...Format[]] {
  return [
    prometheusText,
    openMetricsOf("1.0.0", created),
    prometheusText1,
    openMetricsOf("0.0.1", created),
    openMetrics2,
    prometheusProto,
  ];
}
