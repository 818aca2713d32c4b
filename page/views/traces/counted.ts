/** The histogram that has counted a span, over a time, and the span in it. */
import {
  type FamilyInfo,
  type Hello,
  type History,
  NATIVE_SCHEMA,
  ZERO_BUCKET,
} from "../../../src/dashboard/protocol.ts";
import type { BucketCounts } from "../../core/quantiles.ts";
import { wholeNumber } from "../../core/units.ts";

/** Labels that say how a call ended: all outcomes are compared. */
const OUTCOMES =
  /^(?:status_(?:class|code)|outcome|(?:http[._]response[._]status_code)|error[._]type)$/;

/** A span among all that its histogram has counted. */
export interface Counted {
  readonly counts: BucketCounts;
  readonly total: number;
  /** The bucket of the span. */
  readonly bucket: number;
  /** Share that is surely faster: in lower buckets. */
  readonly faster: number;
  /** Share in the same bucket. */
  readonly same: number;
}

/** Returns the labels by which a span is compared: all but those of outcomes. */
export function comparedLabels(
  labels: Readonly<Record<string, string>>,
  roles: readonly (Hello["requests"] | undefined)[],
): [string, string][] {
  const status = new Set(roles.map((role) => role?.status));
  return Object.entries(labels).filter(([name]) =>
    !OUTCOMES.test(name) && !status.has(name)
  );
}

/** Returns the bucket of a duration in seconds. */
export function bucketOf(
  { native, bounds }: Pick<FamilyInfo, "native" | "bounds">,
  value: number,
): number {
  if (native) {
    return value > 0
      ? Math.ceil(2 ** NATIVE_SCHEMA * Math.log2(value))
      : ZERO_BUCKET;
  }
  const at = bounds?.findIndex((bound) => value <= bound) ?? -1;
  return at < 0 ? bounds?.length ?? 0 : at;
}

/**
 * Returns a span of `value` seconds among the series of a history that have
 * `labels`; undefined if they have counted nothing.
 */
export function counted(
  history: History,
  family: FamilyInfo,
  labels: readonly (readonly [string, string])[],
  value: number,
): Counted | undefined {
  const wanted = labels.map(([name, value]) =>
    [family.labels.indexOf(name), value] as const
  );
  const ids = new Set(
    history.names.s
      .filter(({ family: id, values }) =>
        id === family.id &&
        wanted.every(([at, value]) => at < 0 || values[at] === value)
      )
      .map(({ id }) => id),
  );
  const counts = new Map<number, number>();
  let total = 0;
  for (const { id, series } of history.families) {
    if (id !== family.id) continue;
    for (const { id, d } of series) {
      if (!ids.has(id)) continue;
      for (const change of d) {
        for (let i = 2; i + 1 < change.length; i += 2) {
          const bucket = change[i]!;
          const count = change[i + 1] ?? 0;
          counts.set(bucket, (counts.get(bucket) ?? 0) + count);
          total += count;
        }
      }
    }
  }
  if (!(total > 0)) return undefined;
  const bucket = bucketOf(family, value);
  let faster = 0;
  for (const [each, count] of counts) if (each < bucket) faster += count;
  return {
    counts,
    total,
    bucket,
    faster: faster / total,
    same: (counts.get(bucket) ?? 0) / total,
  };
}

/** Returns the rank of a span in words. */
export function rankWords({ faster, same, total }: Counted): string {
  const percent = Math.floor(faster * 100);
  const of = total === 1 ? "the one call" : `${wholeNumber(total)} calls`;
  if (faster === 0) {
    return same > 0
      ? `As fast as any: ${
        Math.round(same * 100)
      } % of ${of} are in its bucket.`
      : `Faster than all of ${of}.`;
  }
  if (same === 0 && faster >= 1) return `Slower than all of ${of}.`;
  return percent === 0
    ? `Slower than less than 1 % of ${of}.`
    : `Slower than ${percent} % of ${of}.`;
}
