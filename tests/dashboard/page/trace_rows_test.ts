/** Rows of the waterfall: order, folds, parents that are not kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type FoldRow,
  hasText,
  merged,
  type Row,
  Tree,
} from "../../../page/views/traces/rows.ts";
import type { TraceSpan } from "../../../src/dashboard/protocol_traces.ts";
import * as fc from "../../support/property.ts";
import { anySpans, spanOf } from "./spans.ts";

const closed = () => false;
const open = () => true;

function outline(rows: readonly Row[]): string[] {
  return rows.map((row) => {
    const indent = " ".repeat(row.depth);
    if (row.kind === "missing") return `${indent}(${row.id})`;
    if (row.kind === "span") return indent + row.span.name;
    return `${indent}${row.name} × ${row.spans.length}`;
  });
}

function spansIn(rows: readonly Row[], tree: Map<string, TraceSpan[]>) {
  const found: TraceSpan[] = [];
  const add = (span: TraceSpan) => {
    if (found.includes(span)) return;
    found.push(span);
    tree.get(span.id)?.forEach(add);
  };
  for (const row of rows) {
    if (row.kind === "span") found.push(row.span);
  }
  for (const row of rows) {
    if (row.kind === "fold" && !row.isOpen) row.spans.forEach(add);
  }
  return found;
}

test("Tree.rows() are a tree in order of time", () => {
  const tree = new Tree([
    spanOf({ id: "c", parent: "a", name: "second", startMs: 5 }),
    spanOf({ id: "b", parent: "a", name: "first", startMs: 1 }),
    spanOf({ id: "a", name: "root", ms: 20 }),
    spanOf({ id: "d", parent: "b", name: "inner", startMs: 2 }),
  ]);
  assert.deepEqual(outline(tree.rows(closed)), [
    "root",
    " first",
    "  inner",
    " second",
  ]);
});

test("a parent that is not kept is a row over its children", () => {
  const rows = new Tree([
    spanOf({ id: "a", parent: "x", name: "late", startMs: 7 }),
    spanOf({ id: "b", parent: "x", name: "early", startMs: 3, ms: 2 }),
    spanOf({ id: "c", name: "root" }),
  ]).rows(closed);
  assert.deepEqual(outline(rows), ["root", "(x)", " early", " late"]);
  assert.deepEqual([rows[1]!.from, rows[1]!.to], [3, 17]);
});

test("a span that begins after the end of its parent is late", () => {
  const rows = new Tree([
    spanOf({ id: "a", name: "root" }),
    spanOf({ id: "b", parent: "a", startMs: 9 }),
    spanOf({ id: "c", parent: "a", startMs: 400 }),
  ]).rows(closed);
  assert.deepEqual(
    rows.map((row) => row.kind === "span" && row.isLate),
    [false, false, true],
  );
});

test("more than twenty children alike fold, with their time and failures", () => {
  const gets = (count: number) =>
    Array.from({ length: count }, (_, i) =>
      spanOf({
        id: `g${i}`,
        parent: "root",
        name: "db.get",
        startMs: i * 10,
        failed: i % 10 === 3,
      }));
  const root = spanOf({ id: "root", name: "root", ms: 500 });
  const twenty = new Tree([root, ...gets(20)]);
  assert.equal(twenty.rows(closed).length, 21);

  const inner = spanOf({ id: "in", parent: "g4", name: "in" });
  const tree = new Tree([root, ...gets(21), inner]);
  const rows = tree.rows(closed);
  assert.deepEqual(outline(rows), ["root", " db.get × 21"]);
  const fold = rows[1] as FoldRow;
  assert.deepEqual([fold.ms, fold.failed, fold.from, fold.to], [
    210,
    2,
    0,
    210,
  ]);
  const shown = tree.rows(open);
  assert.equal(shown.length, 2 + 21 + 1);
  assert.equal((shown[1] as FoldRow).isOpen, true);
  assert.deepEqual([shown[2]!.depth, shown[7]!.depth], [2, 3]);
});

test("hasText() looks into names, services, errors and attributes", () => {
  const span = spanOf({
    name: "POST payments",
    error: "Timeout",
    attributes: { "db.rows": 41, "tags": ["Blue"] },
  });
  for (const text of ["payments", "shop", "timeout", "db.ro", "41", "blue"]) {
    assert.ok(hasText(span, text), text);
  }
  assert.ok(!hasText(span, "42"));
});

test("law: each span is in one row or one closed fold, whatever its parent", () => {
  fc.assert(
    fc.property(anySpans(), fc.boolean(), (spans, isOpen) => {
      const children = new Map<string, TraceSpan[]>();
      for (const span of spans) {
        if (span.parent === span.id || span.parent === "") continue;
        children.set(span.parent, [
          ...children.get(span.parent) ?? [],
          span,
        ]);
      }
      const rows = new Tree(spans).rows(() => isOpen);
      const shown = spansIn(rows, children);
      assert.equal(shown.length, new Set(shown).size, "in one row only");
      assert.deepEqual(new Set(shown), new Set(spans));
      const keys = rows.map(({ key }) => key);
      assert.equal(keys.length, new Set(keys).size, "keys are unique");
      rows.forEach(({ depth }, i) => {
        assert.ok(depth <= (rows[i - 1]?.depth ?? -1) + 1, "no jump inwards");
      });
    }),
    { numRuns: 500 },
  );
});

test("law: merged() covers the intervals, and its parts do not touch", () => {
  const interval = fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 9 }));
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 12 }), (starts) => {
      const intervals = starts.map(([from, length]) =>
        [from, from + length] as const
      );
      const parts = merged(intervals);
      for (let i = 1; i < parts.length; i++) {
        const isGap = i % 2 === 0;
        assert.ok(
          isGap ? parts[i]! > parts[i - 1]! : parts[i]! >= parts[i - 1]!,
        );
      }
      const isIn = (time: number) => {
        for (let i = 0; i < parts.length; i += 2) {
          if (parts[i]! <= time && time < parts[i + 1]!) return true;
        }
        return false;
      };
      for (let time = 0; time < 50; time++) {
        assert.equal(
          isIn(time),
          intervals.some(([from, to]) => from <= time && time < to),
        );
      }
    }),
    { numRuns: 300 },
  );
});
