/** The parts that a feed reads. */
import type { Clock, Timers } from "../../base/mod.ts";
import type { Bus } from "../../bus/mod.ts";
import type { EventFrames } from "../../http/internal.ts";
import type { KeptHistory } from "../history/kept_history.ts";
import type { Findings, Health, Hello, TraceSummary } from "../protocol.ts";

/** A state that changes now and then, such as all findings. */
export interface State<T> {
  /** Returns the state; undefined if it is not known yet. */
  now(): T | undefined;
  /** Calls `listener` after each change, until the result is disposed. */
  follow(listener: () => void): Disposable;
}

/** The parts of a feed; absent ones send nothing. */
export interface FeedParts {
  readonly history: KeptHistory;
  /** Returns the first message. */
  readonly hello: () => Hello;
  readonly findings: State<Findings>;
  readonly health: State<Health>;
  /** Calls `listener` with each trace that has ended. */
  readonly traces:
    | ((listener: (summary: TraceSummary) => void) => Disposable)
    | undefined;
  // deno-lint-ignore no-explicit-any -- a bus of any topics
  readonly bus: Bus<any> | undefined;
  // deno-lint-ignore no-explicit-any -- a bus of any topics
  readonly events: EventFrames<any> | undefined;
  readonly maxFeeds: number;
  readonly clock: Clock;
  readonly timers: Timers;
}
