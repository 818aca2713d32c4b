/** One trace and the tail of events are used by keys and clicks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Chromium, DESK, needsPage, type Tab } from "./browser.ts";
import { assertFaultless, Stage } from "./stage.ts";

/** Returns how many elements there are. */
function count(tab: Tab, selector: string): Promise<number> {
  return tab.run(
    `document.querySelectorAll(${JSON.stringify(selector)}).length`,
  );
}

/** Returns the name of the selected span; null if its row is not in view. */
function selected(tab: Tab): Promise<string | null> {
  return tab.run(
    `document.querySelector('[aria-selected="true"] .mono')?.textContent ?? null`,
  );
}

/**
 * Records a report with 60 queries alike, of which one fails, and a clean-up 40 s
 * later; its caller is in another process. Returns the id of its trace.
 */
function report({ shop }: Stage): string {
  const { clock, tracer } = shop;
  const start = clock.unix();
  const caller = {
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    sampled: true,
    traceState: "",
  };
  const root = tracer.start("GET /report", {
    kind: "server",
    parent: caller,
    start,
    attributes: { "http.request.method": "GET", "http.route": "/report" },
  });
  for (let i = 0; i < 60; i++) {
    const query = tracer.start("db.get", {
      kind: "client",
      parent: root,
      start: start + i / 50,
      attributes: { "db.key": `item:${i}` },
    });
    if (i === 41) query.setStatus("error", "deadlock");
    query.end(start + (i + 0.8) / 50);
  }
  const sweep = tracer.start("sweep", { parent: root, start: start + 41 });
  sweep.end(start + 41.5);
  root.end(start + 1.25);
  return caller.traceId;
}

test(
  "a trace is read by keys, its search, its folds and its cut",
  { ...needsPage(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(60);
    const id = report(stage);
    await stage.shop.run(5);
    await using chromium = await Chromium.start();
    await using tab = await chromium.tab();
    await tab.look(DESK);
    await tab.go(stage.address(`#/traces/${id}`));

    // The caller, the request, the fold and the clean-up.
    await tab.see(".span-row");
    assert.equal(await count(tab, ".span-row"), 4);
    assert.match(await tab.text(".span-row:nth-child(1)"), /span not kept/);
    assert.match(
      await tab.text(".span-row:nth-child(3)"),
      /db\.get × 60, 960 ms/,
    );
    await tab.read("✕ deadlock", ".drawer-error");

    await tab.page.click(".waterfall-cut");
    await tab.frames();
    assert.equal(await count(tab, ".waterfall-cut"), 0);
    await tab.page.click(".waterfall-close");
    await tab.frames();
    assert.equal(await count(tab, ".waterfall-cut"), 1);

    // Keys reach the fold, and Enter opens and closes it, also if several come
    // before the page has drawn.
    const keys = async (...all: readonly string[]) => {
      await tab.run(`${JSON.stringify(all)}.forEach((key) =>
        (document.querySelector(".waterfall-list:focus") ?? document.body)
          .dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
          ))`);
      await tab.frames();
    };
    const isExpanded = () =>
      tab.run(`document.querySelector("#selected-span").ariaExpanded`);
    await keys("j", "k");
    assert.equal(await isExpanded(), "false");
    await keys("Enter", "j");
    await tab.read("item:0", ".drawer");
    await keys("k");
    assert.equal(await isExpanded(), "true");
    await tab.press("Enter");
    assert.equal(await count(tab, ".span-row"), 4);

    await tab.page.click(".trace-tools .chip");
    await tab.until(`document.querySelectorAll(".span-row").length > 20`);
    assert.equal(await selected(tab), "db.get");
    await tab.read("item:41", ".drawer");
    await tab.press("j");
    await tab.read("item:42", ".drawer");
    await tab.press("k", "k");
    await tab.read("item:40", ".drawer");
    assert.match(
      await tab.hashNow(),
      new RegExp(`^#/traces/${id}/[0-9a-f]{16}`),
    );

    await tab.page.type(".trace-find", "item:7");
    await tab.read("1 of 62", ".trace-tools");
    await tab.press("Enter");
    await tab.read("item:7", ".drawer");
    await tab.press("Escape", "Escape");
    assert.equal(await tab.hashNow(), "#/traces");
    await tab.read("Choose a trace", ".trace-pane");

    await tab.page.type(".trace-search input", id);
    await tab.press("Enter");
    await tab.read("GET /report", ".trace-head");
    tab.expect(/404/);
    await tab.hash(`#/traces/${"0".repeat(31)}1`);
    await tab.read("cannot be shown", ".trace-pane");
    assertFaultless(tab, "a trace");
  },
);

test(
  "the tail follows its end, counts what is new, and leads to traces",
  { ...needsPage(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(60);
    await using chromium = await Chromium.start();
    await using tab = await chromium.tab();
    await tab.look(DESK);
    await tab.go(stage.address("#/events"));
    const publish = (from: number, to: number) => {
      for (let order = from; order < to; order++) {
        const traceId = order.toString(16).padStart(32, "0");
        stage.shop.bus.publish("order.accepted", { order, traceId });
      }
    };
    publish(1, 100);
    await tab.read(`{"order":99}`, ".event-text");
    assert.equal(
      await tab.run(`document.querySelector(".tail-more").hidden`),
      true,
    );

    await tab.run(`void (document.querySelector(".tail-list").scrollTop = 0)`);
    await tab.frames();
    publish(100, 120);
    await tab.read("20 new ↓", ".tail-more");
    await tab.page.click(".tail-more");
    await tab.read(`{"order":119}`, ".event-text");

    await tab.page.type(".tail-filter input", `"order":5`);
    await tab.read("11 of", ".tail-count");
    assert.equal(await tab.text("mark"), `"order":5`);
    const box = ".topic:last-child input";
    await tab.page.click(box);
    await tab.read("No event of this page matches", ".tail-state");
    assert.match(await tab.hashNow(), /topics=/);
    await tab.page.click(box);
    await tab.read("11 of", ".tail-count");
    assert.doesNotMatch(await tab.hashNow(), /topics=/);
    assertFaultless(tab, "the tail");
  },
);
