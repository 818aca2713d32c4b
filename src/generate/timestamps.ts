/** Gauges that hold a time in unix seconds. */
import type { FamilyDesc } from "../model/mod.ts";

const TIMESTAMP =
  /[_.](?:timestamp|start_time|last_success(?:_time)?)_seconds$/;

/** Returns whether the values of a family are times. */
export function isTimestamp({ name, type }: FamilyDesc): boolean {
  return type === "gauge" && TIMESTAMP.test(name);
}

/** Returns whether a family holds the time of the last success of some job. */
export function isLastSuccess(desc: FamilyDesc): boolean {
  return isTimestamp(desc) && /last_success/.test(desc.name);
}
