/** Points that are not accepted, with the reason. */

/** The reason of a rejected point: the label `reason` of the self-metrics. */
export type Reason =
  /** The point itself cannot be: a negative counter, counts that differ. */
  | "invalid"
  /** Another family has the name, or the same name with another type. */
  | "conflict"
  /** A limit of the receiver: families, senders, series, labels. */
  | "limit"
  /** A newer point of the series was received before. */
  | "late";

/** A reason with its message to the sender. */
export class Rejection {
  readonly reason: Reason;
  readonly words: string;

  constructor(reason: Reason, words: string) {
    this.reason = reason;
    this.words = words;
  }
}

/** Returns a rejection of a point that cannot be. */
export function invalid(words: string): Rejection {
  return new Rejection("invalid", words);
}
