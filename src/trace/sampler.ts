/** Samplers decide which spans are recorded. */
import { display } from "../base/internal.ts";
import type { Attributes, SpanContext, SpanKind } from "./record.ts";

/** A span about to start. */
export interface Candidate {
  /** Name of the span. */
  readonly name: string;
  /** Role of the span. */
  readonly kind: SpanKind;
  /** Id of the trace. In a new trace, reading it generates the id. */
  readonly traceId: string;
  /** Parent of the span, if it has one. */
  readonly parent: SpanContext | undefined;
  /** Attributes that are known at the start. */
  readonly attributes: Attributes;
}

/**
 * Decides whether a span is recorded: only if the sampler returns true. If it
 * throws, the span is not recorded and the failure is counted.
 */
export type Sampler = (candidate: Candidate) => boolean;

/** Records every span. */
export const alwaysOn: Sampler = (): boolean => true;

/** Records no span. */
export const alwaysOff: Sampler = (): boolean => false;

/**
 * Samples a share of all traces, by the rightmost 56 bits of the trace id.
 * Either all spans of a trace are recorded or none. A service with a larger
 * share records every trace that a service with a smaller share records.
 *
 * A trace is sampled if these bits are not below `(1 - share) * 2^56`.
 * Source: OpenTelemetry, "TraceState: Probability Sampling", section "Decision
 * algorithm"; W3C Trace Context Level 2, "Randomness of trace-id".
 *
 * @throws {RangeError} If `share` is not between 0 and 1.
 * @throws {TypeError} If `share` is not a number.
 */
export function ratio(share: number): Sampler {
  const isNumber = typeof share === "number";
  if (!isNumber || !(share >= 0 && share <= 1)) {
    throw new (isNumber ? RangeError : TypeError)(
      `Cannot sample a share of ${
        display(share)
      }: give a number from 0 to 1, ` +
        `such as 0.1`,
    );
  }
  if (share === 1) return alwaysOn;
  // `(1 - share) * 2^56` would lose the low digits of a small share.
  const threshold = 2n ** 56n - BigInt(Math.round(share * 2 ** 56));
  if (threshold === 2n ** 56n) return alwaysOff;
  // Hexadecimal strings of equal length compare like their numbers, and hold 56
  // bits exactly; a float64 holds 53.
  const digits = threshold.toString(16).padStart(RANDOM_DIGITS, "0");
  return ({ traceId }) => traceId.slice(-RANDOM_DIGITS) >= digits;
}

const RANDOM_DIGITS = 14;

/**
 * Follows the decision of the parent span; calls `root` if there is no parent.
 *
 * @throws {TypeError} If `root` is not a function.
 */
export function parentBased(root: Sampler): Sampler {
  if (typeof root !== "function") {
    throw new TypeError(
      `Cannot sample by parents: root is of type ${typeof root}; ` +
        `give a function, such as ratio(0.1)`,
    );
  }
  return (candidate) => candidate.parent?.sampled ?? root(candidate);
}
