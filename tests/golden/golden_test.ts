import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  expose,
  type Format,
  openMetrics2,
  openMetricsWith,
  prometheusText,
  prometheusText1,
} from "../../src/encode/mod.ts";
import { parseExposition, parseOpenMetrics2 } from "../../src/testing/mod.ts";
import { CASES, registryOf } from "./cases.ts";

const FOLDER = new URL("./", import.meta.url);

const ESCAPED = { escaped: true };

/** The suffix of the files, the format, and its reader. */
type Row = readonly [
  suffix: string,
  format: Format,
  read: (body: string) => unknown,
];

const openMetricsCreated = openMetricsWith({ created: true });

const FORMATS: readonly Row[] = [
  [
    "text",
    prometheusText,
    (body) => parseExposition(body, "text-0.0.4", ESCAPED),
  ],
  [
    "openmetrics",
    openMetricsCreated,
    (body) => parseExposition(body, "openmetrics-1.0.0", ESCAPED),
  ],
  [
    "openmetrics2",
    openMetrics2.escapedBy("allow-utf-8"),
    (body) => parseOpenMetrics2(body),
  ],
];

/** Formats with quoted names; only the case `names_in_utf8` needs them. */
const IN_QUOTES: readonly Row[] = [
  [
    "text_quoted",
    prometheusText1.escapedBy("allow-utf-8"),
    (body) => parseExposition(body, "text-1.0.0"),
  ],
  [
    "openmetrics_quoted",
    openMetricsCreated.escapedBy("allow-utf-8"),
    (body) => parseExposition(body, "openmetrics-1.0.0"),
  ],
];

function formatsOf(name: string): readonly Row[] {
  return name === "names_in_utf8" ? [...FORMATS, ...IN_QUOTES] : FORMATS;
}

for (const name of Object.keys(CASES)) {
  for (const [suffix, format, read] of formatsOf(name)) {
    test(`${name} in ${suffix} equals the reviewed file`, () => {
      const body = expose(registryOf(name), format);
      const file = new URL(`${name}.${suffix}.txt`, FOLDER);
      const reviewed = readFileSync(file, "utf8");
      assert.equal(new TextDecoder().decode(body), reviewed);
      read(reviewed);
    });
  }
}

test("every reviewed file belongs to a case", () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".txt"));
  const expected = Object.keys(CASES).flatMap((name) =>
    formatsOf(name).map(([suffix]) => `${name}.${suffix}.txt`)
  );
  assert.deepEqual(files.sort(), expected.sort());
});
