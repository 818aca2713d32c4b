/** Rows that stay sorted while others are added and removed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  expose,
  ExpositionCache,
  prometheusText,
} from "../../../src/encode/mod.ts";
import { concatBytes } from "../../../src/base/internal.ts";
import { Fold } from "../../../src/fleet/fold/fold.ts";
import { SortedRows } from "../../../src/fleet/fold/sorted_rows.ts";
import * as fc from "../../support/property.ts";
import { sourceOf } from "./lines.ts";
import { FakeSlot } from "./slots.ts";

interface Item {
  readonly key: string;
  position: number;
}

/** Batches of keys to add; removed are those for which a hash says so. */
const anyBatches = fc.array(
  fc.record({
    from: fc.nat({ max: 2000 }),
    count: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 200 })),
    step: fc.constantFrom(1, 7, 13),
    removes: fc.constantFrom(0, 0, 2, 50),
  }),
  { maxLength: 20 },
);

test("SortedRows keeps rows sorted, and their cells with them", () => {
  fc.assert(
    fc.property(anyBatches, (batches) => {
      const rows = new SortedRows<Item>(2);
      const items = new Map<string, Item>();
      let length = 0;
      for (const { from, count, step, removes } of batches) {
        const before = [...items.values()].map((item) => ({ ...item }));
        const versions = rows.changes.versions.slice();
        const added: Item[] = [];
        for (let i = 0; i < count; i++) {
          const key = `${from + i * step}`;
          if (items.has(key)) continue;
          const item = { key, position: -1 };
          items.set(key, item);
          added.push(item);
        }
        if (added.length > 0) rows.insert(added);
        for (const { key, position } of added) {
          assert.equal(rows.cells[2 * position], 0);
          rows.cells[2 * position] = Number(key);
        }
        [...items.values()].filter((_, i) => removes && i % removes === 0)
          .forEach((item) => {
            rows.remove(item);
            items.delete(item.key);
          });
        assert.ok(rows.length >= length && rows.length % 16 === 0);
        length = rows.length;
        const placed = Array.from({ length }, (_, i) => rows.at(i));
        const keys = placed.flatMap((item) => item?.key ?? []);
        assert.deepEqual(keys, [...items.keys()].toSorted());
        placed.forEach((item, i) => {
          assert.equal(item?.position ?? i, i);
          assert.equal(rows.cells[2 * i], Number(item?.key ?? 0));
          assert.equal(rows.cells[2 * i + 1], 0);
        });
        // The version of a block has grown if one of its rows has moved.
        for (const { key, position } of before) {
          if (items.get(key)?.position === position) continue;
          const block = position >> 4;
          assert.ok(rows.changes.versions[block]! > versions[block]!);
        }
      }
    }),
    { numRuns: 250 },
  );
});

test("SortedRows leaves other blocks alone when one row is added", () => {
  const rows = new SortedRows<Item>(1);
  const items = Array.from({ length: 1000 }, (_, i) => ({
    key: `${1000 + i}`,
    position: -1,
  }));
  rows.insert(items);
  const versions = rows.changes.versions.slice();
  rows.insert([{ key: "1500.5", position: -1 }]);
  const changed = versions.filter((version, i) =>
    version !== rows.changes.versions[i]
  );
  assert.equal(changed.length, 1);
});

test("an exposition of a fold has each series once, also if rows move", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 600 }), { maxLength: 300 }),
      fc.array(fc.nat({ max: 600 }), { maxLength: 300 }),
      fc.nat({ max: 20 }),
      (first, then, pause) => {
        const fold = new Fold({ maxMembers: 1 });
        const slot = new FakeSlot();
        const family = slot.family({
          name: "c_total",
          type: "counter",
          labelNames: ["l"],
        });
        const seen = new Set<number>();
        const add = (labels: readonly number[]) => {
          for (const label of labels) {
            if (!seen.has(label)) slot.row(family, [`${label}`], [label]);
            seen.add(label);
          }
          fold.take(0, slot.read(), "changed");
          fold.settle();
        };
        add(first);
        const cache = new ExpositionCache(prometheusText, { left: 1e9 }, {
          pageBytes: 1,
          pageRows: 16,
          pagesPerStep: 1 / 32,
          pagesPerBatch: 1,
        });
        const steps = cache.owned(sourceOf(fold));
        const pages: Uint8Array<ArrayBuffer>[] = [];
        let step = 0;
        for (const yielded of steps) {
          pages.push(...yielded);
          if (step++ === pause) add(then);
        }
        const lines = new TextDecoder().decode(concatBytes(pages)).split("\n")
          .filter((line) => line.startsWith("c_total"));
        assert.equal(new Set(lines).size, lines.length);
        for (const label of first) {
          assert.ok(lines.includes(`c_total{l="${label}"} ${label}`));
        }
        const after = [...cache.owned(sourceOf(fold))].flat();
        assert.deepEqual(
          concatBytes(after),
          expose(sourceOf(fold), prometheusText),
        );
      },
    ),
    { numRuns: 150 },
  );
});
