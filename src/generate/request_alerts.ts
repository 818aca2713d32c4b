/** Alerts on HTTP requests, served and sent: failures and durations by route. */
import { boundText } from "../base/internal.ts";
import {
  type AlertInit,
  labelIn,
  PERCENTAGE,
  type TestWorld,
} from "./alert.ts";
import { quantile } from "./families.ts";
import type { PromQL } from "./promql.ts";
import {
  errorRatio,
  type RequestFamilies,
  requestRate,
  SERVER_ERROR,
} from "./requests.ts";
import type { TestSeries } from "./rule_model.ts";

/** Limits of requests. */
export interface RequestThresholds {
  readonly errorRatio: number;
  readonly latency: number;
}

/** Requests per second below which shares and quantiles mean little. */
const MIN_RATE = 0.05;

const WORDS = {
  server: { alert: "Request", all: "Requests of", of: "requests of" },
  client: { alert: "Call", all: "Calls to", of: "calls to" },
} as const;

/** Minutes for which a limit must be exceeded. */
const HOLDS = 5;

/** Requests per minute in tests. */
const PER_MINUTE = 600;

const ROUTE = "/orders";

/** Returns the alerts on a group of request metrics. */
export function requestAlerts(
  promql: PromQL,
  world: TestWorld,
  metrics: RequestFamilies,
  thresholds: RequestThresholds,
): AlertInit[] {
  const { side, route, constants, duration } = metrics;
  const words = WORDS[side];
  const labels = ["job", ...[route, ...constants].map((x) => promql.label(x))];
  const where = labelIn(promql.labelName(route));
  const busy = `${requestRate(promql, metrics, labels)} > ${MIN_RATE}`;
  const { errorRatio: share, latency } = thresholds;
  const slow = quantile(promql, duration, 0.99, labels);
  const durations = (above: number): TestSeries[] => [
    ...world.histogram(
      duration,
      { [route]: ROUTE },
      PER_MINUTE,
      latency,
      above,
      boundText,
    ),
    ...metrics.requests === undefined ? [] : requests(world, metrics, 0),
  ];
  return [
    {
      alert: `${words.alert}ErrorsHigh`,
      severity: "page",
      expr: `${errorRatio(promql, metrics, labels)} > ${share} and ${busy}`,
      holds: HOLDS,
      summary: `${words.all} ${where} fail`,
      description: `${PERCENTAGE} of the ${words.of} ${where} by ` +
        `{{ $labels.job }} failed for ${HOLDS} minutes; ` +
        `the limit is ${+(100 * share).toPrecision(6)} %.`,
      firing: requests(world, metrics, (1 + share) / 2),
      quiet: requests(world, metrics, share / 2),
    },
    {
      alert: `${words.alert}sSlow`,
      severity: "page",
      expr: `${slow} > ${latency} and ${busy}`,
      holds: HOLDS,
      summary: `${words.all} ${where} are slow`,
      description: `The 99th percentile of the ${words.of} ${where} by ` +
        `{{ $labels.job }} is {{ $value | humanizeDuration }}; ` +
        `the limit is ${latency} s.`,
      firing: durations(0.5),
      quiet: durations(0),
    },
  ];
}

/** Returns the series of requests of which a share fails. */
function requests(
  world: TestWorld,
  { requests, duration, route, status, failed }: RequestFamilies,
  share: number,
): TestSeries[] {
  const count = (failure: string, outcome: string, perMinute: number) => {
    const all = { [route]: ROUTE, [failed.label]: failure, [status]: outcome };
    return requests === undefined
      ? world.histogram(duration, all, perMinute, 1, 0, boundText)
      : [world.counter(requests.name, all, perMinute)];
  };
  return [
    ...count(SERVER_ERROR, SERVER_ERROR, PER_MINUTE * share),
    ...count("", "200", PER_MINUTE * (1 - share)),
  ];
}
