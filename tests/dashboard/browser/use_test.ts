/** The live page is used by its keys alone, and by clicks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Chromium, DESK, needsPage, type Tab } from "./browser.ts";
import { assertFaultless, Stage } from "./stage.ts";

/** Returns what describes the focused element: its tag, id and classes. */
function focused(tab: Tab): Promise<string> {
  return tab.run(`
    [document.activeElement]
      .map(({ tagName, id, className }) => tagName + "#" + id + "." + className)
      .join()
  `);
}

test(
  "a key that is put into the address bar of the open page is used",
  { ...needsPage(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(30);
    await using chromium = await Chromium.start();
    await using tab = await chromium.tab();
    await tab.look(DESK);
    const put = (hash: string) =>
      tab.run(`location.hash = ${JSON.stringify(hash)}`);
    await tab.page.goto(`${stage.wire.origin}/_barograph`);
    await tab.page.waitForSelector(".login");

    await put("#k=wrong");
    await tab.read("not the right one", "#key-wrong");
    await put(new URL(stage.address("#/health")).hash);
    await tab.page.waitForSelector(".login", { hidden: true });
    assert.equal(await tab.run("location.hash"), "#/health");
  },
);

test(
  "keys alone show the views, ranges, rows, the theme and help, and copy PromQL",
  { ...needsPage(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(240, { failsAfter: 120 });
    await using chromium = await Chromium.start();
    const context = await chromium.browser.createBrowserContext();
    await context.overridePermissions(stage.wire.origin, [
      "clipboard-read",
      "clipboard-write",
    ]);
    await using tab = await chromium.tab(context);
    await tab.look(DESK);
    await tab.go(stage.address());

    await tab.press("Tab");
    assert.match(await focused(tab), /^BUTTON.*skip/);
    await tab.press("Enter");
    assert.match(await focused(tab), /^MAIN#main/);

    const views = [
      ["2", "routes"],
      ["4", "traces"],
      ["5", "events"],
      ["7", "health"],
      ["1", "overview"],
      ["3", "metrics"],
    ] as const;
    for (const [key, view] of views) {
      await tab.press(key);
      assert.match(await tab.hashNow(), new RegExp(`^#/${view}`));
    }
    await tab.see(".metrics-prom");
    await tab.press("/");
    assert.match(await focused(tab), /^INPUT/);
    // Fields keep their own keys: these are letters.
    await tab.page.keyboard.type("shop ctj");
    assert.match(await tab.hashNow(), /^#\/metrics/);
    await tab.see(".metrics-none");
    await tab.press("Escape");
    await tab.see(".metrics-line");
    assert.match(await focused(tab), /^BODY/);
    await tab.press("/");
    await tab.page.keyboard.type("shop_orders");
    await tab.read("1 of ", ".metrics-list");
    await tab.press("Enter");
    await tab.read("shop_orders_total", "h1");
    await tab.press("/", "Escape");

    await tab.hash("#/metrics/shop_orders_total?by=payment");
    await tab.read("shop_orders_total", "h1");
    await tab.press("c");
    await tab.read("Copied", ".metrics-prom");
    assert.equal(
      await tab.run("navigator.clipboard.readText()"),
      "sum by (payment) (rate(shop_orders_total[1m]))",
    );
    await tab.press("]");
    assert.match(await tab.hashNow(), /range=1h/);
    await tab.read("[2m]", ".metrics-prom");
    await tab.press("[", "[");
    await tab.read("[30s]", ".metrics-prom");

    const theme = () => tab.run("document.documentElement.dataset.theme");
    const before = await theme();
    await tab.press("t");
    assert.notEqual(await theme(), before);
    await tab.press("?");
    await tab.see("dialog[open]");
    await tab.press("Escape");
    assert.equal(await tab.run("document.querySelector('dialog[open]')"), null);

    await tab.press(" ");
    await tab.read("Paused", ".pen");
    await tab.press(" ");
    await tab.see('.pen[data-state="live"]');
    assertFaultless(tab, "a page that is used by keys");
  },
);

test(
  "the metrics view searches, sorts, splits and filters by clicks, and back undoes it",
  { ...needsPage(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(240);
    await using chromium = await Chromium.start();
    await using tab = await chromium.tab();
    const names = () =>
      tab.run<string[]>(
        `[...document.querySelectorAll(".metrics-name")]
          .map((name) => name.textContent)`,
      );
    await tab.look(DESK);
    await tab.go(stage.address("#/metrics"));
    await tab.see(".metrics-table td");

    await tab.page.type(".metrics-search input", "lamp 1");
    await tab.read("term = lamp", ".metrics-found");
    assert.deepEqual(await names(), ["shop_searches_total"]);
    await tab.read("Searched: names, help, labels, all values.");
    await tab.page.click(".metrics-line");
    await tab.read("shop_searches_total", "h1");
    await tab.run(`(() => {
      const field = document.querySelector(".metrics-search input");
      field.value = "";
      field.dispatchEvent(new Event("input"));
    })()`);
    await tab.frames();
    assert.ok((await names()).length > 8);

    const click = async (selector: string, text: string) => {
      await tab.read(text, selector);
      await tab.run(
        `[...document.querySelectorAll(${JSON.stringify(selector)})]
          .find((element) => element.innerText.startsWith(${
          JSON.stringify(text)
        })).click()`,
      );
      await tab.frames();
    };
    await click(".metrics-orders button", "name");
    const sorted = await names();
    assert.deepEqual(sorted, [...sorted].sort());
    await click(".metrics-kinds button", "Gauges");
    assert.deepEqual(
      await tab.run(`[...new Set(
        [...document.querySelectorAll(".kind-glyph")]
          .map((glyph) => glyph.getAttribute("aria-label")),
      )]`),
      ["gauge"],
    );
    await click(".metrics-kinds button", "All");

    await click(".metrics-chips .chip", "found");
    assert.match(await tab.hashNow(), /by=found/);
    assert.equal(
      await tab.text(".metrics-prom code"),
      "sum by (found) (rate(shop_searches_total[1m]))",
    );
    await click(".metrics-chips .chip", "term");
    await tab.read("others", ".metrics-others");
    await tab.page.type(".metrics-find input", "sofa 1");
    await tab.until(
      `[...document.querySelectorAll(".metrics-row .metrics-value")]
        .slice(1).every((value) => value.innerText.startsWith("sofa 1"))`,
    );
    await tab.page.goBack();
    assert.match(await tab.hashNow(), /by=found/);

    await tab.hash(
      "#/metrics/http_request_duration_seconds?by=status_class&route=" +
        encodeURIComponent("GET /search"),
    );
    await tab.read("GET /search", ".route-chip");
    assert.equal(
      await tab.text(".metrics-prom code"),
      "histogram_quantile(0.95, sum by (le, status_class) (rate(" +
        'http_request_duration_seconds_bucket{method="GET", route="/search"}[1m])))',
    );
    await click(".metrics-lines .choice button", "rate");
    assert.match(
      await tab.text(".metrics-prom code"),
      /^sum by \(status_class\) \(rate\(http_request_duration_seconds_count/,
    );
    await tab.press("Escape");
    assert.doesNotMatch(await tab.hashNow(), /route=/);
    assertFaultless(tab, "a page that is used by clicks");
  },
);

/** A family of each type, its expression, and what the page says of it. */
const FAMILIES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "shop_orders_total?by=payment",
    "sum by (payment) (rate(shop_orders_total[1m]))",
    ["counter", "a second", "card", "invoice"],
  ],
  ["shop_till_drift_euros", "sum(shop_till_drift_euros)", ["gauge", "least"]],
  [
    "shop_order_euros?by=payment&q=p99",
    "histogram_quantile(0.99, sum by (payment) (rate(shop_order_euros[1m])))",
    ["native buckets", "share of sum", "All observations"],
  ],
  [
    "shop_stock_lookup_seconds?by=*",
    "max by (quantile) (shop_stock_lookup_seconds)",
    ["quantiles of this process only", "p90"],
  ],
  ["shop_door", "shop_door", ["stateset", "holds", "closed"]],
  ["shop_build_info", "shop_build_info", ["info", "0.4.2", "9f3e1ab"]],
];

test(
  "the metrics view draws a family of each type, and says the same in PromQL",
  { ...needsPage(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(240);
    await using chromium = await Chromium.start();
    await using tab = await chromium.tab();
    await tab.look(DESK);
    await tab.go(stage.address());
    for (const [hash, expression, texts] of FAMILIES) {
      await tab.hash(`#/metrics/${hash}`);
      await tab.read(hash.replace(/\?.*/, ""), "h1");
      for (const text of texts) await tab.read(text, ".metrics-family");
      assert.equal(await tab.text(".metrics-prom code"), expression);
      assertFaultless(tab, hash);
    }
    const tips = [
      ["shop_orders_total?by=payment", "card", "in all"],
      ["http_request_duration_seconds?by=route", "/search", "bucket"],
    ] as const;
    for (const [hash, value, tip] of tips) {
      await tab.hash(`#/metrics/${hash}`);
      await tab.read(value, ".metrics-table td");
      const { x, y } = await tab.run<{ x: number; y: number }>(`(() => {
        const canvas = document.querySelector(".metrics-lines canvas");
        const { right, top } = canvas.getBoundingClientRect();
        return { x: right - 150, y: top + 60 };
      })()`);
      await tab.page.mouse.move(10, 10);
      await tab.page.mouse.move(x, y);
      await tab.read(tip, ".tooltip");
    }
    await tab.hash("#/metrics/shop_nothing_total");
    await tab.read("There is no family shop_nothing_total.");
    assertFaultless(tab, "a family that is not there");
  },
);
