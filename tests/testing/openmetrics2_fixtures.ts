/** OpenMetrics 2.0 as its reader sees it: values, and rules that are broken. */
import assert from "node:assert/strict";
import {
  ExpositionError,
  type ParsedHistogram,
  type ParsedSummary,
  parseOpenMetrics2,
} from "../../src/testing/mod.ts";
import { open } from "./fixtures.ts";

/** Why the reader refuses these lines; undefined if it does not. */
export function refusal(body: string): ExpositionError | undefined {
  try {
    parseOpenMetrics2(body);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ExpositionError, String(error));
    return error;
  }
}

/** What is read from one value of a family without a type. */
export function valueOf(value: string): ParsedHistogram | ParsedSummary {
  const found = parseOpenMetrics2(open(`a ${value}`))[0]!.samples[0]!.value;
  assert.ok(found.kind !== "number");
  return found;
}

/** The rule that a value breaks; undefined if it breaks none. */
export function ruleOf(value: string): string | undefined {
  try {
    valueOf(value);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ExpositionError, String(error));
    assert.equal(error.line, 1);
    return error.rule;
  }
}
