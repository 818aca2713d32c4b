/** The results of requests, and the ends of the items that they carry. */

/** The result of sending a batch. */
export type SendOutcome =
  /** Accepted, except for `rejected` of the items. */
  | {
    readonly state: "accepted";
    readonly rejected: number;
    /** Why items were rejected. */
    readonly error?: Error | undefined;
  }
  /** Failed temporarily: retried, after at least `after` seconds if it is set. */
  | {
    readonly state: "retry";
    readonly after: number | undefined;
    readonly error: Error;
    /** Whether it was the last try: the items are lost. Default: false. */
    readonly isLast?: boolean | undefined;
  }
  /**
   * Too large, by the own limit or by that of the collector: sent again in halves.
   * A single item counts as refused for good.
   */
  | { readonly state: "tooLarge"; readonly error: Error }
  /** Refused for good. */
  | { readonly state: "refused"; readonly error: Error }
  /** Too old to be sent: lost without a request. */
  | { readonly state: "expired"; readonly error: Error };

/** The end of an item; one of a batch that was accepted in part is `exported`. */
export type ItemEnd = "exported" | "rejected" | "lost";
