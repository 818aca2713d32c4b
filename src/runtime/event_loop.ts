/**
 * Measures the delay of the event loop by how late a timer runs.
 *
 * The measurements of most runtimes are missing or unreliable: one reports 0.01 ms
 * for a loop that was blocked for 100 ms. That of Node is exposed, too.
 */
import type { Clock, MetricNames, Timers } from "../base/mod.ts";
import {
  CLOCK,
  METRIC_NAMES,
  readOptions,
  rule,
  type SchemaOf,
  TIMERS,
} from "../base/internal.ts";
import { familyDesc, Labels, type Sink, type Source } from "../model/mod.ts";
import { isRequestBound, processInfo } from "../platform/internal.ts";
import type { DelayStats, LoopTime, ProcessInfo } from "../platform/mod.ts";
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
  /**
   * The names of statistics that the runtime itself measures; those without a
   * counterpart in the conventions keep theirs. Default: `prometheus`.
   */
  readonly names?: MetricNames | undefined;
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
  names: METRIC_NAMES,
} satisfies SchemaOf<EventLoopOptions>;

/**
 * Returns a source that measures the delay of the event loop until it is
 * disposed, as a histogram of seconds. On Node, it also has the gauges
 * `nodejs_eventloop_lag_…`: the last delay, and statistics since the last scrape
 * by `monitorEventLoopDelay`, which count the time between two measurements. The
 * conventions name these statistics `nodejs_eventloop_delay_…`, and add the time
 * in which the loop has worked and waited.
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
  const read = readOptions("Cannot measure the event loop", SCHEMA, options);
  const { resolution, clock, timers, names } = read;
  const { processInfo: info = processInfo() } = read;
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
  const lags = monitor && lagsOf(info, names, () => last, () => monitor.take());
  const peek = (sink: Sink): void => {
    if (sink.family(desc)) sink.histogram(Labels.NONE, delays, start);
  };
  return replaceable({
    descs: [desc, ...lags?.descs ?? []],
    collect(sink) {
      peek(sink);
      lags?.collect(sink);
    },
    peek, // without the statistics since the last scrape, which are reset
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
  /** The time of the loop so far. */
  readonly time: LoopTime | undefined;
  /** The share of work in it since the last scrape. */
  readonly utilization: number | undefined;
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
  info: ProcessInfo,
  names: MetricNames,
  last: () => number | undefined,
  take: () => DelayStats | undefined,
): Source {
  let stats: DelayStats | undefined;
  const utilization = utilizationMeter();
  const gauge = (
    name: string,
    help: string,
    read: (facts: Facts) => number | undefined,
    only?: MetricNames,
  ): Reading<Facts> =>
    reading<Facts>({
      name: `${info.runtime}_eventloop_${name}`,
      type: "gauge",
      help,
      unit: name.slice(name.lastIndexOf("_") + 1),
      only,
    }, read);
  const parts = Object.keys(HELP) as (keyof DelayStats)[];
  return sourceOf(
    [
      gauge(
        "lag_seconds",
        "How late the event loop has called the last timer.",
        (facts) => facts.last,
      ),
      ...(["prometheus", "semconv"] as const).flatMap((only) =>
        parts.map((part) =>
          gauge(
            `${only === "semconv" ? "delay" : "lag"}_${part}_seconds`,
            `${HELP[part]} of the event loop since the last scrape.`,
            (facts) => facts.stats?.[part],
            only,
          )
        )
      ),
      reading<Facts>({
        name: `${info.runtime}_eventloop_time_seconds_total`,
        type: "counter",
        help: "Time of the event loop by state.",
        unit: "seconds",
        label: `${info.runtime}_eventloop_state`,
        only: "semconv",
      }, ({ time }) => time && [["active", time.active], ["idle", time.idle]]),
      gauge(
        "utilization_ratio",
        "Share of time in which the event loop worked since the last scrape.",
        (facts) => facts.utilization,
        "semconv",
      ),
    ],
    () => {
      const time = info.loopTime?.();
      return {
        last: last(),
        stats: stats = take() ?? stats,
        time,
        utilization: time && utilization(time),
      };
    },
    names,
  );
}

/** Returns a function that returns the share of work since its last call. */
function utilizationMeter(): (time: LoopTime) => number | undefined {
  let before: LoopTime = { active: 0, idle: 0 };
  return (time) => {
    const active = time.active - before.active;
    const all = active + time.idle - before.idle;
    before = time;
    return all > 0 ? active / all : undefined;
  };
}
