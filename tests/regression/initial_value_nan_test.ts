// A layout with `initial: NaN` got rows of zeros, but NaN after a reset.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type InstrumentKind,
  type RowStore,
  Series,
} from "../../src/metrics/mod.ts";
import { rowsOf, setUp } from "../metrics/fixtures.ts";

class Blank extends Series {}

const blanks: InstrumentKind<Series> = {
  id: "test/blank",
  type: "gauge",
  rules: {},
  plan: () => ({
    layout: () => ({
      width: 1,
      isPlain: true,
      tracksStart: false,
      initial: NaN,
      series: (store: RowStore, row: number) => new Blank(store, row),
      emit: (store, row, labels, sink) =>
        sink.number(labels, store.cells[row]!, 0),
    }),
  }),
};

test("Layout.initial may be NaN, in new, reused and reset rows", () => {
  const { registry } = setUp();
  const family = registry.declare(blanks, {
    name: "x",
    help: "X.",
    labels: ["k"],
  });
  for (let i = 0; i < 20; i++) family.at(`${i}`); // more than the first rows
  family.remove({ k: "3" });
  family.at("again");
  const { store, row } = family.at("7");
  store.cells[row] = 1;
  store.reset(row);
  assert.ok(rowsOf(registry, "x").every(([, value]) => Number.isNaN(value)));
});
