/** Answers by status. Pure; nothing here knows the document. */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import { rateTrack, type Track } from "../../charts/tracks.ts";
import type { Axis, Series } from "../../core/data.ts";
import { isFailure, type Window } from "../../parts/requests.ts";

/** Answers with one status. */
export interface StatusRow {
  /** Class or code; empty if the label is. */
  readonly status: string;
  readonly isFailure: boolean;
  readonly count: number;
  /** Answers a second. */
  readonly rate: number;
  /** Of all answers, 0 to 1. */
  readonly share: number;
  readonly track: Track;
}

/** Returns the rows of a window of `seconds`, by status. */
export function statusRows(
  series: readonly Series[],
  family: Pick<FamilyInfo, "labels">,
  label: string | null,
  axis: Axis,
  window: Window & { readonly seconds: number },
  step: number,
): StatusRow[] {
  const index = label === null ? -1 : family.labels.indexOf(label);
  const byStatus = new Map<string, Float64Array[]>();
  for (const { info, values } of series) {
    const status = info.values[index] ?? "";
    const group = byStatus.get(status);
    if (group === undefined) byStatus.set(status, [values]);
    else group.push(values);
  }
  const counts = [...byStatus].map(([status, group]) => {
    let count = 0;
    for (const values of group) {
      for (let i = window.first; i < window.end; i++) count += values[i] || 0;
    }
    return { status, group, count };
  });
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  return counts
    .sort((a, b) => a.status < b.status ? -1 : 1)
    .map(({ status, group, count }) => ({
      status,
      isFailure: isFailure(status),
      count,
      rate: window.seconds > 0 ? count / window.seconds : NaN,
      share: all > 0 ? count / all : NaN,
      track: rateTrack(axis, group, step),
    }));
}
