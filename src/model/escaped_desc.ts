/** Descriptions with names escaped by the scheme that a reader requests. */
import type { EscapingScheme } from "../base/mod.ts";
import {
  escapedLabel,
  escapedMetric,
  isClassicLabel,
  isClassicMetric,
} from "../base/internal.ts";
import { type FamilyDesc, stemOf } from "./desc.ts";

/**
 * Returns `desc` with its names escaped; `desc` itself if they are classic.
 *
 * The unit is left out if the escaped name no longer ends in it: readers refuse
 * such a unit.
 */
export function escapedDesc(
  desc: FamilyDesc,
  scheme: EscapingScheme,
): FamilyDesc {
  const isUnchanged = scheme === "allow-utf-8" ||
    (isClassicMetric(desc.name) && desc.labelNames.every(isClassicLabel));
  if (isUnchanged) return desc;
  const name = escapedMetric(desc.name, scheme);
  const stem = stemOf({ name, type: desc.type });
  return {
    ...desc,
    name,
    unit: stem.endsWith(`_${desc.unit}`) ? desc.unit : "",
    labelNames: desc.labelNames.map((label) => escapedLabel(label, scheme)),
  };
}
