import assert from "node:assert/strict";
import { test } from "node:test";
import type { RevocableSink, Source } from "../../src/model/mod.ts";
import {
  collectPart,
  grammarError,
  type ObservedSource,
  OBSERVER,
  partsOf,
  VERBS,
} from "../../src/model/internal.ts";
import { collectParts } from "../../src/model/collect.ts";
import { descOf, numberSource, sourceOf, TYPES, wholeOf } from "./fixtures.ts";

/** Records the names of families that were not rolled back. */
class Recorder implements RevocableSink {
  names: string[] = [];
  #mark = 0;
  mark(): void {
    this.#mark = this.names.length;
  }
  rollback(): void {
    this.names.length = this.#mark;
  }
  family(desc: { readonly name: string }): boolean {
    return this.names.push(desc.name) > 0;
  }
  number(): void {}
  histogram(): void {}
  summary(): void {}
}

const good = (name: string): Source => numberSource(descOf("gauge", name), 1);

const bad = (name: string): Source =>
  sourceOf(descOf("gauge", name), () => {
    throw new Error(`${name} failed`);
  });

test("partsOf() returns a source without parts as its only part", () => {
  const source = good("a");
  assert.deepEqual([...partsOf(source)], [source]);
});

test("partsOf() returns the parts of a source, even if there are none", () => {
  const parts = [good("a"), good("b")];
  assert.deepEqual([...partsOf(wholeOf(...parts))], parts);
  assert.deepEqual([...partsOf(wholeOf())], []);
});

test("collectParts() rolls back a failing part and keeps the others", () => {
  const sink = new Recorder();
  const reported: string[] = [];
  const broken = bad("b");
  collectParts(wholeOf(good("a"), broken, good("c")), sink, {
    failed(part, error) {
      assert.equal(part, broken);
      reported.push(String(error));
    },
  });
  assert.deepEqual(sink.names, ["a", "c"]);
  assert.deepEqual(reported, ["Error: b failed"]);
});

test("collectParts() rolls back all families of a failing part", () => {
  const sink = new Recorder();
  const broken: Source = {
    descs: [],
    collect(into): void {
      into.family(descOf("gauge", "x"));
      into.family(descOf("gauge", "y"));
      throw new Error("late");
    },
  };
  collectParts(wholeOf(good("a"), broken), sink, { failed() {} });
  assert.deepEqual(sink.names, ["a"]);
});

test("collectPart() notifies the observer of the whole before the caller's", () => {
  const notified: string[] = [];
  const whole: ObservedSource = {
    ...wholeOf(),
    [OBSERVER]: { failed: () => void notified.push("whole") },
  };
  const observer = { failed: () => void notified.push("caller") };
  collectPart(whole, bad("a"), new Recorder(), observer);
  assert.deepEqual(notified, ["whole", "caller"]);
});

test("collectPart() rolls back, then throws if nobody observes failures", () => {
  const sink = new Recorder();
  assert.throws(() => collectPart(wholeOf(), bad("a"), sink), /a failed/);
  assert.deepEqual(sink.names, []);
});

test("VERBS holds one verb for each type", () => {
  const verbs = TYPES.map((type) => `${type}: ${VERBS[type]}`);
  assert.deepEqual(verbs, [
    "counter: number",
    "gauge: number",
    "histogram: histogram",
    "gaugehistogram: histogram",
    "summary: summary",
    "info: number",
    "stateset: number",
    "unknown: number",
  ]);
});

test("grammarError() names the call to make instead", () => {
  const none = grammarError(undefined, "number");
  assert.ok(none instanceof TypeError);
  assert.match(none.message, /no family is open; call sink\.family\(desc\)/);
  const other = grammarError(descOf("histogram", "x"), "number");
  assert.match(other.message, /histogram "x": call sink\.histogram\(\)/);
});
