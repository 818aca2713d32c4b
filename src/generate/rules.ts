/** Generates rules for Prometheus, and their tests, from a registry's families. */
import type { EscapingScheme } from "../base/mod.ts";
import {
  isClassicLabel,
  ofType,
  type OptionRule,
  quoted,
  readOptions,
  rule,
  type SchemaOf,
  text,
} from "../base/internal.ts";
import {
  type Alert,
  type AlertInit,
  alertOf,
  EVALUATION_MINUTES,
  TestWorld,
} from "./alert.ts";
import {
  BUCKETS,
  type Buckets,
  type Described,
  familiesOf,
} from "./families.ts";
import { type Objective, objectiveRules } from "./objectives.ts";
import { processAlerts, targetAlerts, testTarget } from "./process_alerts.ts";
import { ESCAPING, literal, PromQL } from "./promql.ts";
import { requestAlerts } from "./request_alerts.ts";
import { requestsIn } from "./requests.ts";
import type {
  PrometheusRules,
  PrometheusRuleTests,
  RecordingRule,
  RuleTest,
} from "./rule_model.ts";
import { telemetryAlerts } from "./telemetry_alerts.ts";

/** Limits from which on an alert fires. */
export interface Thresholds {
  /** Share of failed requests of a route, above 0 and below 1. Default: 0.05. */
  readonly errorRatio?: number | undefined;
  /** 99th percentile of the duration of a route, in seconds. Default: 1. */
  readonly latency?: number | undefined;
  /** 99th percentile of the delay of the event loop, in seconds. Default: 0.1. */
  readonly eventLoopDelay?: number | undefined;
  /** Share of file descriptors in use, above 0 and below 1. Default: 0.8. */
  readonly fileDescriptors?: number | undefined;
  /**
   * Heap in use, in bytes: somewhat less than the limit of the program. Default:
   * no alert, because no metric reports that limit.
   */
  readonly heapBytes?: number | undefined;
  /**
   * Seconds since the last success of a job, for gauges of names such as
   * `backup_last_success_timestamp_seconds`. Default: 86400, a day.
   */
  readonly lastSuccess?: number | undefined;
}

/** Options of `prometheusRules` and `ruleTests`. */
export interface RuleOptions {
  /** Prefix of the names of groups. Default: the job, or `barograph`. */
  readonly name?: string | undefined;
  /**
   * The job of the service in Prometheus: rules read its series only, and an
   * alert fires if it has no target. Default: all jobs with these metrics.
   */
  readonly job?: string | undefined;
  /** Objectives, each with alerts on its burn rate. Default: none. */
  readonly objectives?: readonly Objective[] | undefined;
  /** Limits of the other alerts. */
  readonly thresholds?: Thresholds | undefined;
  /** Labels of all alerts, such as `{ team: "shop" }`. Default: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Annotations of all alerts, such as `{ runbook_url: "…" }`. Default: none. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /**
   * How the server escapes names that are not classic: `allow-utf-8` for
   * Prometheus 3, `underscores` for 2. Default: `allow-utf-8`.
   */
  readonly escaping?: EscapingScheme | undefined;
  /** The buckets of histograms that are only described. Default: `classic`. */
  readonly histograms?: Buckets | undefined;
}

/** Options of `ruleTests`: those of the rules, and the file with them. */
export interface RuleTestOptions extends RuleOptions {
  /** The rule file, relative to the file of tests. Default: `rules.yml`. */
  readonly ruleFile?: string | undefined;
}

const ACTION = "Cannot generate rules";

const isShare = (value: unknown): boolean =>
  typeof value === "number" && value > 0 && value < 1;

const isPositive = (value: unknown): boolean =>
  typeof value === "number" && value > 0 && value < Infinity;

const THRESHOLDS = {
  errorRatio: rule<number>(isShare, "a share, such as 0.05", 0.05),
  latency: rule<number>(isPositive, "seconds, such as 1", 1),
  eventLoopDelay: rule<number>(isPositive, "seconds, such as 0.1", 0.1),
  fileDescriptors: rule<number>(isShare, "a share, such as 0.8", 0.8),
  heapBytes: rule<number>(isPositive, "bytes, such as 1e9"),
  lastSuccess: rule<number>(isPositive, "seconds, such as 86400", 86400),
} satisfies SchemaOf<Thresholds>;

const SELECTION = ofType<Objective["bad"]>(
  ["object"],
  'values by label, such as { route: "/checkout" }',
);

const OBJECTIVE = {
  name: rule<string>(
    (value) => typeof value === "string" && value !== "",
    'a name, such as "availability"',
  ),
  target: rule<number>(isShare, "a share above 0 and below 1, such as 0.999"),
  family: text("shop_orders_total"),
  bad: SELECTION,
  below: rule<number>(isPositive, "a number above 0, such as 0.25"),
  where: SELECTION,
} satisfies SchemaOf<Objective>;

const isText = (value: unknown): boolean => typeof value === "string";

/** Returns the rule of texts by name. */
function texts(
  advice: string,
): OptionRule<Readonly<Record<string, string>>> {
  return rule<Readonly<Record<string, string>>>(
    (value) =>
      typeof value === "object" && value !== null && !Array.isArray(value) &&
      Object.keys(value).every(isClassicLabel) &&
      Object.values(value).every(isText),
    advice,
    {},
  );
}

const RULES = {
  name: text("shop"),
  job: text("shop"),
  objectives: ofType<readonly Objective[]>(
    ["array"],
    'a list, such as [{ name: "availability", target: 0.999 }]',
    [],
  ),
  thresholds: ofType<Thresholds>(
    ["object"],
    "limits, such as { latency: 0.5 }",
    {},
  ),
  labels: texts('texts by name, such as { team: "shop" }'),
  annotations: texts('texts by name, such as { runbook_url: "https://…" }'),
  escaping: ESCAPING,
  histograms: BUCKETS,
} satisfies SchemaOf<RuleOptions>;

const TESTS = {
  ...RULES,
  ruleFile: text("rules.yml", "rules.yml"),
} satisfies SchemaOf<RuleTestOptions>;

/** Everything that is generated, before it is written as rules or as tests. */
interface Generated {
  readonly name: string;
  readonly records: readonly RecordingRule[];
  /** Alerts by the ending of the name of their group. */
  readonly alerts: Readonly<Record<string, readonly Alert[]>>;
}

/**
 * Returns the rules of a Prometheus rule file: recorded shares and alerts for the
 * objectives, and alerts on requests by route, the target, its process, and the
 * telemetry about itself; as far as there are families for them.
 *
 * The result is plain JSON, which is YAML as well.
 *
 * ```ts
 * import { defaultRegistry, observe } from "@barograph/barograph";
 * import { prometheusRules, toYaml } from "@barograph/barograph/dashboard/generate";
 *
 * observe(() => new Response("hello"));
 * const rules = prometheusRules(defaultRegistry(), {
 *   job: "shop",
 *   objectives: [{ name: "availability", target: 0.999 }],
 * });
 * console.log(toYaml(rules));
 * ```
 *
 * @throws {TypeError | RangeError} If an option is wrong, or if an objective has
 *   no family.
 */
export function prometheusRules(
  described: Described,
  options: RuleOptions = {},
): PrometheusRules {
  const { name, records, alerts } = generated(
    described,
    readOptions(ACTION, RULES, options),
  );
  const groups = Object.entries(alerts).map(([ending, alerts]) => ({
    name: `${name}-${ending}`,
    rules: [
      // In one group, so that alerts see the shares of the same evaluation.
      ...ending === "objectives" ? records : [],
      ...alerts.map(({ rule }) => rule),
    ],
  }));
  return { groups: groups.filter(({ rules }) => rules.length > 0) };
}

/**
 * Returns tests for `promtool test rules`: for each alert one with series for
 * which it fires, and one with series for which it does not. Pass the options
 * that the rules had. Tests of native histograms need promtool 2.48 or later.
 *
 * @throws {TypeError | RangeError} As `prometheusRules` does.
 */
export function ruleTests(
  described: Described,
  options: RuleTestOptions = {},
): PrometheusRuleTests {
  const read = readOptions(ACTION, TESTS, options);
  const { alerts } = generated(described, read);
  const all = Object.values(alerts).flat();
  return {
    rule_files: [read.ruleFile],
    evaluation_interval: `${EVALUATION_MINUTES}m`,
    tests: [...testsOf(all, "firing"), ...testsOf(all, "quiet")],
  };
}

/** The name of a series: before its labels or, in quotes, the first of them. */
const NAME = /^(?:[^{]+|\{(?:__name__=)?"(?:[^"\\]|\\.)*")/;

/** Series that several alerts can share. */
interface Batch {
  readonly selectors: Set<string>;
  readonly alerts: Alert[];
}

/**
 * Returns the tests of all alerts. Those that read other families share a test,
 * because each test costs promtool more than its evaluations do.
 */
function testsOf(
  alerts: readonly Alert[],
  state: "firing" | "quiet",
): RuleTest[] {
  const batches: Batch[] = [];
  for (const alert of alerts) {
    const selectors = alert[state].map(({ series }) => NAME.exec(series)![0]);
    const isAlone = selectors.length === 0;
    const batch = isAlone
      ? undefined
      : batches.find((other) =>
        other.selectors.size > 0 &&
        selectors.every((selector) => !other.selectors.has(selector))
      );
    if (batch === undefined) {
      batches.push({ selectors: new Set(selectors), alerts: [alert] });
      continue;
    }
    for (const selector of selectors) batch.selectors.add(selector);
    batch.alerts.push(alert);
  }
  return batches.map(({ alerts }) => ({
    name: alerts.map(({ rule }) => rule.alert).join(", ") +
      (state === "firing" ? ": firing" : ": not firing"),
    interval: "1m",
    input_series: alerts.flatMap((alert) => [...alert[state]]),
    promql_expr_test: alerts.map((alert) => proofOf(alert, state)),
  }));
}

function proofOf(
  { rule, identity, minutes }: Alert,
  state: "firing" | "quiet",
): RuleTest["promql_expr_test"][number] {
  const labels = { alertname: rule.alert, ...identity };
  const conditions = Object.entries({ ...labels, alertstate: "firing" })
    .map(([name, value]) => `${name}=${literal(value)}`).join(",");
  return {
    expr: `count(ALERTS{${conditions}}) > bool 0`,
    eval_time: `${minutes}m`,
    exp_samples: state === "firing" ? [{ labels: "{}", value: 1 }] : [],
  };
}

function generated(
  described: Described,
  options: Readonly<RuleOptions>,
): Generated {
  const { job, objectives = [], labels = {}, annotations = {} } = options;
  const { name = job ?? "barograph" } = options;
  const thresholds = readOptions(
    `${ACTION}: thresholds`,
    THRESHOLDS,
    options.thresholds ?? {},
  );
  const families = familiesOf(
    ACTION,
    described,
    options.histograms ?? "classic",
  );
  const target = job === undefined ? "" : `job=${literal(job)}`;
  const promql = new PromQL(options.escaping ?? "allow-utf-8", target, "5m");
  const world = new TestWorld(promql, testTarget(job));
  // Both conventions count the same requests; one of them is enough.
  const requests = requestsIn(families).filter(({ side, prefix }, index, all) =>
    index ===
      all.findIndex((other) => other.side === side && other.prefix === prefix)
  );
  const served = requests.find(({ side }) => side === "server");
  const names = new Set<string>();
  const perObjective = objectives.map((given) => {
    const objective = checkedObjective(given);
    if (names.has(objective.name)) {
      throw new TypeError(
        `${ACTION}: two objectives are named ${quoted(objective.name)}; ` +
          "give each its own name",
      );
    }
    names.add(objective.name);
    return objectiveRules(ACTION, promql, world, families, served, objective);
  });
  const finished = (alerts: readonly AlertInit[]): Alert[] =>
    alerts.map((alert) => alertOf(alert, labels, annotations));
  return {
    name,
    records: perObjective.flatMap(({ records }) => records),
    alerts: {
      objectives: finished(perObjective.flatMap(({ alerts }) => alerts)),
      target: finished(targetAlerts(world, job)),
      requests: finished(
        requests.flatMap((one) =>
          requestAlerts(promql, world, one, thresholds)
        ),
      ),
      process: finished(processAlerts(promql, world, families, thresholds)),
      telemetry: finished(telemetryAlerts(promql, world, families)),
    },
  };
}

function checkedObjective(given: Objective): Objective {
  const action = `${ACTION}: objective`;
  const objective = readOptions(action, OBJECTIVE, given);
  const { name, target } = objective;
  if (name === undefined || target === undefined) {
    throw new TypeError(
      `${action}: give a name and a target, such as ` +
        '{ name: "availability", target: 0.999 }',
    );
  }
  return { ...objective, name, target };
}
