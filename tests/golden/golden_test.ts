import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  expose,
  openMetricsWith,
  prometheusText,
} from "../../src/encode/mod.ts";
import { parseExposition } from "../../src/testing/mod.ts";
import { CASES, registryOf } from "./cases.ts";

const FOLDER = new URL("./", import.meta.url);

const FORMATS = [
  ["text", prometheusText, "text-0.0.4"],
  ["openmetrics", openMetricsWith({ created: true }), "openmetrics-1.0.0"],
] as const;

for (const name of Object.keys(CASES)) {
  for (const [suffix, format, dialect] of FORMATS) {
    test(`${name} in ${suffix} is what was reviewed`, () => {
      const body = expose(registryOf(name), format);
      const file = new URL(`${name}.${suffix}.txt`, FOLDER);
      const reviewed = readFileSync(file, "utf8");
      assert.equal(new TextDecoder().decode(body), reviewed);
      parseExposition(reviewed, dialect);
    });
  }
}

test("no reviewed file stands without its case", () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".txt"));
  const wanted = Object.keys(CASES).flatMap((name) =>
    FORMATS.map(([suffix]) => `${name}.${suffix}.txt`)
  );
  assert.deepEqual(files.sort(), wanted.sort());
});
