/** The table of series, and the order of exemplars. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exemplar } from "../../../src/model/mod.ts";
import {
  newerExemplars,
  timedExemplars,
} from "../../../src/push/remote/exemplars.ts";
import {
  type Family,
  type Push,
  SeriesTable,
} from "../../../src/push/remote/series.ts";

const FAMILY: Family = {
  name: "a",
  type: 2,
  help: "A.",
  unit: "",
  isClassic: true,
};

const MINUTE = 60_000;

/** Makes passes over series that are named by letters. */
class Passes {
  readonly table = new SeriesTable();
  readonly #names = new Map<object, string>();
  #time = 1_700_000_000_000;

  /** Returns the push of a pass in which these series are written. */
  push(names: string, later = MINUTE): Push {
    this.table.begin();
    const points = [...names].map((name) => {
      const series = this.table.write(name, FAMILY, false, () => []);
      this.#names.set(series, name);
      return { series, value: 1, start: 0, exemplars: [] };
    });
    return this.table.end(this.#time += later, points, true);
  }

  /** Notes that the receiver has answered a push. */
  settle({ pass, points }: Push): void {
    this.table.settle(pass, points);
  }

  /** Returns the names of the series that end in a push. */
  endsIn({ points }: Push): string {
    return points.filter(({ value }) => value === undefined)
      .map(({ series }) => this.#names.get(series)).join("");
  }
}

test("a marker that was answered is not repeated", () => {
  const passes = new Passes();
  passes.settle(passes.push("ab"));
  const marking = passes.push("a");
  assert.equal(passes.endsIn(marking), "b");
  passes.settle(marking);
  assert.equal(passes.endsIn(passes.push("a")), "");
  assert.equal(passes.table.size, 1);
});

test("a series that has come back is not forgotten with its marker", () => {
  const passes = new Passes();
  passes.settle(passes.push("a"));
  const marking = passes.push("");
  const back = passes.push("a");
  passes.settle(marking);
  passes.settle(back);
  assert.equal(passes.endsIn(passes.push("")), "a");
});

test("a new series of the same name survives an older marker", () => {
  const passes = new Passes();
  passes.settle(passes.push("a"));
  const first = passes.push("");
  const second = passes.push("");
  passes.settle(first);
  passes.push("a");
  passes.push("");
  passes.settle(second);
  assert.equal(passes.endsIn(passes.push("")), "a");
});

test("the time for a marker begins anew each time that a series ends", () => {
  const passes = new Passes();
  passes.push("a");
  assert.equal(passes.endsIn(passes.push("")), "a");
  passes.push("a");
  assert.equal(passes.endsIn(passes.push("", 10 * MINUTE)), "a");
  assert.equal(passes.endsIn(passes.push("", 4 * MINUTE)), "a");
  assert.equal(passes.endsIn(passes.push("", MINUTE)), "");
  assert.equal(passes.table.size, 0);
});

test("a series that is written twice in a pass is an error", () => {
  assert.throws(
    () => new Passes().push("aa"),
    /Cannot send a series of "a": it was written already/,
  );
});

function exemplar(timestamp: number, value: number): Exemplar {
  return { labels: { trace_id: `${value}` }, value, timestamp };
}

test("timedExemplars() returns copies by time and value, none of the future", () => {
  const labels = { trace_id: "x" };
  const given = [
    exemplar(3, 1),
    undefined,
    exemplar(2, 9),
    exemplar(2, 5),
    exemplar(0, 1),
    exemplar(NaN, 1),
    exemplar(-1, 1),
    exemplar(3.002, 1),
    { labels, value: 7, timestamp: 1 },
  ];
  const timed = timedExemplars(given, 3001);
  labels.trace_id = "reused";
  assert.deepEqual(timed, [
    { labels: { trace_id: "x" }, value: 7, timestamp: 1 },
    exemplar(2, 5),
    exemplar(2, 9),
    exemplar(3, 1),
  ]);
});

test("newerExemplars() returns what the receiver does not have", () => {
  const all = [exemplar(1, 1), exemplar(2, 5), exemplar(2, 9), exemplar(3, 1)];
  assert.deepEqual(newerExemplars(all, undefined), all);
  assert.deepEqual(newerExemplars(all, exemplar(2, 5)), all.slice(2));
  assert.deepEqual(newerExemplars(all, exemplar(3, 1)), []);
});
