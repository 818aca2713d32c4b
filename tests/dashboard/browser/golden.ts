/**
 * Pictures of the page that are kept in `docs/images`, and compared with those of
 * today. `BAROGRAPH_GOLDEN=write` writes them anew: look at them before a commit.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { skippedUnless } from "../../support/rounds.ts";
import { HAS_FONTS, needsPage } from "./browser.ts";
import { ROOT } from "../../support/programs.ts";

const FOLDER = join(ROOT, "docs", "images");

/** How far the colour of a pixel may be off, from 0 to 1. */
const COLOUR_TOLERANCE = 0.15;

/** The share of pixels that may be off: versions of a browser draw edges apart. */
const PIXEL_TOLERANCE = 0.01;

/** Returns the option that skips a test without the browser or its fonts. */
export function needsPictures(): { skip: string | false } {
  const browser = needsPage();
  return browser.skip !== false ? browser : skippedUnless(
    HAS_FONTS,
    'the fonts of the pictures are missing: run eval "$(.ci/oracles)" first',
  );
}

/** Compares a picture with the one that is kept, or keeps it. */
export function compare(name: string, picture: Uint8Array): void {
  const path = join(FOLDER, `${name}.png`);
  if (env["BAROGRAPH_GOLDEN"] === "write") {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, picture);
    return;
  }
  const kept = PNG.sync.read(readFileSync(path));
  const now = PNG.sync.read(Buffer.from(picture));
  const { height, width } = kept;
  assert.deepEqual(
    { width: now.width, height: now.height },
    { width, height },
    `the size of the picture ${name} has changed`,
  );
  const off = pixelmatch(kept.data, now.data, undefined, width, height, {
    threshold: COLOUR_TOLERANCE,
  });
  const share = off / (width * height);
  if (share <= PIXEL_TOLERANCE) return;
  const other = join(tmpdir(), `barograph-${name}.png`);
  writeFileSync(other, picture);
  assert.fail(
    `${(share * 100).toFixed(1)} % of the picture ${name} has changed: ` +
      `compare ${path} with ${other}, and if it is meant to be so, ` +
      `run the test with BAROGRAPH_GOLDEN=write`,
  );
}
