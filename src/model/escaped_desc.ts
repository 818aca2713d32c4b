/** A description as a reader sees it that asked for an escaping scheme. */
import type { EscapingScheme } from "../base/mod.ts";
import {
  escapedLabel,
  escapedMetric,
  isClassicLabel,
  isClassicMetric,
} from "../base/internal.ts";
import { type FamilyDesc, stemOf } from "./desc.ts";

/**
 * `desc` with its names escaped; `desc` itself where they are classic.
 *
 * A unit that the name no longer ends in is left out: readers would refuse it.
 */
export function escapedDesc(
  desc: FamilyDesc,
  scheme: EscapingScheme,
): FamilyDesc {
  const same = scheme === "allow-utf-8" ||
    (isClassicMetric(desc.name) && desc.labelNames.every(isClassicLabel));
  if (same) return desc;
  const name = escapedMetric(desc.name, scheme);
  const stem = stemOf({ name, type: desc.type });
  return {
    ...desc,
    name,
    unit: stem.endsWith(`_${desc.unit}`) ? desc.unit : "",
    labelNames: desc.labelNames.map((label) => escapedLabel(label, scheme)),
  };
}
