/** Which traces are recorded. */
import type { Attributes, SpanContext, SpanKind } from "./record.ts";

/** A span that may be recorded. */
export interface Candidate {
  /** Its name. */
  readonly name: string;
  /** On which side of which kind of work it stands. */
  readonly kind: SpanKind;
  /** The trace that it belongs to; drawn when it is asked for. */
  readonly traceId: string;
  /** The span that it is part of, if any. */
  readonly parent: SpanContext | undefined;
  /** What is known of it at its start. */
  readonly attributes: Attributes;
}

/**
 * Decides whether a span is recorded. One that throws records nothing, which
 * is counted.
 */
export type Sampler = (candidate: Candidate) => boolean;

/** Records every span. */
export const alwaysOn: Sampler = (): boolean => true;

/** Records none. */
export const alwaysOff: Sampler = (): boolean => false;

/**
 * Records that share of all traces, and of each of them all spans or none: by
 * the last 56 bits of the trace id, so that all services agree.
 *
 * @throws {RangeError} If `share` is not from 0 to 1.
 */
export function ratio(share: number): Sampler {
  if (!(share >= 0 && share <= 1)) {
    throw new RangeError(
      `Cannot sample a share of ${share}: give a number from 0 to 1, ` +
        `such as 0.1`,
    );
  }
  if (share === 1) return alwaysOn;
  if (share === 0) return alwaysOff;
  const bound = share * 2 ** 56;
  return ({ traceId }) => parseInt(traceId.slice(18), 16) < bound;
}

/** Does as the parent did; where there is none, as `root` says. */
export function parentBased(root: Sampler): Sampler {
  return (candidate) => candidate.parent?.sampled ?? root(candidate);
}
