/** The laws of the fold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allFormats,
  expose,
  ExpositionCache,
} from "../../../src/encode/mod.ts";
import { concatBytes } from "../../../src/base/internal.ts";
import { Fold } from "../../../src/fleet/fold/fold.ts";
import { capture, merge, type Snapshot } from "../../../src/model/mod.ts";
import * as fc from "../../support/property.ts";
import { foldOf, sourceOf } from "./lines.ts";
import { expectedOf, valuesOf } from "./model.ts";
import type { FakeSlot } from "./slots.ts";
import { ALL, anySteps, COMPARED, SPECS, type Step, World } from "./world.ts";

const FORMATS = allFormats({ created: true });

/** Takes a slot as its reader would find it. */
function take(fold: Fold, world: World, slot: number): void {
  const isNew = world.rewritten.delete(slot);
  fold.take(slot, world.slots[slot]!.read(), isNew ? "replaced" : "changed");
}

/** Returns a fold that takes all slots at once, in this order. */
function scratch(world: World, order: readonly number[]): Fold {
  const fold = new Fold({ maxMembers: 8 });
  fold.setDead(world.dead);
  for (const slot of order) {
    fold.take(slot, new Reread(world.slots[slot]!).read(), "changed");
  }
  fold.settle();
  return fold;
}

/** Reads a slot without touching the arrays of its reader. */
class Reread {
  readonly #slot: FakeSlot;

  constructor(slot: FakeSlot) {
    this.#slot = slot;
  }

  read() {
    const { meta, publishedAt, families, rows, tombstones, extras } =
      this.#slot;
    const cells = Float64Array.from(this.#slot.cells);
    const states = Uint8Array.from(this.#slot.states);
    const state = {
      meta,
      publishedAt,
      families,
      rows,
      tombstones,
      cells,
      states,
      extras,
    };
    return { before: undefined, state };
  }
}

test("Fold writes the same bytes whenever and in whatever order it learns", () => {
  fc.assert(
    fc.property(
      anySteps(ALL),
      fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
      (steps, order) => {
        const world = new World(ALL);
        const fold = new Fold({ maxMembers: 8 });
        const caches = FORMATS.map((format) =>
          new ExpositionCache(format, { left: 1e9 }, {
            pageBytes: 1,
            pageRows: 16,
          })
        );
        const check = () => {
          for (const slot of order) take(fold, world, slot);
          fold.setDead(world.dead);
          fold.settle();
          const other = scratch(world, [3, 1, 0, 2]);
          assert.deepEqual(fold.refused, other.refused);
          FORMATS.forEach((format, i) => {
            const body = expose(sourceOf(other), format);
            const pages = [...caches[i]!.owned(sourceOf(fold))].flat();
            assert.deepEqual(concatBytes(pages), body);
            assert.deepEqual(expose(sourceOf(fold), format), body);
          });
        };
        for (const step of steps) {
          world.do(step);
          if (step.settles) take(fold, world, step.slot);
          if (step.settles && step.slot === 0) check();
        }
        check();
      },
    ),
    { numRuns: 250 },
  );
});

test("Fold agrees with a model that merges row by row", () => {
  fc.assert(
    fc.property(anySteps(COMPARED), (steps) => {
      const world = new World(COMPARED);
      for (const step of steps) world.do(step);
      assert.deepEqual(
        valuesOf(capture(sourceOf(scratch(world, [0, 1, 2, 3])))),
        expectedOf(world.slots, world.dead),
      );
    }),
    { numRuns: 1000 },
  );
});

const CUMULATIVE = SPECS.filter(({ init: { type, name, merge: rule } }) =>
  ["counter", "histogram", "summary"].includes(type) && rule !== "last" &&
  !name.startsWith("process_")
);

/** Returns the numbers that may never fall, by series. */
function totalsOf(snapshot: Snapshot): Map<string, number> {
  const totals = new Map<string, number>();
  for (const [key, cells] of Object.entries(valuesOf(snapshot))) {
    const counts = cells.length > 1 ? cells.slice(0, -1) : cells;
    counts.forEach((count, i) => totals.set(`${key} ${i}`, count));
  }
  return totals;
}

test("no total of a fold falls while those of the slots grow", () => {
  const isGrowing = ({ does }: Step) =>
    ["declare", "row", "count", "rewrite", "publish", "leave", "kill", "join"]
      .includes(does);
  fc.assert(
    fc.property(anySteps(CUMULATIVE, 80), (steps) => {
      const world = new World(CUMULATIVE);
      const fold = new Fold({ maxMembers: 8 });
      let before = new Map<string, number>();
      for (const step of steps.filter(isGrowing)) {
        if (step.does === "row" && step.generation > 0) continue;
        world.do(step);
        take(fold, world, step.slot);
        fold.setDead(world.dead);
        fold.settle();
        const now = totalsOf(capture(sourceOf(fold)));
        for (const [key, total] of before) {
          const isKept = now.get(key)! >= total;
          assert.ok(isKept, `${key}: ${total}, then ${now.get(key)}`);
        }
        before = now;
      }
    }),
    { numRuns: 500 },
  );
});

test("Fold agrees with merge() on counters, histograms and summaries", () => {
  const specs = ALL.filter(({ init: { type, name, merge: rule } }) =>
    ["counter", "histogram", "summary"].includes(type) && rule === undefined &&
    ["c_total", "h", "n", "nb", "q"].includes(name)
  ).filter(({ bounds, init: { labelNames } }) =>
    bounds?.[1] !== 3 && labelNames?.[0] === "a"
  );
  fc.assert(
    fc.property(anySteps(specs), (steps) => {
      const world = new World(specs);
      for (const step of steps) {
        if (step.does === "row" && step.generation > 0) continue;
        const isExact = step.does !== "count" || Number.isInteger(step.value);
        if (isExact && ["row", "count", "exemplar"].includes(step.does)) {
          world.do(step);
        }
      }
      const each = world.slots.map((slot) => capture(sourceOf(foldOf([slot]))));
      const whole = capture(sourceOf(foldOf(world.slots)));
      assert.deepEqual(sorted(whole), sorted(merge(each)));
    }),
    { numRuns: 500 },
  );
});

/** Returns the series of a snapshot in a comparable form. */
function sorted(snapshot: Snapshot): unknown {
  const { families } = snapshot;
  return families.flatMap((family) =>
    Array.from(family.starts, (start, i) => ({
      name: family.desc.name,
      labels: family.labelValues[i],
      start,
      number: family.numbers[i],
      exemplar: family.exemplars.get(i),
      histogram: plain(family.histograms[i]),
      summary: family.summaries[i],
    }))
  ).toSorted((a, b) =>
    `${a.name} ${a.labels}` < `${b.name} ${b.labels}` ? -1 : 1
  );
}

/** Leaves out exemplars that are missing at the end of the list. */
function plain<H extends { exemplars: readonly unknown[] }>(
  histogram: H | undefined,
): unknown {
  if (histogram === undefined) return undefined;
  const exemplars = [...histogram.exemplars];
  while (exemplars.length > 0 && exemplars.at(-1) === undefined) {
    exemplars.pop();
  }
  return { ...histogram, exemplars };
}

test("no encoder throws, whatever stands in the cells and extras", () => {
  const anyText = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom(
      '{"native":[3,0,0,[0,0,1],[0,0]]}',
      '{"exemplars":[[1,-5,{"a":"b"}]]}',
      '{"exemplars":[["NaN",1e300,{"a":1}]]}',
    ),
  );
  fc.assert(
    fc.property(
      anySteps(ALL),
      fc.array(fc.double(), { minLength: 1 }),
      fc.array(anyText, { minLength: 1 }),
      fc.array(fc.string()),
      (steps, numbers, texts, labels) => {
        const world = new World(ALL);
        for (const step of steps) world.do(step);
        for (const slot of world.slots) {
          slot.cells = slot.cells.map((_, i) => numbers[i % numbers.length]!);
          slot.rows = slot.rows.map((row, i) => ({
            ...row,
            start: numbers[i % numbers.length]!,
            labels: labels[i] ?? row.labels,
          }));
          slot.rows.forEach((_, row) => {
            if (row % 2 === 0) slot.extras.set(row, texts[row % texts.length]!);
          });
        }
        const fold = scratch(world, [0, 1, 2, 3]);
        for (const format of FORMATS) expose(sourceOf(fold), format);
      },
    ),
    { numRuns: 500 },
  );
});
