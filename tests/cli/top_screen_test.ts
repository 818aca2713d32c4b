import assert from "node:assert/strict";
import { test } from "node:test";
import { figuresOf } from "../../src/cli/top/figures.ts";
import { screen, type View } from "../../src/cli/top/screen.ts";
import { styles } from "../../src/cli/top/text.ts";
import { parseExposition } from "../../src/testing/mod.ts";
import * as fc from "../support/property.ts";
import { exposition } from "./fake_io.ts";

const PLAIN = styles(false);

function viewOf(before: string, now: string, more: Partial<View> = {}): View {
  const [first, second] = [before, now].map((text, time) => ({
    time,
    families: parseExposition(text, "text-0.0.4", { lenient: true }),
  }));
  return {
    target: "http://localhost:9090/metrics",
    clock: "14:02:11",
    now: 3600,
    interval: 2,
    down: undefined,
    figures: figuresOf(second!, first),
    scrape: { bytes: 2048, seconds: 0.0031 },
    history: () => [],
    ...more,
  };
}

const VIEW = viewOf(exposition(1), exposition(2));

test("screen() shows rates, distributions, levels and sizes at 80 columns", () => {
  const lines = screen(VIEW, { columns: 80, rows: 24 }, PLAIN);
  const text = lines.map((line) => line.trimEnd()).join("\n");
  assert.equal(
    text,
    `barograph top  http://localhost:9090/metrics                 every 2 s  14:02:11
up 1 h · 4 families · 9 samples · 2 KiB in 3.1 ms

RATES                                                                      per s
shop_orders_total                                                             14
  payment="card"                                                              10
  payment="cash"                                                               4

DISTRIBUTIONS                                   per s      p50      p95      p99
http_seconds                                       10  62.5 ms   775 ms   955 ms

LEVELS                                                                       now
carts                                                                          2

LARGEST FAMILIES                                                         samples
http_seconds                                                                   5
shop_orders_total                                                              2
carts                                                                          1
process_start_time_seconds                                                     1`,
  );
});

test("screen() keeps the heading, the first columns and the names when narrow", () => {
  const lines = screen(VIEW, { columns: 36, rows: 12 }, PLAIN);
  assert.match(lines[0]!, /^barograph top/);
  assert.ok(lines.some((line) => /^DISTRIBUTIONS +per s +p99$/.test(line)));
  assert.ok(lines.some((line) => /^http_seconds +10 +955 ms$/.test(line)));
});

test("screen() stands in two columns when wide", () => {
  const lines = screen(VIEW, { columns: 170, rows: 40 }, PLAIN);
  assert.ok(lines.some((line) => /^RATES .* LEVELS /.test(line)));
});

test("screen() draws the history beside what it is of", () => {
  const view = { ...VIEW, history: () => [1, 2, undefined, 4] };
  const lines = screen(view, { columns: 80, rows: 24 }, PLAIN);
  const rates = lines.find((line) => line.startsWith("RATES"))!;
  assert.match(rates, /last 1 min$/);
  const orders = lines.find((line) => line.startsWith("shop_orders_total"))!;
  assert.match(orders, /▃▅ █$/);
});

test("screen() says that a target is down, and keeps its last figures", () => {
  const down = "http://localhost:9090/metrics is down: refused";
  const first = screen(
    { ...VIEW, figures: undefined, down },
    { columns: 80, rows: 24 },
    PLAIN,
  );
  assert.deepEqual(first.map((line) => line.trimEnd()).slice(1), [down]);
  const later = screen({ ...VIEW, down }, { columns: 80, rows: 24 }, PLAIN);
  assert.equal(later[1]!.trimEnd(), down);
  assert.ok(later.some((line) => line.startsWith("shop_orders_total")));
  const coloured = screen(
    { ...VIEW, down },
    { columns: 80, rows: 24 },
    styles(true),
  );
  assert.ok(coloured[1]!.startsWith("\x1b[1;31m"));
});

test("families of the program come before those of runtime and library", () => {
  const text = (n: number) =>
    ["barograph_a_total", "process_b_total", "zoo_total"].map((name, i) =>
      `# TYPE ${name} counter\n${name} ${n * (9 - i)}\n`
    ).join("");
  const lines = screen(
    viewOf(text(1), text(2)),
    { columns: 80, rows: 24 },
    PLAIN,
  );
  const names = lines.map((line) => line.split(" ")[0]);
  const [a, b, c] = ["zoo_total", "process_b_total", "barograph_a_total"]
    .map((name) => names.indexOf(name));
  assert.ok(0 < a! && a! < b! && b! < c!);
});

test("law: a screen never has more lines or columns than the terminal", () => {
  const families = fc.array(
    fc.record({
      name: fc.stringMatching(/^[a-z_]{1,40}$/),
      type: fc.constantFrom("counter", "gauge", "histogram", "untyped"),
      label: fc.constantFrom("x", "店店店店店店店店店店", "\\n\u001b[2J"),
      value: fc.double({ noNaN: true, min: -1e12, max: 1e12 }),
    }),
    { maxLength: 30 },
  );
  const size = fc.record({
    columns: fc.integer({ min: 1, max: 200 }),
    rows: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(families, size, fc.boolean(), (all, size, hasHistory) => {
      const text = (n: number) =>
        all.map(({ name, type, label, value }, i) =>
          `# TYPE ${name}_${i} ${type}\n${name}_${i}{l="${label}"} ${
            value * n
          }\n${name}_${i}{l="b"} ${n}\n`
        ).join("");
      const history = () => hasHistory ? [1, undefined, 3] : [];
      const view = viewOf(text(1), text(2), { history });
      const lines = screen(view, size, PLAIN);
      assert.ok(lines.length <= size.rows, `${lines.length} lines`);
      for (const line of lines) {
        const wide = line.match(/店/g)?.length ?? 0;
        assert.ok(line.length + wide <= size.columns, line);
        assert.doesNotMatch(line, /\p{Cc}/u);
      }
    }),
    { numRuns: 400 },
  );
});
