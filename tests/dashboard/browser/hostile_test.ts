/**
 * Names, values, errors and spans that are markup and script stay text, and a
 * large application does not fill the page's memory.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Chromium, DESK, needsPage } from "./browser.ts";
import { EVIL } from "./shop_families.ts";
import { assertFaultless, Stage } from "./stage.ts";

const INJECTED = "main :is(img, script, iframe, [onerror]), header img";

test(
  "markup and script in routes, labels, help, errors and spans stay text",
  { ...needsPage(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(300, {
      isEvil: true,
      failsAfter: 120,
    });
    await using chromium = await Chromium.start();
    await using tab = await chromium.tab();
    await tab.look(DESK);
    await tab.go(stage.address());
    const route = encodeURIComponent(`POST /orders/:payment${EVIL}`);
    const places: Readonly<Record<string, string>> = {
      "#/overview": "main",
      [`#/overview?route=${route}`]: ".route-chip",
      "#/routes": "main",
      "#/metrics/http_requests_total?by=route": ".metrics-table",
      "#/metrics/shop_searches_total?by=term": ".metrics-family",
      "#/traces?list=failed": "main",
      "#/events": "main",
      "#/health": "body",
    };
    for (const [hash, place] of Object.entries(places)) {
      await tab.hash(hash);
      await tab.read("<img src=x onerror", place);
      assert.equal(
        await tab.run(`document.querySelectorAll("${INJECTED}").length`),
        0,
        hash,
      );
      assertFaultless(tab, hash);
    }
  },
);

/** Frames after which the page has all that it keeps, and that are measured. */
const WARM = 40;
const MEASURED = 40;

test(
  "2000 series and 500 spans a second do not fill the memory of the page",
  { ...needsPage(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(60, { terms: 2000, isBusy: true });
    await using chromium = await Chromium.start();
    await using tab = await chromium.tab();
    await tab.look(DESK);
    await tab.go(
      stage.address("#/metrics/shop_searches_total?by=term&range=5m"),
    );
    await tab.see(".metrics-row .metrics-value");
    const live = async (frames: number) => {
      for (let i = 0; i < frames; i++) {
        await stage.shop.run(1);
        await tab.frames();
      }
    };
    // Work under way makes peaks, a leak lifts the floor.
    const floor = async () => {
      const heaps: number[] = [];
      for (let i = 0; i < 3; i++) {
        await live(1);
        heaps.push(await tab.heap());
      }
      return Math.min(...heaps);
    };
    await live(WARM);
    const before = await floor();
    await live(MEASURED);
    const after = await floor();
    assert.ok(
      after < before * 1.1 + 500_000,
      `${MEASURED} frames have added ${after - before} bytes to ${before}`,
    );
    assertFaultless(tab, "a page of a large application");
  },
);
