import assert from "node:assert/strict";
import { test } from "node:test";
import { figuresOf, type Scrape } from "../../src/cli/top/figures.ts";
import { parseExposition } from "../../src/testing/mod.ts";
import { exposition } from "./fake_io.ts";

function scrapeOf(text: string, time: number): Scrape {
  const families = parseExposition(text, "text-0.0.4", { lenient: true });
  return { time, families };
}

test("figuresOf() has rates, quantiles, levels and sizes", () => {
  const now = scrapeOf(exposition(3), 12);
  const figures = figuresOf(now, scrapeOf(exposition(1), 10));
  assert.deepEqual(figures.rates, [{
    name: "shop_orders_total",
    unit: "count",
    value: 14,
    series: [
      { labels: 'payment="card"', value: 10 },
      { labels: 'payment="cash"', value: 4 },
    ],
  }]);
  const [{ rate, quantiles, mean, unit }] = figures.distributions as [
    typeof figures.distributions[0],
  ];
  assert.deepEqual([rate, mean, unit], [10, 0.2, "seconds"]);
  assert.equal(quantiles[0], 0.0625); // 5 of 8 within 0.1 s
  assert.ok(Math.abs(quantiles[1]! - 0.775) < 1e-9); // 1.5 of 2 beyond it
  assert.deepEqual(figures.levels.map(({ name, value }) => [name, value]), [
    ["carts", 3],
  ]);
  assert.deepEqual(figures.sizes.map(({ value }) => value), [2, 5, 1, 1]);
  assert.equal(figures.process.start, 0);
});

test("the first scrape has no rates, and levels", () => {
  const { rates, distributions, levels } = figuresOf(
    scrapeOf(exposition(1), 0),
    undefined,
  );
  assert.ok(Number.isNaN(rates[0]!.value));
  assert.ok(Number.isNaN(distributions[0]!.rate));
  assert.equal(levels[0]!.value, 1);
});

test("a counter that fell has begun again, and a new series at zero", () => {
  const text = (a: number, b?: number) =>
    `# TYPE a_total counter\na_total{x="a"} ${a}\n` +
    (b === undefined ? "" : `a_total{x="b"} ${b}\n`);
  const { rates } = figuresOf(
    scrapeOf(text(6, 8), 2),
    scrapeOf(text(100), 0),
  );
  assert.deepEqual(rates[0]!.series.map(({ value }) => value), [4, 3]);
});

test("a summary, or a histogram without buckets, has a mean", () => {
  const text = (n: number) =>
    `# TYPE a summary\na{quantile="0.5"} 1\na_sum ${6 * n}\na_count ${
      2 * n
    }\n` +
    `# TYPE b histogram\nb_bucket{le="+Inf"} ${n}\nb_sum ${n}\nb_count ${n}\n`;
  const { distributions } = figuresOf(
    scrapeOf(text(2), 1),
    scrapeOf(text(1), 0),
  );
  assert.deepEqual(
    distributions.map(({ mean, quantiles }) => [mean, quantiles]),
    [
      [3, [undefined, undefined, undefined]],
      [1, [undefined, undefined, undefined]],
    ],
  );
});

test("quantiles above the last bound are that bound", () => {
  const text = (n: number) =>
    `# TYPE a histogram\na_bucket{le="1"} ${n}\na_bucket{le="+Inf"} ${
      10 * n
    }\n` +
    `a_sum ${n}\na_count ${10 * n}\n`;
  const { distributions } = figuresOf(
    scrapeOf(text(2), 1),
    scrapeOf(text(1), 0),
  );
  assert.deepEqual(distributions[0]!.quantiles, [1, 1, 1]);
});
