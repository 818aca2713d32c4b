import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delta, History } from "../../../src/dashboard/protocol.ts";
import { LiveStore } from "../../../page/core/store.ts";
import * as fc from "../../support/property.ts";
import {
  BEGIN,
  cellOf,
  changeOf,
  expectedCell,
  FAMILIES,
  HELLO,
  historyOf,
  INFOS,
  SeriesModel,
} from "./store_model.ts";

type Action =
  | { readonly do: "frame"; readonly changes: readonly number[] }
  | { readonly do: "cut" | "resume" | "answer" }
  | { readonly do: "load"; readonly families: readonly number[] };

const frame = fc.record({
  do: fc.constant("frame" as const),
  // 8: no change of this series.
  changes: fc.array(fc.integer({ min: 1, max: 12 }), {
    minLength: INFOS.length,
    maxLength: INFOS.length,
  }),
});

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: frame },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { do: "cut" as const },
      { do: "resume" as const },
      { do: "answer" as const },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("load" as const),
      families: fc.subarray(FAMILIES.map(({ id }) => id), { minLength: 1 }),
    }),
  },
);

/** A program, its page, and the network between them. */
class World {
  readonly frames: Delta[] = [];
  readonly store = new LiveStore(() => {});
  readonly step: number;
  readonly columns: number;
  #delivered = 0;
  #isCut = false;
  #answers: History[] = [];
  /** First column of the newest history of each family. */
  readonly #first = new Map<number, number>();
  readonly loaded = new Set<number>();

  constructor(step: number, columns: number) {
    this.step = step;
    this.columns = columns;
    this.frame([]);
    this.store.setHello(HELLO);
    this.store.addNames({ f: FAMILIES, s: [] });
    this.#deliver();
  }

  run(action: Action): void {
    switch (action.do) {
      case "frame":
        return this.frame(action.changes);
      case "cut":
        this.#isCut = true;
        return;
      case "resume":
        this.#isCut = false;
        return this.#deliver(true);
      case "answer":
        return this.#answer();
      case "load":
        // The page asks while a feed is open, at the latest frame or before.
        this.store.beginLoad();
        for (const id of action.families) this.loaded.add(id);
        this.#answers.push(
          historyOf(this.frames, action.families, this.step, this.columns),
        );
    }
  }

  frame(sizes: readonly number[]): void {
    const seq = this.frames.length + 1;
    const d = INFOS.flatMap(({ id }, i) => {
      const size = sizes[i] ?? 8;
      return size > 7 ? [] : [changeOf(id, size)];
    });
    this.frames.push({ seq, t: BEGIN + seq, step: 1, d });
    if (!this.#isCut) this.#deliver();
  }

  /** After a cut, the server leaves out the frames without changes. */
  #deliver(wasCut = false): void {
    while (this.#delivered < this.frames.length) {
      const frame = this.frames[this.#delivered++]!;
      if (!wasCut || frame.d.length > 0) this.store.addFrame(frame);
    }
  }

  #answer(): void {
    const answer = this.#answers.shift();
    if (answer === undefined) return;
    this.store.endLoad(answer);
    for (const { id } of answer.families) {
      this.#first.set(id, answer.from / this.step);
    }
  }

  /** Ends all that is under way. */
  settle(): void {
    this.run({ do: "resume" });
    this.frame([]);
    while (this.#answers.length > 0) this.#answer();
  }

  check(): void {
    if (this.loaded.size === 0) return;
    const { axis } = this.store;
    const end = Math.floor((this.frames.at(-1)!.t - 0.5) / this.step) + 1;
    assert.equal(axis.from, (end - this.columns) * this.step);
    for (const { family, id } of INFOS) {
      if (!this.loaded.has(family)) continue;
      const series = this.store.series(family).find(({ info }) =>
        info.id === id
      )!;
      const model = new SeriesModel(id, this.frames, this.step);
      const first = this.#first.get(family)!;
      for (let column = 0; column < this.columns; column++) {
        assert.deepEqual(
          cellOf(series, column),
          expectedCell(model, end - this.columns + column, first),
          `series ${id}, column ${column}`,
        );
      }
      assert.equal(series.total, model.total, `total of ${id}`);
    }
  }
}

for (const [step, columns] of [[1, 12], [10, 4]] as const) {
  test(`law: columns of ${step} s are those of all frames, whatever was cut, resumed and loaded when`, () => {
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: step * columns + 20 }),
        (actions) => {
          const world = new World(step, columns);
          for (const each of actions) world.run(each);
          world.settle();
          world.check();
        },
      ),
      { numRuns: 400 },
    );
  });
}
