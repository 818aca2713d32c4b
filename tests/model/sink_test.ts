import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Labels,
  type RevocableSink,
  type Source,
} from "../../src/model/mod.ts";
import {
  collectPart,
  collectParts,
  grammarError,
  type ObservedSource,
  OBSERVER,
  partsOf,
  VERBS,
} from "../../src/model/internal.ts";
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
  const one = good("a");
  assert.deepEqual([...partsOf(one)], [one]);
});

test("partsOf() returns the parts of a source, even if there are none", () => {
  const one = good("a");
  const other = good("b");
  assert.deepEqual([...partsOf(wholeOf(one, other))], [one, other]);
  assert.deepEqual([...partsOf(wholeOf())], []);
});

test("collectParts() rolls back a failing part and keeps the others", () => {
  const sink = new Recorder();
  const heard: string[] = [];
  const broken = bad("b");
  collectParts(wholeOf(good("a"), broken, good("c")), sink, {
    failed(part, error) {
      assert.equal(part, broken);
      heard.push(String(error));
    },
  });
  assert.deepEqual(sink.names, ["a", "c"]);
  assert.deepEqual(heard, ["Error: b failed"]);
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

test("collectPart() notifies the observer of the whole, then that of the caller", () => {
  const heard: string[] = [];
  const whole: ObservedSource = {
    ...wholeOf(),
    [OBSERVER]: { failed: () => void heard.push("whole") },
  };
  const observer = { failed: () => void heard.push("caller") };
  collectPart(whole, bad("a"), new Recorder(), observer);
  assert.deepEqual(heard, ["whole", "caller"]);
});

test("collectPart() throws if nobody observes failures, after the rollback", () => {
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

test("grammarError() names the missing or the right call", () => {
  const none = grammarError(undefined, "number");
  assert.ok(none instanceof TypeError);
  assert.match(none.message, /no family is open; call sink\.family\(desc\)/);
  const other = grammarError(descOf("histogram", "x"), "number");
  assert.match(other.message, /histogram "x": call sink\.histogram\(\)/);
});

test("a source writes no series of a family that the sink refuses", () => {
  let asked = 0;
  const source = sourceOf(descOf("gauge", "a"), (sink) => {
    asked++;
    sink.number(Labels.NONE, 1, 0);
  });
  const deaf = new Recorder();
  deaf.family = () => false;
  collectParts(source, deaf);
  assert.equal(asked, 0);
});
