/** The laws of formats, for every built-in format and scheme. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allFormats,
  ESCAPING_SCHEMES,
  expose,
  type Format,
} from "../../src/encode/mod.ts";
import { capture, replay, type Source } from "../../src/model/mod.ts";
import { formatLaws, poison } from "../../src/testing/mod.ts";
import { CASES, registryOf } from "../golden/cases.ts";
import { nastyRegistry } from "../oracle/corpus.ts";
import { expectedOf } from "../support/expected.ts";
import { read } from "../support/readers.ts";

const FORMATS: readonly Format[] = allFormats({ created: true });

const SOURCES: Readonly<Record<string, () => Source>> = {
  ...Object.fromEntries(
    Object.keys(CASES).map((name) => [name, () => registryOf(name)]),
  ),
  "data that has broken readers": nastyRegistry,
};

for (const format of FORMATS) {
  test(`formatLaws() hold for ${format.id}`, { timeout: 120_000 }, () => {
    const sources = Object.values(SOURCES);
    formatLaws(format, { read, expected: expectedOf, sources });
  });
}

for (const [name, make] of Object.entries(SOURCES)) {
  for (const format of FORMATS) {
    test(`${name}: ${format.id} preserves all data in every scheme`, () => {
      for (const scheme of ESCAPING_SCHEMES) {
        const escaped = format.escapedBy(scheme);
        const source = make();
        const body = expose(poison(source), escaped);
        // Each pass counts failed sources, so the snapshot needs a new source.
        const snapshot = capture(make());
        assert.deepEqual(read(body, escaped), expectedOf(snapshot, escaped));
        assert.deepEqual(expose(replay(snapshot), escaped), body);
      }
    });
  }
}
