/**
 * How late the event loop is: by a timer that looks when it is really called.
 *
 * The measurements of the runtimes themselves are not to be trusted: one tells
 * of a hundredth of a millisecond where the loop was held for a hundred.
 */
import { type Clock, systemClock } from "../base/mod.ts";
import { familyDesc, Labels, type Source } from "../model/mod.ts";
import type { Host } from "../platform/mod.ts";
import { thisHost, unref } from "../platform/internal.ts";
import { Durations } from "./durations.ts";

/** Calls `work` again and again; the result ends that. */
export type Repeat = (seconds: number, work: () => void) => () => void;

/** How the delay of the event loop is measured. */
export interface EventLoopOptions {
  /**
   * Seconds between two looks, 0.01 unless given. Who holds the loop for a
   * time is told of with that much less at most.
   */
  readonly resolution?: number;
  /** Where the time comes from, the machine unless given. */
  readonly clock?: Clock;
  /** What repeats, a timer unless given. */
  readonly repeat?: Repeat;
  /** The process, this one unless given. */
  readonly host?: Host;
}

/**
 * Measures the delay of the event loop until it is disposed, also while nobody
 * scrapes: what has happened in between would be lost. It keeps no process
 * alive.
 *
 * @throws {RangeError} If the resolution is not from 0.001 to 10 seconds.
 */
export function eventLoopDelay(
  options: EventLoopOptions = {},
): Source & Disposable {
  const { resolution = 0.01, clock = systemClock, host = thisHost } = options;
  if (!(resolution >= 0.001 && resolution <= 10)) {
    throw new RangeError(
      `Cannot measure the event loop every ${resolution} seconds: ` +
        `give a number from 0.001 to 10, such as 0.01`,
    );
  }
  const desc = familyDesc({
    name: `${host.runtime}_eventloop_delay_seconds`,
    type: "histogram",
    help: "How late the event loop has called a timer.",
    unit: "seconds",
  });
  const delays = new Durations();
  const start = clock.unix();
  let expected = clock.mono() + resolution;
  const end = (options.repeat ?? byTimer)(resolution, () => {
    const now = clock.mono();
    delays.observe(Math.max(0, now - expected));
    expected = now + resolution;
  });
  return {
    descs: [desc],
    collect(sink) {
      if (sink.family(desc)) sink.histogram(Labels.NONE, delays, start);
    },
    [Symbol.dispose]: end,
  };
}

const byTimer: Repeat = (seconds, work) => {
  const timer = unref(setInterval(work, seconds * 1000));
  return () => clearInterval(timer);
};
