/** Expositions of a fold: the laws of formats, and what promtool says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allFormats,
  ESCAPING_SCHEMES,
  expose,
  prometheusText,
} from "../../../src/encode/mod.ts";
import { capture, type Source } from "../../../src/model/mod.ts";
import { formatLaws, poison } from "../../../src/testing/mod.ts";
import { needs, PROMTOOL, run } from "../../oracle/programs.ts";
import * as fc from "../../support/property.ts";
import { expectedOf } from "../../support/expected.ts";
import { read } from "../../support/readers.ts";
import { foldOf, sourceOf } from "./lines.ts";
import { ALL, anySteps, type Step, World } from "./world.ts";

const FORMATS = allFormats({ created: true });

/** Returns a fold of slots that have done these steps. */
function folded(steps: readonly Step[]): Source {
  const world = new World(ALL);
  for (const step of steps) world.do(step);
  return sourceOf(foldOf(world.slots, [...world.dead]));
}

/** Steps after which several slots have rows of all families. */
const STEPS: readonly Step[] = ALL.flatMap((_, spec) =>
  [0, 1, 3].flatMap((slot): Step[] => {
    const rest = { slot, settles: false };
    const row = 2 * spec;
    return [
      { ...rest, does: "row", spec, label: 7, generation: 0, start: 5 },
      { ...rest, does: "row", spec, label: 23, generation: 0, start: 0 },
      { ...rest, does: "count", row, value: slot + 0.5, n: 2 },
      { ...rest, does: "exemplar", row, time: slot },
      { ...rest, does: "count", row: row + 1, value: NaN, n: 1 },
    ];
  })
);

for (const format of FORMATS) {
  test(`formatLaws() hold for ${format.id} and a fold`, {
    timeout: 120_000,
  }, () => {
    const sources = [() => folded(STEPS)];
    formatLaws(format, { read, expected: expectedOf, sources });
  });
}

test("every format preserves all data of a fold", () => {
  fc.assert(
    fc.property(anySteps(ALL), (steps) => {
      for (const format of FORMATS) {
        for (const scheme of ESCAPING_SCHEMES) {
          const escaped = format.escapedBy(scheme);
          const source = folded(steps);
          const body = expose(poison(source), escaped);
          assert.deepEqual(
            read(body, escaped),
            expectedOf(capture(source), escaped),
          );
        }
      }
    }),
    { numRuns: 50 },
  );
});

test("promtool has no complaint about a fold", needs("PROMTOOL"), async () => {
  const world = new World(ALL);
  for (const step of STEPS) world.do(step);
  const body = expose(
    sourceOf(foldOf(world.slots)),
    prometheusText.escapedBy("underscores"),
  );
  const { code, stdout, stderr } = await run(
    PROMTOOL!,
    ["check", "metrics"],
    body,
  );
  // Code 3: the file is legal, and names could be better.
  assert.ok(code === 0 || code === 3, stdout + stderr);
});
