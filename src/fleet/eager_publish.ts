/**
 * Publishes after each request, as far as that is cheap: others then see what was
 * counted before its client has the answer.
 *
 * Such publishes may take a fiftieth of the time. A small registry takes some 20 µs,
 * so in a program with little traffic each request publishes at once. Under load
 * many requests share a publish, which is as late as the budget demands.
 */
import type { Cancel, Clock, Timers } from "../base/mod.ts";

/** The share of the time that publishes may take. */
const SHARE = 0.02;

/** Maximum of the time that is saved up, in seconds. */
const MAX_BUDGET = 0.05;

/** See the head of this file. */
export class EagerPublish {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #publish: () => void;
  /** Seconds that publishes may take now. */
  #budget = MAX_BUDGET;
  /** When the budget was last reckoned. */
  #at: number;
  /** Cancels the publish that waits for the budget. */
  #waiting: Cancel | undefined;

  constructor(clock: Clock, timers: Timers, publish: () => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#publish = publish;
    this.#at = clock.mono();
  }

  /** Publishes now, or else once the budget allows it. */
  request(): void {
    if (this.#waiting !== undefined) return;
    const now = this.#earn();
    if (this.#budget >= 0) return this.#run(now);
    this.#waiting = this.#timers.after(-this.#budget / SHARE, () => {
      this.#waiting = undefined;
      this.#run(this.#earn());
    });
  }

  /** Adds what the time since the last call has earned; returns the time. */
  #earn(): number {
    const now = this.#clock.mono();
    const earned = Math.max(0, now - this.#at) * SHARE;
    this.#budget = Math.min(MAX_BUDGET, this.#budget + earned);
    this.#at = now;
    return now;
  }

  #run(start: number): void {
    this.#publish();
    this.#budget -= Math.max(0, this.#clock.mono() - start);
  }

  /** Cancels a publish that waits. */
  cancel(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }
}
