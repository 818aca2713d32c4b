/** The parts of Prometheus rule files and of their tests that are generated. */

/** A rule that stores the result of a query as a series. */
export interface RecordingRule {
  /** The name of the series. */
  readonly record: string;
  /** The query. */
  readonly expr: string;
  /** Further labels of the series. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A rule that fires for each series of the result of a query. */
export interface AlertingRule {
  /** The name of the alert. */
  readonly alert: string;
  /** The query. */
  readonly expr: string;
  /** The time for which the result must exist before the alert fires. */
  readonly for: string;
  /** The labels of the alert, `severity` among them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Texts for people: `summary`, `description`. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Rules that are evaluated one after the other. */
export interface RuleGroup {
  /** The name, unique in the file. */
  readonly name: string;
  /** The rules, in the order of evaluation. */
  readonly rules: (RecordingRule | AlertingRule)[];
}

/** A rule file of Prometheus. */
export interface PrometheusRules {
  /** The groups. */
  readonly groups: RuleGroup[];
}

/** A series of a test: its samples in the notation of promtool. */
export interface TestSeries {
  /** The name and the labels. */
  readonly series: string;
  /** The samples, such as `0+60x10`. */
  readonly values: string;
}

/** A test of one alert with some series. */
export interface RuleTest {
  /** The name of the test. */
  readonly name: string;
  /** Time between two samples. */
  readonly interval: string;
  /** The series that exist. */
  readonly input_series: TestSeries[];
  /** Queries and what they return. */
  readonly promql_expr_test: {
    /** The query. */
    readonly expr: string;
    /** The time of the query since the beginning. */
    readonly eval_time: string;
    /** The expected result. */
    readonly exp_samples: { readonly labels: string; readonly value: number }[];
  }[];
}

/** A file of tests for `promtool test rules`. */
export interface PrometheusRuleTests {
  /** The rule files, relative to this one. */
  readonly rule_files: string[];
  /** Time between two evaluations of rules. */
  readonly evaluation_interval: string;
  /** The tests. */
  readonly tests: RuleTest[];
}
