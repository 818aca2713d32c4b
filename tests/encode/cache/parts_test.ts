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
import { joined } from "./world.ts";
import {
  composed,
  differing,
  emptyRegistry,
  gaugeOf,
  help,
  isWhole,
  type Lent,
  OwnRows,
  PAGES,
  piecesOf,
  SMALL,
  textOf,
} from "./fixtures.ts";

type Bytes = Uint8Array<ArrayBuffer>;

test("a part that throws in the middle of a family leaves nothing of it", () => {
  for (const format of [prometheusText, openMetrics, prometheusProto]) {
    for (const left of [Infinity, 0]) {
      const rows = new OwnRows(160);
      const registry = emptyRegistry();
      gaugeOf(registry, "before");
      const after = emptyRegistry();
      gaugeOf(after, "after");
      const source = composed(...registry.parts, rows, ...after.parts);
      const told: unknown[] = [];
      const options: ExposeOptions = {
        observer: {
          failed: (part, error) => void told.push([part, String(error)]),
        },
      };
      const budget = { left };
      const cache = new ExpositionCache(format, budget, PAGES);
      const pass = () => {
        const pieces = piecesOf(cache, source, options);
        assert.equal(told.splice(0).length, rows.broken < 0 ? 0 : 1);
        isWhole(pieces, source, format, options);
        told.length = 0;
      };
      for (const broken of [0, 17, 159, -1, 40, -1]) {
        rows.broken = broken;
        rows.cells[40]!++; // so that it is patched, and throws again
        pass();
        rows.changes.versions[9]!++;
        pass();
      }
      rows.broken = 40;
      rows.cells[40]!++;
      piecesOf(cache, source, options);
      assert.deepEqual(told, [[rows, "Error: broken"]]);
    }
  }
});

test("a part that throws is thrown, where nobody listens", () => {
  const rows = new OwnRows(160);
  rows.broken = 100;
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  assert.throws(() => piecesOf(cache, composed(rows)), /broken/);
  rows.broken = -1;
  isWhole(piecesOf(cache, composed(rows)), composed(rows));
});

test("the names of a part that threw are free for the next one", () => {
  const [first, second] = [new OwnRows(20), new OwnRows(30)];
  first.broken = 19;
  const source = composed(first, second);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const options = { observer: { failed() {} } };
  for (let i = 0; i < 3; i++) {
    const pieces = piecesOf(cache, source, options);
    assert.equal(textOf(pieces).match(/^own\{/gm)?.length, 30);
  }
  first.broken = -1; // and now the second one clashes
  const pieces = piecesOf(cache, source, options);
  assert.equal(textOf(pieces).match(/^own\{/gm)?.length, 20);
});

test("a format of one's own works, though it knows nothing of places", () => {
  const own: Format = {
    ...prometheusText,
    encoder: (out) => {
      const inner = prometheusText.encoder(out);
      return {
        family: (desc) => inner.family(desc),
        number: (...said) => inner.number(...said),
        histogram: (...said) => inner.histogram(...said),
        summary: (...said) => inner.summary(...said),
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
  const cache = new ExpositionCache(own, budget, PAGES);
  for (let i = 0; i < 3; i++) {
    at(i).set(i * 1000);
    const pieces = piecesOf(cache, registry);
    isWhole(pieces, registry, own);
    assert.match(textOf(pieces), /# the end\n$/);
  }
  assert.equal(budget.left, 1e6, "nothing of it is kept");
  const source = composed(...registry.parts, new OwnRows(3));
  isWhole(piecesOf(cache, source), source, own);
});

test("protobuf is kept too: what has not changed is the very same", () => {
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
  const first = piecesOf(cache, registry);
  isWhole(first, registry, prometheusProto);
  const pages = (pieces: readonly Lent[]) => pieces.slice(1, 11);
  const second = piecesOf(cache, registry);
  assert.deepEqual(differing(pages(first), pages(second)), []);
  at(50).set(123_456);
  const third = piecesOf(cache, registry);
  isWhole(third, registry, prometheusProto);
  assert.deepEqual(differing(pages(first), pages(third)), [3]);
  remove(1); // the message becomes shorter, and its length stands before it
  histogram.with({ a: "c" }).observe(5);
  isWhole(piecesOf(cache, registry), registry, prometheusProto);
});

test("a huge family that is not kept is written in slices", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g", 20_000);
  registry.gauge({ name: "after", help }).set(1);
  for (const format of allFormats()) {
    const cache = new ExpositionCache(format, { left: 0 });
    const batches = [...cache.owned(registry)];
    isWhole(batches.flat(), registry, format);
    if (format === prometheusProto) continue; // its length stands before it
    assert.ok(batches.length >= 10, `${format.id}: ${batches.length} batches`);
    const largest = Math.max(...batches.flat().map(({ length }) => length));
    assert.ok(largest < 600_000, `${format.id}: ${largest} bytes at once`);
  }
});

test("a large family that is kept is looked at in slices", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 20_000);
  for (const format of allFormats()) {
    const cache = new ExpositionCache(format, { left: Infinity });
    for (let i = 0; i < 2; i++) {
      at(i).set(i * 1e6);
      const batches = [...cache.owned(registry)];
      isWhole(batches.flat(), registry, format);
      assert.ok(batches.length >= 5, `${format.id}: ${batches.length}`);
    }
  }
});

test("a huge family that throws in its last slice is left out, and told of", () => {
  const rows = new OwnRows(20_000);
  rows.broken = 19_999;
  const source = composed(rows, new OwnRows(3));
  const told: unknown[] = [];
  const options = {
    observer: { failed: (part: Source) => void told.push(part) },
  };
  const cache = new ExpositionCache(prometheusText, { left: 0 });
  const pieces = piecesOf(cache, source, options);
  assert.deepEqual(told, [rows]);
  isWhole(pieces, source, prometheusText, options);
  rows.broken = -1;
  isWhole(piecesOf(cache, composed(rows)), composed(rows));
});

/** Takes batches of several in turn, with `between` in between. */
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

test("two readers that alternate each get a well-formed exposition", {
  timeout: 60_000,
}, () => {
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
        for (const pieces of bodies) {
          const families = parseExposition(joined(pieces), dialect);
          assert.equal(families.length, 3);
          assert.ok(families[0]!.samples.length > 2500);
        }
        isWhole(piecesOf(cache, registry), registry, format);
      }
    }
  }
});

test("two readers of different formats do not disturb each other", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 500);
  const formats = allFormats();
  const budget = { left: 1e6 };
  const all = formats.map((one) => new ExpositionCache(one, budget, SMALL));
  for (let round = 0; round < 3; round++) {
    interleaved(
      all.map((cache) => cache.owned(registry)),
      (turn) => at(turn % 500).set(turn),
    );
    formats.forEach((format, i) => {
      isWhole(piecesOf(all[i]!, registry), registry, format);
    });
  }
});

test("a reader that stops in the middle leaves the next one a whole", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 500);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, SMALL);
  for (let stop = 1; stop < 40; stop++) {
    const batches = cache.owned(registry);
    for (let i = 0; i < stop; i++) batches.next();
    at(stop).set(stop * 1000);
    if (stop % 2 === 0) batches.return();
    isWhole(piecesOf(cache, registry), registry);
  }
});
