/** Bodies of lines, and the rule that the parser says they break. */
import assert from "node:assert/strict";
import {
  type Dialect,
  ExpositionError,
  parseExposition,
} from "../../src/testing/mod.ts";

export const TEXT: Dialect = "text-0.0.4";
export const OPEN: Dialect = "openmetrics-1.0.0";

/** A body of text of these lines. */
export function text(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** An OpenMetrics body of these lines, with its end. */
export function open(...lines: readonly string[]): string {
  return text(...lines, "# EOF");
}

/** Why the parser refuses `body`; undefined if it does not. */
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

/** What is wrong with a body, its line that is at fault, and the rule. */
export type BadBody = readonly [
  what: string,
  body: string,
  line: number,
  rule: string,
];

/** Demands that `body` breaks `rule`, and at that line. */
export function assertRefused(
  [what, body, line, rule]: BadBody,
  dialect: Dialect,
): void {
  const error = refusal(body, dialect);
  assert.ok(error !== undefined, `${what} was accepted`);
  assert.deepEqual([error.line, error.rule], [line, rule]);
}

/** A histogram of two buckets, with some of its lines replaced. */
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

/** A summary of these lines, `s` before each. */
export function summary(...lines: readonly string[]): readonly string[] {
  return ["# TYPE s summary", ...lines.map((line) => `s${line}`)];
}

/** What is wrong with a family, its lines, the one at fault, and the rule. */
export type BadLines = readonly [
  what: string,
  lines: readonly string[],
  line: number,
  rule: string,
];

export const COUNTERS = "counters from 0 on";
export const TOGETHER = "samples of one label set together";
