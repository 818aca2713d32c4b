/**
 * Exemplars given by hand: checked once, stamped, and kept as they are.
 */
import type { Clock } from "../base/mod.ts";
import { isLabelName } from "../base/internal.ts";
import type { Exemplar } from "../model/mod.ts";
import type { ExemplarLabels } from "./labels.ts";

/** OpenMetrics 1.0, section "Exemplars": names and values, in code points. */
const MOST_CODE_POINTS = 128;

/**
 * An exemplar of `value` at this moment, or nothing if a reader would refuse
 * its labels: illegal names, lone surrogates, over 128 code points in all.
 */
export function exemplarFrom(
  labels: ExemplarLabels,
  value: number,
  clock: Clock,
): Exemplar | undefined {
  if (typeof labels !== "object" || labels === null) return undefined;
  let size = 0;
  const own: Record<string, string> = {};
  for (const [name, label] of Object.entries(labels)) {
    if (typeof label !== "string" || label.length > 2 * MOST_CODE_POINTS) {
      return undefined;
    }
    if (!isLabelName(name) || !label.isWellFormed()) return undefined;
    size += name.length + codePoints(label);
    if (size > MOST_CODE_POINTS) return undefined;
    own[name] = label;
  }
  return { labels: own, value, timestamp: clock.unix() };
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
