import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import type { Format } from "../../../src/encode/mod.ts";
import { WRITE_COST } from "../../../src/encode/cache/consistent_pages.ts";
import type { PageSizes } from "../../../src/encode/mod.ts";
import { SMALL } from "./fixtures.ts";
import { anyStep, type Step } from "./steps.ts";
import { FORMATS, World } from "./world.ts";

const timeout = 3_600_000;

const steps = fc.array(anyStep, { maxLength: 30, size: "max" });

const anyFormats = fc.shuffledSubarray([...FORMATS], {
  minLength: 2,
  maxLength: 2,
});

const anyFocus = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], {
  minLength: 2,
  maxLength: 2,
});

function checkWorld(
  formats: readonly Format[],
  focus: readonly number[],
  steps: readonly Step[],
  left: number,
  sizes: PageSizes,
): void {
  const world = new World(formats, focus, left, sizes);
  for (const step of steps) {
    const scrape = world.take(step);
    if (scrape === undefined) continue;
    if (Buffer.compare(scrape.cached, scrape.fresh) === 0) continue;
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.equal(text(scrape.cached), text(scrape.fresh));
    assert.deepEqual(scrape.cached, scrape.fresh);
  }
  for (const { bytes, copy } of world.pages) {
    assert.equal(Buffer.compare(bytes, copy), 0, "an owned page has changed");
  }
}

test(
  "law: pages and texts are the bytes of expose(), and owned pages never change",
  {
    timeout,
  },
  () => {
    fc.assert(
      fc.property(
        anyFormats,
        anyFocus,
        steps,
        (formats, focus, taken) =>
          checkWorld(formats, focus, taken, Infinity, SMALL),
      ),
      { numRuns: 10_000 },
    );
  },
);

test(
  "law: pages and texts are so with any budget and page sizes",
  { timeout },
  () => {
    const anyBudget = fc.integer({ min: 0, max: 30_000 });
    const anySizes = fc.record({
      pageBytes: fc.constantFrom(1, 2000, 100_000),
      pageRows: fc.constantFrom(16, 32, 128, 1024),
      pagesPerStep: fc.constantFrom(1 / WRITE_COST, 1, 2, 32),
      pagesPerBatch: fc.constantFrom(1, 2, 8),
    });
    fc.assert(
      fc.property(anyFormats, anyFocus, steps, anyBudget, anySizes, checkWorld),
      { numRuns: 2_500 },
    );
  },
);
