/**
 * PromQL of the lines that are drawn. Names that are not legacy ones are quoted,
 * as Prometheus 3 has it.
 */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import type { Address } from "../../core/data.ts";
import { type Matcher, NOTHING } from "./labels.ts";
import { unitOf } from "./names.ts";

/** How the values of several series become one: an operator of PromQL. */
export type Fold = "sum" | "avg" | "max";

/** Contents of a chart. */
export interface Drawn {
  /** `rate`, a quantile from 0 to 1, or `level`. */
  readonly what: "rate" | "level" | number;
  /** The label of the lines, or `NOTHING`. */
  readonly by: string;
  readonly matchers: readonly Matcher[];
  /** Seconds over which rates are taken. */
  readonly window: number;
}

/** Seconds over which rates are taken, by range. */
export const WINDOWS: Readonly<Record<Address["range"], number>> = {
  "5m": 30,
  "15m": 60,
  "1h": 120,
};

/** Units whose levels have no sum. */
const AVERAGED = new Set(["ratio", "percent", "celsius", "volts", "hertz"]);

/** Returns how the values of several series are put together. */
export function foldOf(family: FamilyInfo): Fold {
  const { type, name } = family;
  if (type !== "gauge" && type !== "unknown") return "sum";
  if (/_timestamp_seconds$|_time_seconds$/.test(name)) return "max";
  return AVERAGED.has(unitOf(family)) ? "avg" : "sum";
}

/** Returns the expression of what is drawn; null if there is none. */
export function promql(family: FamilyInfo, drawn: Drawn): string | null {
  const { what } = drawn;
  const labels = drawn.by === NOTHING ? [] : [drawn.by];
  switch (family.type) {
    case "counter":
      return aggregated("sum", labels, rate(family.name, drawn));
    case "histogram":
      return what === "rate"
        ? observations(family, labels, drawn)
        : quantile(family, labels, drawn, Number(what));
    case "summary":
      if (what === "rate") return observations(family, labels, drawn);
      return labels.length === 0
        ? aggregated("max", ["quantile"], level(family.name, drawn))
        : aggregated(
          "max",
          labels,
          selector(family.name, [...drawn.matchers, {
            label: "quantile",
            value: String(what),
          }]),
        );
    case "gauge":
    case "unknown":
      return aggregated(foldOf(family), labels, level(family.name, drawn));
    case "stateset":
    case "info":
      return level(family.name, drawn);
    case "gaugehistogram":
      return null;
  }
}

function observations(
  family: FamilyInfo,
  labels: readonly string[],
  drawn: Drawn,
): string {
  if (family.native) {
    const counts = `histogram_count(${rate(family.name, drawn)})`;
    return aggregated("sum", labels, counts);
  }
  return aggregated("sum", labels, rate(`${family.name}_count`, drawn));
}

function quantile(
  family: FamilyInfo,
  labels: readonly string[],
  drawn: Drawn,
  q: number,
): string {
  const buckets = family.native
    ? aggregated("sum", labels, rate(family.name, drawn))
    : aggregated(
      "sum",
      ["le", ...labels],
      rate(`${family.name}_bucket`, drawn),
    );
  return `histogram_quantile(${q}, ${buckets})`;
}

function rate(name: string, drawn: Drawn): string {
  return `rate(${level(name, drawn)}[${duration(drawn.window)}])`;
}

function level(name: string, { matchers }: Drawn): string {
  return selector(name, matchers);
}

function aggregated(
  operator: string,
  labels: readonly string[],
  expression: string,
): string {
  if (labels.length === 0) return `${operator}(${expression})`;
  return `${operator} by (${labels.map(labelName).join(", ")}) (${expression})`;
}

/** Returns a duration of whole seconds, such as `30s` and `5m`. */
export function duration(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

/** Returns the selector of a metric. */
export function selector(name: string, matchers: readonly Matcher[]): string {
  const pairs = matchers.map(({ label, value }) =>
    `${labelName(label)}=${quoted(value)}`
  );
  if (!isPlainMetric(name)) return `{${[quoted(name), ...pairs].join(", ")}}`;
  return pairs.length === 0 ? name : `${name}{${pairs.join(", ")}}`;
}

/** Words that PromQL reads as numbers or operators where a metric could stand. */
const RESERVED = new Set(
  ("inf nan and or unless atan2 by without on ignoring group_left group_right " +
    "bool offset start end step anchored smoothed fill fill_left fill_right " +
    "sum avg count min max group stddev stdvar topk bottomk count_values quantile " +
    "limitk limit_ratio")
    .split(" "),
);

function isPlainMetric(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) &&
    !RESERVED.has(name.toLowerCase());
}

function labelName(label: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ? label : quoted(label);
}

/** Returns a string of PromQL. Lone surrogates cannot be sent, so none is kept. */
function quoted(text: string): string {
  const escaped = text.toWellFormed().replace(
    // deno-lint-ignore no-control-regex -- they need an escape in PromQL
    /["\\\u0000-\u001f\u007f]/g,
    (sign) =>
      sign === '"' || sign === "\\"
        ? `\\${sign}`
        : sign === "\n"
        ? "\\n"
        : `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}
