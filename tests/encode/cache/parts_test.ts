import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allFormats,
  type ExposeOptions,
  type Format,
  openMetrics,
  prometheusProto,
  prometheusText,
} from "../../../src/encode/mod.ts";
import { type CacheBudget, ExpositionCache } from "../../../src/encode/mod.ts";
import type { Source } from "../../../src/model/mod.ts";
import { parseExposition } from "../../../src/testing/mod.ts";
import { concatBytes } from "../../../src/base/internal.ts";
import {
  borrowedOf,
  type BorrowedPage,
  composed,
  differing,
  emptyRegistry,
  gaugeOf,
  help,
  isWhole,
  OwnRows,
  PAGES,
  SMALL,
  textOf,
} from "./fixtures.ts";

type Bytes = Uint8Array<ArrayBuffer>;

test("ExpositionCache rolls back a part that throws in the middle of a family", () => {
  for (const format of [prometheusText, openMetrics, prometheusProto]) {
    for (const left of [Infinity, 0]) {
      const rows = new OwnRows(160);
      const registry = emptyRegistry();
      gaugeOf(registry, "before");
      const after = emptyRegistry();
      gaugeOf(after, "after");
      const source = composed(...registry.parts, rows, ...after.parts);
      const reported: unknown[] = [];
      const options: ExposeOptions = {
        observer: {
          failed: (part, error) => void reported.push([part, String(error)]),
        },
      };
      const budget = { left };
      const cache = new ExpositionCache(format, budget, PAGES);
      const pass = () => {
        const pages = borrowedOf(cache, source, options);
        assert.equal(reported.splice(0).length, rows.broken < 0 ? 0 : 1);
        isWhole(pages, source, format, options);
        reported.length = 0;
      };
      for (const broken of [0, 17, 159, -1, 40, -1]) {
        rows.broken = broken;
        rows.cells[40]!++; // its page is patched, and throws again
        pass();
        rows.changes.versions[9]!++;
        pass();
      }
      rows.broken = 40;
      rows.cells[40]!++;
      borrowedOf(cache, source, options);
      assert.deepEqual(reported, [[rows, "Error: broken"]]);
    }
  }
});

test("ExpositionCache throws the error of a part that nobody observes", () => {
  const rows = new OwnRows(160);
  rows.broken = 100;
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  assert.throws(() => borrowedOf(cache, composed(rows)), /broken/);
  rows.broken = -1;
  isWhole(borrowedOf(cache, composed(rows)), composed(rows));
});

test("ExpositionCache frees the names of a part that threw", () => {
  const [first, second] = [new OwnRows(20), new OwnRows(30)];
  first.broken = 19;
  const source = composed(first, second);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const options = { observer: { failed() {} } };
  for (let i = 0; i < 3; i++) {
    const pages = borrowedOf(cache, source, options);
    assert.equal(textOf(pages).match(/^own\{/gm)?.length, 30);
  }
  first.broken = -1; // now the second part clashes with it
  const pages = borrowedOf(cache, source, options);
  assert.equal(textOf(pages).match(/^own\{/gm)?.length, 20);
});

test("ExpositionCache writes a format without page hooks", () => {
  const plain: Format = {
    ...prometheusText,
    encoder: (out) => {
      const inner = prometheusText.encoder(out);
      return {
        family: (desc) => inner.family(desc),
        number: (...point) => inner.number(...point),
        histogram: (...point) => inner.histogram(...point),
        summary: (...point) => inner.summary(...point),
        mark: () => inner.mark(),
        rollback: () => inner.rollback(),
        end() {
          inner.end();
          out.ascii("# the end\n");
        },
      };
    },
  };
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 5000);
  registry.histogram({ name: "h", help }).observe(0.3);
  const budget = { left: 1e6 };
  const cache = new ExpositionCache(plain, budget, PAGES);
  for (let i = 0; i < 3; i++) {
    at(i).set(i * 1000);
    const pages = borrowedOf(cache, registry);
    isWhole(pages, registry, plain);
    assert.match(textOf(pages), /# the end\n$/);
  }
  assert.equal(budget.left, 1e6, "nothing is cached");
  const source = composed(...registry.parts, new OwnRows(3));
  isWhole(borrowedOf(cache, source), source, plain);
});

test("ExpositionCache caches protobuf, whose pages it cannot patch", () => {
  const registry = emptyRegistry();
  const { at, remove } = gaugeOf(registry, "g");
  const histogram = registry.histogram({
    name: "h_seconds",
    help,
    labels: ["a"],
    native: true,
    buckets: [1, 2],
  });
  histogram.with({ a: "b" }).observe(1.5);
  const cache = new ExpositionCache(prometheusProto, { left: Infinity }, PAGES);
  const first = borrowedOf(cache, registry);
  isWhole(first, registry, prometheusProto);
  const pages = (pages: readonly BorrowedPage[]) => pages.slice(1, 11);
  const second = borrowedOf(cache, registry);
  assert.deepEqual(differing(pages(first), pages(second)), []);
  at(50).set(123_456);
  const third = borrowedOf(cache, registry);
  isWhole(third, registry, prometheusProto);
  assert.deepEqual(differing(pages(first), pages(third)), [3]);
  remove(1); // the message and the length before it change
  histogram.with({ a: "c" }).observe(5);
  isWhole(borrowedOf(cache, registry), registry, prometheusProto);
});

test("ExpositionCache writes a large family that is not cached page by page", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g", 20_000);
  registry.gauge({ name: "after", help }).set(1);
  for (const format of allFormats()) {
    const cache = new ExpositionCache(format, { left: 0 });
    const steps = [...cache.owned(registry)];
    isWhole(steps.flat(), registry, format);
    assert.ok(steps.length >= 10, `${format.id}: ${steps.length} steps`);
    const largest = Math.max(...steps.flat().map(({ length }) => length));
    assert.ok(largest < 20_000, `${format.id}: ${largest} bytes at once`);
  }
});

test("ExpositionCache reads a large cached family step by step", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 20_000);
  for (const format of allFormats()) {
    const cache = new ExpositionCache(format, { left: Infinity });
    for (let i = 0; i < 2; i++) {
      at(i).set(i * 1e6);
      const steps = [...cache.owned(registry)];
      isWhole(steps.flat(), registry, format);
      assert.ok(steps.length >= 5, `${format.id}: ${steps.length}`);
    }
  }
});

test("ExpositionCache leaves out a large family that throws on its last page", () => {
  const rows = new OwnRows(20_000);
  rows.broken = 19_999;
  const source = composed(rows, new OwnRows(3));
  const reported: unknown[] = [];
  const options = {
    observer: { failed: (part: Source) => void reported.push(part) },
  };
  const cache = new ExpositionCache(prometheusText, { left: 0 });
  const pages = borrowedOf(cache, source, options);
  assert.deepEqual(reported, [rows]);
  isWhole(pages, source, prometheusText, options);
  rows.broken = -1;
  isWhole(borrowedOf(cache, composed(rows)), composed(rows));
});

/** Reads expositions in turn; calls `between` after each step of one. */
function interleaved(
  readers: readonly Iterator<readonly Bytes[]>[],
  between: (turn: number) => void,
): Bytes[][] {
  const taken: Bytes[][] = readers.map(() => []);
  const open = new Set(readers.keys());
  for (let turn = 0; open.size > 0; turn++) {
    for (const i of open) {
      const { value, done } = readers[i]!.next();
      if (done) open.delete(i);
      else taken[i]!.push(...value);
      between(turn);
    }
  }
  return taken;
}

test(
  "ExpositionCache writes well-formed expositions for three alternating readers",
  {
    timeout: 120_000,
  },
  () => {
    for (const left of [Infinity, 20_000, 0]) {
      for (const format of [prometheusText, openMetrics]) {
        const registry = emptyRegistry();
        const { at, remove } = gaugeOf(registry, "g", 3000);
        const counter = registry.counter({
          name: "x_total",
          help,
          labels: ["a"],
        });
        const histogram = registry.histogram({
          name: "h",
          help,
          labels: ["a"],
          buckets: [1, 2, 3],
        });
        for (let i = 0; i < 200; i++) {
          counter.with({ a: i }).inc(i);
          histogram.with({ a: i }).observe(i % 5);
        }
        const budget: CacheBudget = { left };
        const cache = new ExpositionCache(format, budget, SMALL);
        for (let round = 0; round < 2; round++) {
          const readers = [0, 1, 2].map(() => cache.owned(registry));
          const bodies = interleaved(readers, (turn) => {
            at(turn * 13 % 3000).set(turn % 3 === 0 ? turn * 1e5 : turn);
            counter.with({ a: turn % 250 }).inc(1e3);
            histogram.with({ a: turn % 210 }).observe(turn % 7);
            if (turn % 11 === 0) remove(turn * 17 % 3000);
          });
          const dialect = format === openMetrics
            ? "openmetrics-1.0.0"
            : "text-0.0.4";
          for (const pages of bodies) {
            const families = parseExposition(concatBytes(pages), dialect);
            assert.equal(families.length, 3);
            assert.ok(families[0]!.samples.length > 2500);
          }
          isWhole(borrowedOf(cache, registry), registry, format);
        }
      }
    }
  },
);

test("ExpositionCache is not affected by a reader of another format", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 500);
  const formats = allFormats();
  const budget = { left: 1e6 };
  const caches = formats.map((format) =>
    new ExpositionCache(format, budget, SMALL)
  );
  for (let round = 0; round < 3; round++) {
    interleaved(
      caches.map((cache) => cache.owned(registry)),
      (turn) => at(turn % 500).set(turn),
    );
    formats.forEach((format, i) => {
      isWhole(borrowedOf(caches[i]!, registry), registry, format);
    });
  }
});

test("ExpositionCache is not affected by a reader that stops in the middle", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 500);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, SMALL);
  for (let stop = 1; stop < 40; stop++) {
    const steps = cache.owned(registry);
    for (let i = 0; i < stop; i++) steps.next();
    at(stop).set(stop * 1000);
    if (stop % 2 === 0) steps.return();
    isWhole(borrowedOf(cache, registry), registry);
  }
});

test("ExpositionCache writes at most a few pages in a step", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 20_000);
  let value = 10;
  for (const left of [Infinity, 0]) {
    for (const format of allFormats()) {
      const cache = new ExpositionCache(format, { left });
      const stepsOf = () => [...cache.owned(registry)].length;
      const pages = 20_000 / 128;
      const isCached = left > 0;
      assert.ok(stepsOf() > pages, `${format.id}: the first exposition`);
      value++;
      for (let i = 0; i < 20_000; i++) at(i).set(value);
      assert.ok(stepsOf() > pages / 2, `${format.id}: all values changed`);
      if (isCached) assert.ok(stepsOf() < pages / 4, `${format.id}: unchanged`);
    }
  }
});

test("ExpositionCache writes a family that is never cached page by page, too", () => {
  const registry = emptyRegistry();
  const histogram = registry.histogram({
    name: "h",
    help,
    labels: ["a"],
    native: true,
    maxSeries: 5000,
  });
  for (let i = 0; i < 5000; i++) histogram.at(i).observe(i % 7 + 1);
  const budget = { left: 1e9 };
  for (const format of allFormats()) {
    const cache = new ExpositionCache(format, budget);
    for (let i = 0; i < 2; i++) {
      histogram.at(4321).observe(3);
      const steps = [...cache.owned(registry)];
      isWhole(steps.flat(), registry, format);
      assert.ok(steps.length > 5000 / 128, `${format.id}: ${steps.length}`);
    }
  }
  assert.equal(budget.left, 1e9);
});
