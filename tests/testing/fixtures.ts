/** Builds bodies from lines, and asserts the rules that they break. */
import assert from "node:assert/strict";
import {
  type Dialect,
  ExpositionError,
  parseExposition,
} from "../../src/testing/mod.ts";

export const TEXT: Dialect = "text-0.0.4";
export const OPEN: Dialect = "openmetrics-1.0.0";

/** Returns a body of the text format. */
export function text(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** Returns an OpenMetrics body, ended by `# EOF`. */
export function open(...lines: readonly string[]): string {
  return text(...lines, "# EOF");
}

/** Returns the error of parsing `body`; undefined if it is accepted. */
export function refusal(
  body: string | Uint8Array,
  dialect: Dialect,
): ExpositionError | undefined {
  try {
    parseExposition(body, dialect);
  } catch (error) {
    assert.ok(error instanceof ExpositionError, String(error));
    return error;
  }
  return undefined;
}

/** A fault, a body with this fault, the line at fault, and the rule. */
export type BadBody = readonly [
  what: string,
  body: string,
  line: number,
  rule: string,
];

/** Asserts that `body` is refused by `rule`, at `line`. */
export function assertRefused(
  [what, body, line, rule]: BadBody,
  dialect: Dialect,
): void {
  const error = refusal(body, dialect);
  assert.ok(error !== undefined, `${what} was accepted`);
  assert.deepEqual([error.line, error.rule], [line, rule]);
}

/** Returns the lines of a histogram with two buckets. */
export function histogram(
  { type = "histogram", buckets = ['{le="1.0"} 1', '{le="+Inf"} 2'], rest }: {
    readonly type?: string;
    readonly buckets?: readonly string[];
    readonly rest?: readonly string[];
  } = {},
): readonly string[] {
  const g = type === "gaugehistogram" ? "g" : "";
  return [
    `# TYPE h ${type}`,
    ...buckets.map((bucket) => `h_bucket${bucket}`),
    ...(rest ?? [`${g}count 2`, `${g}sum 3`]).map((line) => `h_${line}`),
  ];
}

/** Returns the lines of a summary; prefixes each line with `s`. */
export function summary(...lines: readonly string[]): readonly string[] {
  return ["# TYPE s summary", ...lines.map((line) => `s${line}`)];
}

/** A fault, lines with this fault, the line at fault, and the rule. */
export type BadLines = readonly [
  what: string,
  lines: readonly string[],
  line: number,
  rule: string,
];

export const COUNTERS = "a counter value of 0 or more";
export const TOGETHER = "samples of one label set together";
