/** All formats there are. */
import type { Format, FormatOptions } from "./format.ts";
import { openMetricsWith } from "./openmetrics_1.ts";
import { openMetrics2 } from "./openmetrics_2.ts";
import { prometheusProto } from "./prometheus_proto.ts";
import { prometheusText, prometheusText1 } from "./prometheus_text.ts";

/** Each format once; where a reader leaves the choice, the first one wins. */
export function allFormats(
  { created = false }: Pick<FormatOptions, "created"> = {},
): readonly [Format, ...Format[]] {
  return [
    prometheusText,
    openMetricsWith({ created }),
    prometheusText1,
    openMetricsWith({ created, version: "0.0.1" }),
    openMetrics2,
    prometheusProto,
  ];
}
