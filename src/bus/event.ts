/** What a subscriber sees: events, and the gaps between them. */

/**
 * Something that happened: one of the topics of `M`, told apart by `topic`.
 *
 * Events are shared by all who read them: never change one.
 */
export type BusEvent<
  M extends object,
  K extends keyof M & string = keyof M & string,
> = {
  readonly [T in K]: {
    /** Grows by one with each event of the bus, from 1 on. */
    readonly id: number;
    /** What kind of event it is. */
    readonly topic: T;
    /** When it was published, in unix seconds. */
    readonly time: number;
    /** What is told of it. */
    readonly data: M[T];
    /** Never there: see `Gap`. */
    readonly gap?: undefined;
  };
}[K];

/** Why events are missing. */
export type GapReason =
  /** The subscriber read too slowly. */
  | "lagged"
  /** It resumed after an event that is no longer kept. */
  | "expired"
  /** It resumed in another life of the bus, whose events are gone for good. */
  | "restarted";

/** Stands in a sequence of events for those that a subscriber has missed. */
export interface Gap {
  /** Why they are missing. */
  readonly gap: GapReason;
  /** The id of the first that is missing. */
  readonly from: number;
  /** The id of the last one; `from - 1` if this life of the bus lacks none. */
  readonly to: number;
  /**
   * How many of these the subscriber would have got: with `topics`, those of
   * its topics. Exact, but for a subscriber of some topics that resumes after
   * an event that is gone: then it is the most that there can have been.
   */
  readonly missed: number;
}
