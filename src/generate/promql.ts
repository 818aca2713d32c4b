/**
 * Writes PromQL.
 *
 * - Names are escaped by the scheme that the server requests of this target.
 *   Names that are not classic then are quoted, which needs Prometheus 3.
 * - Text in quotes has no `$` and no `[[`: Grafana would replace its variables.
 */
import {
  escapedLabel,
  escapedMetric,
  isClassicLabel,
  isClassicMetric,
  oneOf,
  type OptionRule,
} from "../base/internal.ts";
import { ESCAPING_SCHEMES, type EscapingScheme } from "../base/mod.ts";

/** The rule of the option `escaping`. */
export const ESCAPING: OptionRule<EscapingScheme> = /* @__PURE__ */ oneOf(
  ESCAPING_SCHEMES,
  "allow-utf-8",
);

/** A condition on a label, such as `status=~"5.."`. */
export interface Matcher {
  readonly label: string;
  readonly op: "=" | "=~" | "!=" | "!~";
  readonly value: string;
}

/** Words that are no names of metrics at the beginning of an expression. */
const RESERVED = new RegExp(
  `^(?:${
    [
      "inf|nan|and|or|unless|atan2|bool|by|without|on|ignoring|offset|start|end",
      "group_left|group_right|sum|avg|count|min|max|group|stddev|stdvar|topk",
      "bottomk|count_values|quantile|limitk|limit_ratio|step|smoothed|anchored",
    ].join("|")
  })$`,
  "i",
);

/** Labels that a server sets on every series of a target. */
const TARGET_LABELS: readonly string[] = ["job", "instance"];

/** Returns a string literal of PromQL. */
export function literal(text: string): string {
  return JSON.stringify(text).replaceAll("$", "\\x24").replaceAll(
    "[[",
    "[\\x5b",
  );
}

/** Returns a regular expression that matches only `text`. */
export function exactly(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** The context in which queries are written. */
export class PromQL {
  readonly #escaping: EscapingScheme;
  /** Conditions of every selector, on labels of the target. */
  readonly #target: string;
  /** The range of rates, such as `5m`. */
  readonly range: string;

  /** `target` is source text, such as `job="shop"`; it can be empty. */
  constructor(escaping: EscapingScheme, target: string, range: string) {
    this.#escaping = escaping;
    this.#target = target;
    this.range = range;
  }

  /** Returns the same context with another range of rates. */
  over(range: string): PromQL {
    return new PromQL(this.#escaping, this.#target, range);
  }

  /** Returns the same context for another target. */
  on(target: string): PromQL {
    return new PromQL(this.#escaping, target, this.range);
  }

  /** Returns the name that a label has on the server. */
  labelName(name: string): string {
    const escaped = escapedLabel(name, this.#escaping);
    return TARGET_LABELS.includes(escaped) ? `exported_${escaped}` : escaped;
  }

  /** Returns a label of a family as source text. */
  label(name: string): string {
    return this.target(this.labelName(name));
  }

  /** Returns a label that the server has set as source text. */
  target(name: string): string {
    const isNumber = /^(?:inf|nan)$/i.test(name);
    return isClassicLabel(name) && !isNumber ? name : literal(name);
  }

  /** Returns the name that a metric has on the server. */
  metricName(name: string): string {
    return escapedMetric(name, this.#escaping);
  }

  /** Selects series by the name of their samples, and by labels. */
  select(name: string, matchers: readonly Matcher[] = []): string {
    const escaped = this.metricName(name);
    const isWord = RESERVED.test(escaped);
    const isClassic = isClassicMetric(escaped) && !isWord;
    const conditions = [
      ...isClassic ? [] : [`${isWord ? "__name__=" : ""}${literal(escaped)}`],
      ...this.#target === "" ? [] : [this.#target],
      ...matchers.map(({ label, op, value }) =>
        `${this.label(label)}${op}${literal(value)}`
      ),
    ].join(",");
    const head = isClassic ? escaped : "";
    return conditions === "" ? head : `${head}{${conditions}}`;
  }

  /** Returns the increase per second of each series. */
  rate(name: string, matchers?: readonly Matcher[]): string {
    return `rate(${this.select(name, matchers)}[${this.range}])`;
  }
}

/** Aggregates by labels, which are source text; over all series without labels. */
export function by(
  operator: "sum" | "max" | "min" | "count",
  labels: readonly string[],
  expression: string,
): string {
  return labels.length === 0
    ? `${operator}(${expression})`
    : `${operator} by (${labels.join(", ")}) (${expression})`;
}
