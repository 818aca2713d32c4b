/** The items of a subscription: events, and gaps between them. */

/**
 * An event of one of the topics of `M`, discriminated by `topic`.
 *
 * All subscribers share the same object: do not change it.
 */
export type BusEvent<
  M extends object,
  K extends keyof M & string = keyof M & string,
> = {
  readonly [T in K]: {
    /** Id of the event: 1 for the first event of the epoch, then ascending by 1. */
    readonly id: number;
    /** Topic of the event. */
    readonly topic: T;
    /** Time of the event in unix seconds. */
    readonly time: number;
    /** Data of the event. */
    readonly data: M[T];
    /** Never set: distinguishes an event from a `Gap`. */
    readonly gap?: undefined;
  };
}[K];

/** Reason of a gap. */
export type GapReason =
  /** The subscriber read too slowly. */
  | "lagged"
  /** The subscriber resumed, and events after its position had been evicted. */
  | "expired"
  /** The subscriber resumed from an earlier epoch, whose events are gone. */
  | "restarted";

/** Takes the place of missed events in the sequence of a subscriber. */
export interface Gap {
  /** Reason of the gap. */
  readonly gap: GapReason;
  /** Id of the first missing event. */
  readonly from: number;
  /** Id of the last missing event; `from - 1` if none of this epoch is missing. */
  readonly to: number;
  /**
   * Number of missing events of the topics that the subscriber reads. An upper
   * bound for a subscriber with `topics` if the gap is `expired` or `restarted`;
   * exact otherwise.
   */
  readonly missed: number;
}
