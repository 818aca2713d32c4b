/**
 * The live page loses its connection, its program, or its place on the screen, and
 * goes on where it was.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RUNTIME } from "../../runtimes/server.ts";
import { Chromium, DESK, needsPage, needsServer, type Tab } from "./browser.ts";
import { assertFaultless, Stage } from "./stage.ts";

const REFUSED =
  /ERR_CONNECTION_|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_|ERR_ABORTED/;

/** Returns a script that gives timers of `from` milliseconds another length. */
const timersOf = (from: number, to: number) =>
  `{
  const after = setTimeout;
  globalThis.setTimeout = (work, ms, ...rest) =>
    after(work, ms === ${from} ? ${to} : ms, ...rest);
}`;

/** The half minute after which a hidden page closes its feed takes a moment. */
const SHORT_SLEEP = timersOf(30_000, 20);

/** A feed that is silent for 20 s is opened again, which draws all: never here. */
const NEVER_STALLED = timersOf(20_000, 2 ** 31 - 1);

/** Waits until a condition of the server holds. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 1500; i++) {
    if (holds()) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.fail(`in vain for ${what}`);
}

/** The total of a counter, as the table of the page says it. */
const TOTAL = "#/metrics/shop_orders_total?by=*";

function totalOf({ shop }: Stage): string {
  return String(shop.orders).replace(/\B(?=(\d{3})+$)/g, " ");
}

test(
  `a page resumes its feed without a loss, and notices a restart, from ${RUNTIME}`,
  { ...needsServer(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(120);
    await using chromium = await Chromium.start();
    await using tab = await chromium.tab();
    await tab.look(DESK);
    await tab.go(stage.address(TOTAL));
    await tab.read(totalOf(stage), ".metrics-table td");
    await stage.shop.run(2);
    await tab.read(totalOf(stage), ".metrics-table td");
    assertFaultless(tab, "a page that is connected");

    tab.expect(REFUSED);
    stage.wire.cut();
    await tab.see('.pen[data-state="waiting"]');
    await stage.shop.run(7);
    stage.mend();
    await tab.page.click(".pen");
    await tab.see('.pen[data-state="live"]');
    assert.match(stage.feeds.asked.at(-1)!, /[?&]after=/);
    await tab.read(totalOf(stage), ".metrics-table td");

    await stage.restart(30);
    await tab.read("Restarted", ".pen");
    await tab.read(totalOf(stage), ".metrics-table td");
    await stage.shop.run(2);
    await tab.read(totalOf(stage), ".metrics-table td");
    assertFaultless(tab, "a page that was cut off");
  },
);

/** Histories wait in the browser until they are let go. */
async function holdHistories({ page }: Tab): Promise<() => void> {
  const held: (() => void)[] = [];
  let isHeld = true;
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const go = () => void request.continue();
    if (isHeld && request.url().includes("/history")) held.push(go);
    else go();
  });
  return () => {
    isHeld = false;
    for (const go of held) go();
  };
}

test(
  "a view whose history comes late is filled at once",
  { ...needsPage(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(60);
    await using chromium = await Chromium.start();
    for (const hash of ["#/overview", "#/routes"]) {
      await using tab = await chromium.tab();
      await tab.page.evaluateOnNewDocument(NEVER_STALLED);
      const letGo = await holdHistories(tab);
      await tab.look(DESK);
      await tab.go(stage.address(hash));
      await tab.see(".state.loading");
      letGo();
      await tab.see("canvas");
      await tab.see("tbody tr");
      assertFaultless(tab, hash);
    }
  },
);

test(
  "a page that is paused, hidden or frozen closes its feed, and goes on when seen",
  { ...needsPage(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(60);
    await using chromium = await Chromium.start();
    await using tab = await chromium.tab();
    const { feeds } = stage;
    await tab.page.evaluateOnNewDocument(SHORT_SLEEP);
    await tab.look(DESK);
    await tab.go(stage.address(TOTAL));
    await tab.read(totalOf(stage), ".metrics-table td");
    assert.equal(feeds.open, 1);

    await tab.press(" ");
    await tab.read("Paused", ".pen");
    await until(() => feeds.open === 0, "the end of a paused feed");
    await stage.shop.run(3);
    await tab.press(" ");
    await tab.read(totalOf(stage), ".metrics-table td");

    await tab.hide();
    await until(() => feeds.open === 0, "the end of a hidden feed");
    await stage.shop.run(12);
    await tab.hide(false);
    await tab.read(totalOf(stage), ".metrics-table td");
    assert.equal(feeds.open, 1);

    await tab.freeze();
    await until(() => feeds.open === 0, "the end of a frozen feed");
    await stage.shop.run(3);
    await tab.freeze(false);
    await tab.hide();
    await tab.hide(false);
    await tab.read(totalOf(stage), ".metrics-table td");
    assert.equal(feeds.open, 1);
    assertFaultless(tab, "a page that slept");
  },
);

test(
  "seven tabs of one browser all show the page: only one of them has a feed",
  { ...needsPage(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(60);
    await using chromium = await Chromium.start();
    const context = await chromium.browser.createBrowserContext();
    const tabs: Tab[] = [];
    for (let i = 0; i < 7; i++) {
      const tab = await chromium.tab(context);
      await tab.page.evaluateOnNewDocument(SHORT_SLEEP);
      tabs.push(tab);
      await tab.go(stage.address(TOTAL));
      await tab.read(totalOf(stage), ".metrics-table td");
    }
    await until(() => stage.feeds.open === 1, "the end of six feeds");
    const [first] = tabs as [Tab];
    await stage.shop.run(5);
    await first.page.bringToFront();
    await first.read(totalOf(stage), ".metrics-table td");
    for (const tab of tabs) assertFaultless(tab, "one of seven tabs");
  },
);
