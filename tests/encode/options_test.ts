import assert from "node:assert/strict";
import { test } from "node:test";
import {
  expose,
  exposeChunks,
  exposeStream,
  ExpositionCache,
  prometheusText,
} from "../../src/encode/mod.ts";
import type { Source } from "../../src/model/mod.ts";

type Loose = (options: unknown) => unknown;

const source: Source = { descs: [], collect() {} };
const cache = new ExpositionCache(prometheusText, { left: 0 });

const PASSES: Readonly<Record<string, Loose>> = {
  expose: (options) => expose(source, prometheusText, options as object),
  exposeStream: (options) =>
    exposeStream(source, prometheusText, options as object),
  exposeChunks: (options) =>
    exposeChunks(source, prometheusText, options as object),
  "ExpositionCache.owned": (options) => cache.owned(source, options as object),
  "ExpositionCache.borrowed": (options) =>
    cache.borrowed(source, options as object),
};

for (const [name, pass] of Object.entries(PASSES)) {
  test(`${name}() refuses wrong and misspelt options before it writes`, () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [
        { onlyy: () => true },
        /^TypeError: Cannot expose: there is no option "onlyy"; give any of except, only, observer, sizeHint/,
      ],
      [null, /^TypeError: Cannot expose: the options are of type null/],
      [{ except: [] }, /^TypeError: .* except is an array; give a set/],
      [{ only: "a" }, /^TypeError: .* only is of type string; give a function/],
      [{ observer: () => {} }, /^TypeError: .* observer is of type function/],
      [
        { sizeHint: 0 },
        /^RangeError: .* sizeHint is 0; give a number of bytes/,
      ],
    ];
    for (const [options, message] of wrong) {
      assert.throws(() => pass(options), message);
    }
    pass({ except: new Set(), only: undefined, sizeHint: 1 });
  });
}

test("exposeChunks() refuses a chunk that is no number above 0", () => {
  for (const chunk of [0, -1, NaN, "1"]) {
    assert.throws(
      () => exposeChunks(source, prometheusText, { chunk: chunk as number }),
      /chunk is .*; give a number of bytes, such as 16384/,
    );
  }
});

test("ExpositionCache refuses a wrong budget and wrong page sizes", () => {
  const make = (budget: unknown, sizes?: unknown) =>
    new ExpositionCache(prometheusText, budget as never, sizes as never);
  const wrong: readonly (readonly [unknown, unknown, RegExp])[] = [
    [{ lft: 1 }, {}, /^TypeError: .* no option "lft"; give any of left/],
    [{}, {}, /^TypeError: .* left is undefined; give bytes, such as 2 \*\* 28/],
    [{ left: NaN }, {}, /^RangeError: .* left is NaN; give bytes/],
    [5, {}, /^TypeError: .* the options are of type number/],
    [{ left: 1 }, { pageRow: 1 }, /^TypeError: .* no option "pageRow"/],
    [{ left: 1 }, { pageRows: 0 }, /^RangeError: .* pageRows is 0; give a/],
  ];
  for (const [budget, sizes, message] of wrong) {
    assert.throws(() => make(budget, sizes), message);
  }
  make({ left: -1 });
  make({ left: Infinity }, { pageRows: 16 });
});
