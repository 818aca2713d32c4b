/** Alerts, each with series for which it fires and series for which it does not. */
import { isClassicLabel } from "../base/internal.ts";
import type { QueriedFamily } from "./families.ts";
import { literal, type Matcher, type PromQL } from "./promql.ts";
import type { AlertingRule, TestSeries } from "./rule_model.ts";

/** How soon somebody must look. */
export type Severity = "page" | "ticket";

/** An alert with its proof. */
export interface Alert {
  readonly rule: AlertingRule;
  /** Its own labels, of which no template changes the values. */
  readonly identity: Readonly<Record<string, string>>;
  /** Series for which it fires `minutes` after their start. */
  readonly firing: readonly TestSeries[];
  /** Series for which it does not. */
  readonly quiet: readonly TestSeries[];
  readonly minutes: number;
}

/** An alert without what all alerts have in common. */
export interface AlertInit {
  readonly alert: string;
  readonly severity: Severity;
  readonly expr: string;
  /** Minutes for which the expression must hold. */
  readonly holds: number;
  readonly summary: string;
  readonly description: string;
  /** Further labels, such as those that tell rules of one name apart. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly firing: readonly TestSeries[];
  readonly quiet: readonly TestSeries[];
}

/** Minutes between two evaluations in tests: few, because each takes its time. */
export const EVALUATION_MINUTES = 5;

/** Returns the alert; `labels` and `annotations` are those of all alerts. */
export function alertOf(
  { alert, severity, expr, holds, summary, description, ...rest }: AlertInit,
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
): Alert {
  const own = { severity, ...rest.labels };
  const entries = Object.entries(own);
  return {
    rule: {
      alert,
      expr,
      for: `${holds}m`,
      labels: {
        ...Object.fromEntries(
          entries.map(([name, value]) => [name, plain(value)]),
        ),
        ...labels,
      },
      annotations: { summary, description, ...annotations },
    },
    identity: Object.fromEntries(
      entries.filter(([name]) => !Object.hasOwn(labels, name)),
    ),
    firing: rest.firing,
    quiet: rest.quiet,
    minutes: EVALUATION_MINUTES * Math.ceil(2 * holds / EVALUATION_MINUTES) +
      20,
  };
}

/** Returns text for a label or annotation, in which `{{ … }}` is a template. */
export function plain(text: string): string {
  return text.replace(/\{\{/g, '{{ "{{" }}');
}

/** Returns the place of a label in an annotation; `name` is that on the server. */
export function labelIn(name: string): string {
  return isClassicLabel(name)
    ? `{{ $labels.${name} }}`
    : `{{ index $labels ${JSON.stringify(name)} }}`;
}

/** The place of the value in an annotation, as a share. */
export const PERCENTAGE = "{{ $value | humanizePercentage }}";

/** The labels of the target in tests. */
export interface TestTarget {
  readonly job: string;
  readonly instance: string;
}

/** The longest test, in minutes: series have samples for it. */
const TEST_MINUTES = 150;

/** Makes the series of tests, with a sample a minute. */
export class TestWorld {
  readonly #promql: PromQL;

  /** `promql` gives the spelling of names. */
  constructor(promql: PromQL, { job, instance }: TestTarget) {
    const target = `job=${literal(job)},instance=${literal(instance)}`;
    this.#promql = promql.on(target);
  }

  /** Returns a series that holds a value, or rises by `perMinute`. */
  series(
    name: string,
    labels: Readonly<Record<string, string>>,
    value: number,
    perMinute = 0,
  ): TestSeries {
    const step = perMinute < 0 ? `${perMinute}` : `+${perMinute}`;
    return {
      series: this.#series(name, labels),
      values: `${value}${step}x${TEST_MINUTES}`,
    };
  }

  /** Returns a counter that rises by `perMinute`. */
  counter(
    name: string,
    labels: Readonly<Record<string, string>>,
    perMinute: number,
  ): TestSeries {
    return this.series(name, labels, 0, perMinute);
  }

  /**
   * Returns the series of a histogram. `above` of the observations are more than
   * twice `bound`, the others less than half of it.
   */
  histogram(
    { name, buckets }: QueriedFamily,
    labels: Readonly<Record<string, string>>,
    perMinute: number,
    bound: number,
    above: number,
    le: (bound: number) => string,
  ): TestSeries[] {
    const [slow, fast] = [perMinute * above, perMinute * (1 - above)];
    if (buckets === "native") {
      const top = Math.ceil(Math.log2(bound)) + 2;
      const bottom = Math.floor(Math.log2(bound)) - 2;
      const between = Array(top - bottom - 1).fill(0);
      const step = `{{schema:0 sum:${perMinute} count:${perMinute} ` +
        `offset:${bottom} buckets:[${[fast, ...between, slow].join(" ")}]}}`;
      const values = `${step}+${step}x${TEST_MINUTES}`;
      return [{ series: this.#series(name, labels), values }];
    }
    const bucket = (text: string, count: number): TestSeries =>
      this.counter(`${name}_bucket`, { ...labels, le: text }, count);
    return [
      bucket(le(bound / 2), fast),
      bucket(le(bound), fast),
      bucket(le(2 * bound), fast),
      bucket("+Inf", perMinute),
      this.counter(`${name}_count`, labels, perMinute),
    ];
  }

  #series(name: string, labels: Readonly<Record<string, string>>): string {
    const matchers = Object.entries(labels).map(([label, value]): Matcher => ({
      label,
      op: "=",
      value,
    }));
    return this.#promql.select(name, matchers);
  }
}
