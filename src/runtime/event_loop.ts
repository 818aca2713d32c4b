/**
 * Measures the delay of the event loop by how late a timer runs.
 *
 * The measurements of most runtimes are missing or unreliable: one reports 0.01 ms
 * for a loop that was blocked for 100 ms. That of Node is exposed, too.
 */
import type { Clock, Timers } from "../base/mod.ts";
import {
  CLOCK,
  readOptions,
  rule,
  type SchemaOf,
  TIMERS,
} from "../base/internal.ts";
import { familyDesc, Labels, type Source } from "../model/mod.ts";
import { isRequestBound, processInfo } from "../platform/internal.ts";
import type { DelayStats, ProcessInfo } from "../platform/mod.ts";
import { Durations } from "./durations.ts";
import { PROCESS_INFO } from "./process_option.ts";
import { type Reading, reading, replaceable, sourceOf } from "./source.ts";

/** Options of `eventLoopDelay`. */
export interface EventLoopOptions {
  /**
   * Seconds between two measurements, from 0.001 to 10. Default: 0.01. Delays
   * are under-reported by at most this much.
   */
  readonly resolution?: number | undefined;
  /** The clock that measures delays. Default: the system clock. */
  readonly clock?: Clock | undefined;
  /** The timers whose delay is measured. Default: the runtime's timers. */
  readonly timers?: Timers | undefined;
  /** The process whose runtime names the metric. Default: this process. */
  readonly processInfo?: ProcessInfo | undefined;
}

const SCHEMA = {
  resolution: rule<number>(
    (value) => typeof value === "number" && value >= 0.001 && value <= 10,
    "a number from 0.001 to 10, such as 0.01",
    0.01,
  ),
  clock: CLOCK,
  timers: TIMERS,
  processInfo: PROCESS_INFO,
} satisfies SchemaOf<EventLoopOptions>;

/**
 * Returns a source that measures the delay of the event loop until it is
 * disposed, as a histogram of seconds. On Node, it also has the gauges
 * `nodejs_eventloop_lag_…`: the last delay, and statistics since the last scrape
 * by `monitorEventLoopDelay`, which count the time between two measurements.
 *
 * It measures continuously, because the loop is mostly blocked between scrapes.
 * It does not keep the process alive. On Cloudflare Workers, where no timer runs
 * between requests, the source is empty.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function eventLoopDelay(
  options: EventLoopOptions = {},
): Source & Disposable {
  const { resolution, clock, timers, processInfo: info = processInfo() } =
    readOptions("Cannot measure the event loop", SCHEMA, options);
  if (isRequestBound()) {
    return replaceable({
      descs: [],
      collect: () => {},
      [Symbol.dispose]: () => {},
    });
  }
  const desc = familyDesc({
    name: `${info.runtime}_eventloop_delay_seconds`,
    type: "histogram",
    help: "How late the event loop has called a timer.",
    unit: "seconds",
  });
  const delays = new Durations();
  let last: number | undefined;
  const start = clock.unix();
  let expected = clock.mono() + resolution;
  const cancel = timers.every(resolution, () => {
    const now = clock.mono();
    last = Math.max(0, now - expected);
    delays.observe(last);
    expected = now + resolution;
  });
  const monitor = info.monitorDelays?.(resolution);
  const lags = monitor &&
    lagsOf(info.runtime, () => last, () => monitor.take());
  return replaceable({
    descs: [desc, ...lags?.descs ?? []],
    collect(sink) {
      if (sink.family(desc)) sink.histogram(Labels.NONE, delays, start);
      lags?.collect(sink);
    },
    [Symbol.dispose](): void {
      cancel();
      monitor?.[Symbol.dispose]();
    },
  });
}

/** Facts about delays at one scrape. */
interface Facts {
  readonly last: number | undefined;
  readonly stats: DelayStats | undefined;
}

const HELP: Readonly<Record<keyof DelayStats, string>> = {
  min: "The shortest delay",
  max: "The longest delay",
  mean: "The mean of the delays",
  stddev: "The standard deviation of the delays",
  p50: "The median of the delays",
  p90: "The 90th percentile of the delays",
  p99: "The 99th percentile of the delays",
};

function lagsOf(
  runtime: string,
  last: () => number | undefined,
  take: () => DelayStats | undefined,
): Source {
  let stats: DelayStats | undefined;
  const lag = (
    name: string,
    help: string,
    read: (facts: Facts) => number | undefined,
  ): Reading<Facts> =>
    reading({
      name: `${runtime}_eventloop_lag_${name}seconds`,
      type: "gauge",
      help,
      unit: "seconds",
    }, read);
  const names = Object.keys(HELP) as (keyof DelayStats)[];
  return sourceOf([
    lag(
      "",
      "How late the event loop has called the last timer.",
      (facts) => facts.last,
    ),
    ...names.map((name) =>
      lag(
        `${name}_`,
        `${HELP[name]} of the event loop since the last scrape.`,
        (facts) => facts.stats?.[name],
      )
    ),
  ], () => ({ last: last(), stats: stats = take() ?? stats }));
}
