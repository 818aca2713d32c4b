/**
 * The delay of the event loop, measured by how late a timer runs.
 *
 * The runtimes' own measurements are unreliable: one reports a hundredth of a
 * millisecond for a loop that was blocked for a hundred.
 */
import {
  type Clock,
  systemClock,
  systemTimers,
  type Timers,
} from "../base/mod.ts";
import { ofType, readOptions, rule, type SchemaOf } from "../base/internal.ts";
import { familyDesc, Labels, type Source } from "../model/mod.ts";
import { processInfo } from "../platform/internal.ts";
import type { ProcessInfo } from "../platform/mod.ts";
import { Durations } from "./durations.ts";

/** Options of `eventLoopDelay`. */
export interface EventLoopOptions {
  /**
   * Seconds between two measurements, from 0.001 to 10. Default: 0.01. Delays
   * are under-reported by at most this much.
   */
  readonly resolution?: number | undefined;
  /** The clock that measures. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** The timers that are measured. Default: the runtime's. */
  readonly timers?: Timers | undefined;
  /** The process whose name the metric has. Default: this process. */
  readonly processInfo?: ProcessInfo | undefined;
}

const SCHEMA = {
  resolution: rule<number>(
    (value) => typeof value === "number" && value >= 0.001 && value <= 10,
    "a number from 0.001 to 10, such as 0.01",
    0.01,
  ),
  clock: ofType<Clock>(["object"], "a clock, such as systemClock", systemClock),
  timers: ofType<Timers>(
    ["object"],
    "an object with after() and every()",
    systemTimers,
  ),
  processInfo: ofType<ProcessInfo>(
    ["object"],
    "facts about a process, as an object",
  ),
} satisfies SchemaOf<EventLoopOptions>;

/**
 * Measures the delay of the event loop until it is disposed, as a histogram.
 *
 * It measures between scrapes too, because blocks happen there. It does not
 * keep the process alive.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function eventLoopDelay(
  options: EventLoopOptions = {},
): Source & Disposable {
  const { resolution, clock, timers, processInfo: info = processInfo() } =
    readOptions("Cannot measure the event loop", SCHEMA, options);
  const desc = familyDesc({
    name: `${info.runtime}_eventloop_delay_seconds`,
    type: "histogram",
    help: "How late the event loop has called a timer.",
    unit: "seconds",
  });
  const delays = new Durations();
  const start = clock.unix();
  let expected = clock.mono() + resolution;
  const cancel = timers.every(resolution, () => {
    const now = clock.mono();
    delays.observe(Math.max(0, now - expected));
    expected = now + resolution;
  });
  return {
    descs: [desc],
    collect(sink) {
      if (sink.family(desc)) sink.histogram(Labels.NONE, delays, start);
    },
    [Symbol.dispose]: cancel,
  };
}
