/** A clock that only a test advances. */
import type { Clock } from "../base/mod.ts";

/**
 * A clock for tests, which stands still until `advance` is called. Pass it as an
 * option, as in `createRegistry({ clock })`.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { FakeClock } from "@barograph/barograph/testing";
 *
 * const clock = new FakeClock();
 * const registry = createRegistry({ clock });
 * const duration = registry.histogram({
 *   name: "job_duration_seconds",
 *   help: "How long jobs take.",
 * });
 * const timer = duration.startTimer();
 * clock.advance(2.5);
 * timer.stop(); // 2.5
 * ```
 */
export class FakeClock implements Clock {
  #unix: number;
  #mono = 0;

  /** Starts at `unix`, in unix seconds. Default: a moment in November 2023. */
  constructor(unix = 1_700_000_000) {
    this.#unix = unix;
  }

  /**
   * Advances both scales by `seconds`.
   *
   * @throws {RangeError} If `seconds` is negative or not finite.
   */
  advance(seconds: number): void {
    if (!(seconds >= 0 && seconds < Infinity)) {
      throw new RangeError(
        `Cannot advance the clock by ${seconds}: give a finite number of 0 ` +
          `or more; for another start, create a new FakeClock(unix)`,
      );
    }
    this.#unix += seconds;
    this.#mono += seconds;
  }

  /** Returns unix seconds. */
  unix(): number {
    return this.#unix;
  }

  /** Returns the sum of all advances, in seconds. */
  mono(): number {
    return this.#mono;
  }
}
