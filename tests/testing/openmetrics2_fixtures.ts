/** Parses values of OpenMetrics 2.0, and returns the rules that they break. */
import assert from "node:assert/strict";
import {
  ExpositionError,
  type ParsedHistogram,
  type ParsedSummary,
  parseOpenMetrics2,
} from "../../src/testing/mod.ts";
import { open } from "./fixtures.ts";

/** Returns the error of parsing `body`; undefined if it is accepted. */
export function refusal(body: string): ExpositionError | undefined {
  try {
    parseOpenMetrics2(body);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ExpositionError, String(error));
    return error;
  }
}

/** Parses a composite value of a family without a type. */
export function valueOf(value: string): ParsedHistogram | ParsedSummary {
  const found = parseOpenMetrics2(open(`a ${value}`))[0]!.samples[0]!.value;
  assert.ok(found.kind !== "number");
  return found;
}

/** Returns the rule that a value breaks; undefined if it is accepted. */
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
