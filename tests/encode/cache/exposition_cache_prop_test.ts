import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import type { Format } from "../../../src/encode/mod.ts";
import { WRITE_COST } from "../../../src/encode/cache/consistent_pages.ts";
import type { PageSizes } from "../../../src/encode/mod.ts";
import { SMALL } from "./fixtures.ts";
import { anyStep, FORMATS, type Step, World } from "./world.ts";

/** `RETAINED_RUNS=1000000 deno test …` looks longer. */
const RUNS = Number(process.env["RETAINED_RUNS"] ?? 10_000);

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

function holds(
  formats: readonly Format[],
  focus: readonly number[],
  given: readonly Step[],
  left: number,
  sizes: PageSizes,
): void {
  const world = new World(formats, focus, left, sizes);
  for (const step of given) {
    const scrape = world.take(step);
    if (scrape === undefined) continue;
    if (Buffer.compare(scrape.kept, scrape.anew) === 0) continue;
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.equal(text(scrape.kept), text(scrape.anew));
    assert.deepEqual(scrape.kept, scrape.anew);
  }
  for (const { bytes, then } of world.pieces) {
    assert.equal(Buffer.compare(bytes, then), 0, "a piece has changed");
  }
}

test("law: what is cache is what a stateless encoder writes, and stays", {
  timeout,
}, () => {
  fc.assert(
    fc.property(
      anyFormats,
      anyFocus,
      steps,
      (formats, focus, given) => holds(formats, focus, given, Infinity, SMALL),
    ),
    { numRuns: RUNS },
  );
});

test("law: it is so too where not everything may be kept", { timeout }, () => {
  const anyBudget = fc.integer({ min: 0, max: 30_000 });
  const anySizes = fc.record({
    pageBytes: fc.constantFrom(1, 2000, 100_000),
    pageRows: fc.constantFrom(16, 32, 128, 1024),
    pagesPerStep: fc.constantFrom(1 / WRITE_COST, 1, 2, 32),
  });
  fc.assert(
    fc.property(anyFormats, anyFocus, steps, anyBudget, anySizes, holds),
    { numRuns: RUNS / 4 },
  );
});
