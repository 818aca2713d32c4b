/**
 * Objectives: the share of events that must be good, and the alerts of how fast
 * the share of bad ones uses up what is left.
 *
 * Windows and factors: Google, The Site Reliability Workbook, chapter 5,
 * "Multiwindow, Multi-Burn-Rate Alerts".
 */
import { boundText, quoted } from "../base/internal.ts";
import { type AlertInit, PERCENTAGE, plain, type TestWorld } from "./alert.ts";
import {
  observations,
  observationsUpTo,
  type QueriedFamily,
} from "./families.ts";
import { by, exactly, type Matcher, type PromQL } from "./promql.ts";
import { type RequestFamilies, SERVER_ERROR } from "./requests.ts";
import type { RecordingRule, TestSeries } from "./rule_model.ts";

/** A value or several for each of some labels. */
export type LabelValues = Readonly<Record<string, string | readonly string[]>>;

/** The share of events that must be good. */
export interface Objective {
  /** Identifies the objective, as the label `slo`: `availability`. */
  readonly name: string;
  /** The share of good events, above 0 and below 1: `0.999`. */
  readonly target: number;
  /**
   * The family that counts the events: a counter or a histogram. Default: the
   * HTTP requests that the service answers.
   */
  readonly family?: string | undefined;
  /**
   * Labels of bad events, each with a value or several. Default for HTTP
   * requests: server errors.
   */
  readonly bad?: LabelValues | undefined;
  /**
   * Events are bad if they are above this, in the unit of the histogram; in
   * place of `bad`. Classic buckets must have this bound.
   */
  readonly below?: number | undefined;
  /**
   * Labels of the events that count, each with a value or several:
   * `{ route: "/checkout" }`. Default: all events.
   */
  readonly where?: LabelValues | undefined;
}

/** Two windows in which the budget is used up too fast. */
interface Burn {
  readonly long: string;
  readonly short: string;
  /** How many times as fast as allowed. */
  readonly factor: number;
  readonly severity: "page" | "ticket";
  /** Minutes for which it must last. */
  readonly holds: number;
}

const BURNS: readonly Burn[] = [
  { long: "1h", short: "5m", factor: 14.4, severity: "page", holds: 2 },
  { long: "6h", short: "30m", factor: 6, severity: "page", holds: 15 },
  { long: "1d", short: "2h", factor: 3, severity: "ticket", holds: 60 },
  { long: "3d", short: "6h", factor: 1, severity: "ticket", holds: 60 },
];

const WINDOWS: readonly string[] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];

/** An objective whose family was found. */
interface Resolved extends Objective {
  readonly counted: QueriedFamily;
  readonly badOnes: Selection;
  readonly all: Selection;
}

/** Conditions on labels, and values that meet them. */
interface Selection {
  readonly matchers: readonly Matcher[];
  readonly example: Readonly<Record<string, string>>;
}

/** The recording rules and alerts of an objective. */
export interface ObjectiveRules {
  readonly records: readonly RecordingRule[];
  readonly alerts: readonly AlertInit[];
}

/**
 * Returns the rules of an objective.
 *
 * @throws {TypeError | RangeError} If its family does not exist or lacks a label
 *   or bound; the message begins with `action`.
 */
export function objectiveRules(
  action: string,
  promql: PromQL,
  world: TestWorld,
  families: readonly QueriedFamily[],
  requests: RequestFamilies | undefined,
  objective: Objective,
): ObjectiveRules {
  const resolved = resolve(action, families, requests, objective);
  const { name, target } = resolved;
  const labels = { slo: name };
  return {
    records: WINDOWS.map((window) => ({
      record: recordOf(window),
      expr: badShare(promql.over(window), resolved),
      labels,
    })),
    // A share above 1 cannot be exceeded.
    alerts: BURNS.filter(({ factor }) => factor * (1 - target) < 1)
      .map((burn) => alertOn(promql, world, resolved, burn)),
  };
}

/** Returns the name of the recorded share of bad events. */
function recordOf(window: string): string {
  return `job:slo_errors:ratio_rate${window}`;
}

function alertOn(
  promql: PromQL,
  world: TestWorld,
  resolved: Resolved,
  { long, short, factor, severity, holds }: Burn,
): AlertInit {
  const { name, target } = resolved;
  const limit = +(factor * (1 - target)).toPrecision(12);
  const slo: Matcher = { label: "slo", op: "=", value: name };
  const above = (window: string) =>
    `${promql.select(recordOf(window), [slo])} > ${limit}`;
  return {
    alert: "ErrorBudgetBurn",
    severity,
    expr: `${above(long)} and ${above(short)}`,
    holds,
    labels: { slo: name, long_window: long, short_window: short },
    summary: `{{ $labels.job }} misses its objective ${plain(name)}`,
    description: `${PERCENTAGE} of the events of the last ${long} were bad; ` +
      `the objective allows ${+(100 * (1 - target)).toPrecision(6)} %. ` +
      `The burn rate is above ${factor}.`,
    firing: events(world, resolved, (1 + limit) / 2),
    quiet: events(world, resolved, limit / 2),
  };
}

function selectionOf(labels: LabelValues = {}): Selection {
  const entries = Object.entries(labels).map(([label, given]) =>
    [label, typeof given === "string" ? [given] : given] as const
  );
  return {
    matchers: entries.map(([label, values]): Matcher =>
      values.length === 1
        ? { label, op: "=", value: values[0]! }
        : { label, op: "=~", value: values.map(exactly).join("|") }
    ),
    example: Object.fromEntries(
      entries.map(([label, [value = ""]]) => [label, value]),
    ),
  };
}

/** Returns the failed requests of a server. */
function failuresOf({ failed }: RequestFamilies): Selection {
  return { matchers: [failed], example: { [failed.label]: SERVER_ERROR } };
}

function resolve(
  action: string,
  families: readonly QueriedFamily[],
  requests: RequestFamilies | undefined,
  objective: Objective,
): Resolved {
  const { name, family, bad, below, where } = objective;
  const start = `${action}: objective ${quoted(name)}`;
  if (bad !== undefined && below !== undefined) {
    throw new TypeError(`${start} has both bad and below; give one of them`);
  }
  const isHttp = family === undefined;
  const counted = isHttp
    ? below === undefined
      ? requests?.requests ?? requests?.duration
      : requests?.duration
    : families.find((one) => one.name === family);
  if (counted === undefined) {
    throw new TypeError(
      isHttp
        ? `${start}: there are no HTTP requests; observe a handler, or give family`
        : `${start}: there is no family ${quoted(family)}; declare it`,
    );
  }
  const badOnes = bad === undefined && isHttp && below === undefined
    ? failuresOf(requests!)
    : selectionOf(bad);
  if (badOnes.matchers.length === 0 && below === undefined) {
    throw new TypeError(
      `${start} does not say which events are bad; ` +
        'give bad, such as { outcome: "failed" }, or below',
    );
  }
  const all = selectionOf(where);
  for (const { label } of [...badOnes.matchers, ...all.matchers]) {
    if (counted.labelNames.includes(label)) continue;
    throw new TypeError(
      `${start}: family ${quoted(counted.name)} has no label ` +
        `${quoted(label)}; give any of ${counted.labelNames.join(", ")}`,
    );
  }
  const isCounted = below === undefined && counted.type === "counter";
  if (!isCounted && counted.type !== "histogram") {
    throw new TypeError(
      `${start}: family ${quoted(counted.name)} is a ${counted.type}; give a ` +
        (below === undefined ? "counter or a histogram" : "histogram"),
    );
  }
  const { buckets, bounds = [] } = counted;
  if (
    below !== undefined && buckets !== "native" && bounds.length > 0 &&
    !bounds.includes(below)
  ) {
    throw new RangeError(
      `${start}: below is ${below}, which is no bucket bound of ` +
        `${quoted(counted.name)}; give one of ${bounds.join(", ")}`,
    );
  }
  return { ...objective, counted, badOnes, all };
}

/** Returns the share of bad events by job. */
function badShare(
  promql: PromQL,
  { counted, badOnes, all, below }: Resolved,
): string {
  const labels = ["job"];
  const rate = (conditions: readonly Matcher[]) =>
    counted.type === "counter"
      ? by("sum", labels, promql.rate(counted.name, conditions))
      : observations(promql, counted, labels, conditions);
  const { matchers } = all;
  if (below === undefined) {
    return `${rate([...matchers, ...badOnes.matchers])} / ${rate(matchers)}`;
  }
  const good = observationsUpTo(promql, counted, below, labels, matchers);
  return `1 - ${good} / ${rate(matchers)}`;
}

/** Events per minute in tests. */
const PER_MINUTE = 6000;

/** The value of the labels of good events in tests. */
const GOOD = "good in this test";

/** Returns the series of events of which a share is bad. */
function events(
  world: TestWorld,
  { counted, badOnes, all, below }: Resolved,
  share: number,
): TestSeries[] {
  if (below !== undefined) {
    return world.histogram(
      counted,
      all.example,
      PER_MINUTE,
      below,
      share,
      boundText,
    );
  }
  const count = (
    labels: Readonly<Record<string, string>>,
    perMinute: number,
  ): TestSeries[] =>
    counted.type === "counter"
      ? [world.counter(counted.name, labels, perMinute)]
      : world.histogram(counted, labels, perMinute, 1, 0, boundText);
  const good = Object.fromEntries(
    Object.keys(badOnes.example).map((label) => [label, GOOD]),
  );
  return [
    ...count({ ...all.example, ...badOnes.example }, PER_MINUTE * share),
    ...count({ ...all.example, ...good }, PER_MINUTE * (1 - share)),
  ];
}
