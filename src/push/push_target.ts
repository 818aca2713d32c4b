/** The interface between the seam and the kinds of receivers of metrics. */
import type { RevocableSink } from "../model/mod.ts";
import type { SendOutcome } from "./send_outcome.ts";

/** One synchronous pass over the parts of a source. */
export interface Pass {
  /** Unix seconds: the only reading of the clock for this pass. */
  readonly time: number;
  /**
   * Writes all parts into `sink`. A part that fails is rolled back and reported;
   * the others are written. Returns whether no part is left out.
   */
  collect(sink: RevocableSink): boolean;
}

/** One request of a push. */
export interface PushRequest {
  /** The number of points that it carries. */
  readonly points: number;
}

/** The result of sending one request. Counts are points. */
export type RequestOutcome =
  | Extract<SendOutcome, { state: "accepted" | "retry" }>
  /** Refused for good, except for the points that were `accepted` (default: 0). */
  | {
    readonly state: "refused";
    readonly accepted?: number | undefined;
    readonly error: Error;
  }
  /**
   * The receiver took nothing, and wants the state in another form: the push is
   * collected and encoded again, at once.
   */
  | { readonly state: "again"; readonly error: Error };

/**
 * One kind of receiver.
 *
 * `J` is the kind of a push, for receivers with several: for example whether it
 * replaces or deletes.
 */
export interface PushTarget<R extends PushRequest, J> {
  /**
   * The maximum number of waiting pushes. 1: a newer push replaces one that
   * waits, and the state is collected just before it is sent, when no other
   * request is in progress. More: the state is collected when the push is made,
   * and pushes are sent in order.
   */
  readonly capacity: number;
  /** The maximum number of tries of a push. */
  readonly maxTries: number;
  /** The time after which a push is no longer tried, in seconds. */
  readonly maxAge: number;
  /** Returns whether a push of `job` reads the source. Default: each does. */
  readonly reads?: ((job: J) => boolean) | undefined;
  /**
   * Encodes the state into requests, which are sent in order. None: there is
   * nothing to send, and the push is complete.
   */
  encode(pass: Pass, job: J): readonly R[];
  /** Sends a request once; ends when `signal` aborts. Never rejects. */
  send(request: R, signal: AbortSignal): Promise<RequestOutcome>;
}

/** Counts of points. Each point of a push is in exactly one of them. */
export interface PointStats {
  /** Points of waiting pushes, including those of a request in progress. */
  readonly queued: number;
  /** Points that the receiver accepted. */
  readonly exported: number;
  /** Points of pushes that were lost. */
  readonly lost: number;
  /** Points that the receiver refused for good. */
  readonly rejected: number;
}

/** Returns the number of points in requests. */
export function pointsOf(requests: readonly PushRequest[] | undefined): number {
  let sum = 0;
  for (const { points } of requests ?? []) sum += points;
  return sum;
}

/** Returns how many of the points of a request were accepted. */
export function exportedOf(points: number, outcome: RequestOutcome): number {
  const { state } = outcome;
  if (state === "accepted") return Math.max(0, points - outcome.rejected);
  return state === "refused" ? Math.min(points, outcome.accepted ?? 0) : 0;
}
