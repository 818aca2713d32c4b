/** The resource of OpenTelemetry as the metric `target_info`. */
import {
  familyDesc,
  Labels,
  type NameRule,
  type OtelTranslation,
  type Source,
} from "../../model/mod.ts";
import { otelLabels, otelValueText } from "../../model/internal.ts";
import type { OtelAttributes } from "./api.ts";

/** Returns a source of one info: the attributes as labels. */
export function targetInfo(
  resource: OtelAttributes,
  translation: OtelTranslation,
): Source {
  const entries = Object.entries(resource)
    .filter(([key, value]) => key !== "" && value !== undefined)
    .map(([key, value]) => [key, otelValueText(value)] as const);
  const labels = otelLabels(entries, translation);
  const names: NameRule = translation.startsWith("Underscore")
    ? "classic"
    : "utf-8";
  const desc = familyDesc({
    name: "target_info",
    type: "info",
    help: "Attributes of the target.",
    labelNames: [...labels.keys()],
  }, names);
  const row = new Labels(desc.labelNames, [...labels.values()]);
  return {
    descs: [desc],
    collect(sink) {
      if (sink.family(desc)) sink.number(row, 1, 0);
    },
  };
}
