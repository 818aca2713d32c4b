import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import type { SummaryView } from "../../src/model/mod.ts";
import { WindingClock } from "./fixtures.ts";
import { distributionOf, FakeClock, valueOf } from "../../src/testing/mod.ts";

const help = "Help.";

function setUp(quantiles: readonly number[] = [], maxAge = 60) {
  const clock = new FakeClock();
  const registry = createRegistry({ clock });
  const options = { name: "x", help, quantiles, maxAge, ageBuckets: 6 };
  const summary = registry.summary(options);
  const view = () => distributionOf(registry, "x") as SummaryView;
  return { clock, registry, summary, view };
}

test("summary() has count and sum, and no quantiles by default", () => {
  const { summary, view } = setUp();
  assert.equal(view().count, 0);
  summary.observe(2);
  summary.observe(3, 2);
  assert.equal(view().count, 3);
  assert.equal(view().sum, 8);
  assert.equal(view().quantiles.length, 0);
  assert.equal(summary.count, 3);
  assert.equal(summary.sum, 8);
});

test("Summary has quantiles of NaN before anything is observed", () => {
  const { view } = setUp([0.5]);
  assert.deepEqual([...view().values], [NaN]);
});

test("Summary has quantiles within 1.2 % of the exact values", () => {
  const { summary, view } = setUp([0, 0.5, 0.9, 1]);
  for (let i = 1; i <= 1000; i++) summary.observe(i);
  const exact = [1, 500, 900, 1000];
  view().values.forEach((value, i) => {
    assert.ok(Math.abs(value / exact[i]! - 1) < 0.012, `${value}`);
  });
});

test("Summary has quantiles of negative values and zero", () => {
  const { summary, view } = setUp([0, 0.5, 1]);
  for (const value of [-8, 0, 8]) summary.observe(value);
  const [low, middle, high] = view().values;
  assert.ok(Math.abs(low! / -8 - 1) < 0.012);
  assert.equal(middle, 0);
  assert.ok(Math.abs(high! / 8 - 1) < 0.012);
});

test("Summary drops an observation from its quantiles after maxAge", () => {
  const { clock, summary, view } = setUp([1], 60);
  summary.observe(100);
  clock.advance(49);
  summary.observe(1);
  assert.ok(view().values[0]! > 90, "still within the window");
  clock.advance(12);
  assert.ok(view().values[0]! < 2, "100 is older than a minute");
  clock.advance(600);
  assert.deepEqual([...view().values], [NaN]);
  assert.equal(view().count, 2);
});

test("Summary has exact windows if it is rarely read", () => {
  const { clock, summary, view } = setUp([0.5], 60);
  for (let i = 0; i < 50; i++) {
    summary.observe(i + 1);
    clock.advance(10);
  }
  const [middle] = view().values;
  assert.ok(middle! > 44 && middle! < 50, `${middle}`);
});

test("Summary.observe() drops and counts illegal values, but records NaN", () => {
  const { registry, summary, view } = setUp([0.5]);
  summary.observe(4);
  summary.observe(NaN);
  summary.observe("5" as never);
  summary.observe(1, -1);
  summary.observe(1, 0.5);
  assert.equal(view().count, 2);
  assert.equal(view().sum, NaN);
  assert.ok(Math.abs(view().values[0]! / 4 - 1) < 0.012);
  const name = "barograph_rejected_observations_total";
  assert.equal(valueOf(registry, name, { reason: "not_a_number" }), 2);
  assert.equal(valueOf(registry, name, { reason: "negative" }), 1);
});

test("summary() refuses an illegal window with advice", () => {
  const declare = (options: object) => () =>
    createRegistry().summary({ name: "x", help, ...options });
  assert.throws(declare({ quantiles: [1.5] }), /quantile 1.5 is out of range/);
  assert.throws(declare({ quantiles: [0.9, 0.5] }), /quantile 0.5/);
  assert.throws(declare({ quantiles: [NaN] }), /quantile NaN/);
  assert.throws(declare({ maxAge: 0 }), /maxAge is 0; give seconds/);
  assert.throws(declare({ ageBuckets: 0 }), /ageBuckets is 0/);
});

test("Summary replaces all observations as its window slides", () => {
  const { clock, summary, view } = setUp([1], 60);
  for (const value of [5, 1000, 7]) summary.observe(value);
  assert.ok(Math.abs(view().values[0]! / 1000 - 1) < 0.012);
  // Steps are independent: observations of an old one leave no trace.
  for (let step = 0; step < 12; step++) {
    clock.advance(10);
    summary.observe(7);
  }
  assert.ok(Math.abs(view().values[0]! / 7 - 1) < 0.012);
});

test("Summary has no quantile of an observation that is maxAge old", () => {
  const { clock, summary, view } = setUp([1], 60);
  clock.advance(59.5);
  summary.observe(3);
  clock.advance(60);
  assert.deepEqual([...view().values], [NaN]);
});

test("Summary.observe() neither throws nor drops if the clock goes back", () => {
  const clock = new WindingClock();
  const registry = createRegistry({ clock });
  const summary = registry.summary({
    name: "x",
    help,
    quantiles: [1],
    maxAge: 60,
    ageBuckets: 6,
  });
  const highest = () =>
    (distributionOf(registry, "x") as SummaryView).values[0]!;
  clock.now += 100;
  summary.observe(8);
  clock.now -= 50;
  summary.observe(4);
  assert.equal(summary.count, 2);
  assert.ok(Math.abs(highest() / 8 - 1) < 0.012);
  clock.now += 50; // back at 100: no step must be cleared
  summary.observe(2);
  assert.ok(Math.abs(highest() / 8 - 1) < 0.012);
});

test("Summary with one step drops all observations together", () => {
  const clock = new FakeClock();
  const registry = createRegistry({ clock });
  const summary = registry.summary({
    name: "x",
    help,
    quantiles: [0.5],
    maxAge: 10,
    ageBuckets: 1,
  });
  summary.observe(2);
  const view = () => distributionOf(registry, "x") as SummaryView;
  assert.ok(Math.abs(view().values[0]! / 2 - 1) < 0.012);
  clock.advance(10);
  assert.deepEqual([...view().values], [NaN]);
});

test("Summary has a new window in a reused row", () => {
  const registry = createRegistry({ clock: new FakeClock() });
  const family = registry.summary({
    name: "x",
    help,
    labels: ["a"],
    quantiles: [1],
  });
  family.at("first").observe(1000);
  family.at("second").observe(1);
  family.remove({ a: "first" });
  family.at("third");
  const of = (a: string) =>
    (distributionOf(registry, "x", { a }) as SummaryView).values[0]!;
  assert.ok(of("second") < 2);
  assert.equal(of("third"), NaN);
});

test("summary() copies the quantiles", () => {
  const quantiles = [0.5, 0.9];
  const { view } = setUp(quantiles);
  quantiles[0] = 0.1;
  assert.deepEqual([...view().quantiles], [0.5, 0.9]);
});

test("Summary.observe() throws on an illegal value or count in a strict registry", () => {
  const registry = createRegistry({ strict: true });
  const summary = registry.summary({ name: "x", help });
  assert.throws(() => summary.observe("1" as never), {
    name: "RangeError",
    message: /Cannot record "1" in summary "x": not a number/,
  });
  assert.throws(() => summary.observe(1, -2), /Cannot record -2.*negative/);
  assert.equal(summary.count, 0);
});
