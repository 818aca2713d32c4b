/**
 * Chromium shows all views of the live page, over a server of this runtime: each
 * is filled, readable for everybody, and asks no other host for anything.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import axe from "axe-core";
import { RUNTIME } from "../../runtimes/server.ts";
import {
  Chromium,
  DESK,
  type Look,
  needsViews,
  PHONE,
  type Tab,
  TABLET,
} from "./browser.ts";
import { compare, needsPictures } from "./golden.ts";
import { assertFaultless, Stage } from "./stage.ts";

/** Selectors of what each view has once it is filled. */
const VIEWS: Readonly<Record<string, readonly string[]>> = {
  "#/overview": [".finding", ".tile-digits", ".worst-row", ".routes tbody tr"],
  "#/routes": ["tbody tr", "canvas"],
  "#/metrics": [".metrics-line"],
  "#/metrics/http_request_duration_seconds": [
    ".metrics-table tbody tr",
    ".metrics-prom",
    ".metrics-heat canvas",
  ],
  "#/metrics/shop_searches_total?by=term": [".metrics-row .metrics-value"],
  "#/metrics/shop_door": [".metrics-states tbody tr"],
  "#/traces": ["canvas", "main a[href*='#/traces/'], main [data-row]"],
  "#/events": ["main [role=log] [role], main [role=log] *"],
  "#/health": ["main table tbody tr"],
};

/** Wide and light, narrow and dark; other runtimes serve the same. */
const LOOKS: readonly Look[] = RUNTIME === "deno"
  ? [DESK, PHONE]
  : [{ ...DESK, theme: "dark" }];

/** A quarter of an hour before the failure, and ten minutes of it. */
const PAST = 900;
const FAILING = 480;

async function violations(tab: Tab): Promise<unknown> {
  await tab.run(axe.source);
  return await tab.run(
    `axe.run(document, { resultTypes: ["violations"] }).then((result) =>
      result.violations.map(({ id, nodes }) => [
        id,
        ...nodes.slice(0, 3).map(({ target }) => target.join(" ")),
      ]))`,
  );
}

test(
  `every view is filled and accessible, light and dark, wide and narrow, from ${RUNTIME}`,
  { ...needsViews(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(PAST + FAILING, { failsAfter: PAST });
    await using chromium = await Chromium.start();
    await Promise.all(LOOKS.map(async (look) => {
      await using tab = await chromium.tab();
      await tab.look(look);
      await tab.go(stage.address());
      for (const [hash, filled] of Object.entries(VIEWS)) {
        const where = `${hash} at ${look.width} px, ${look.theme}`;
        await tab.hash(hash);
        for (const selector of filled) await tab.see(selector);
        assert.deepEqual(await violations(tab), [], where);
        const width = await tab.run("document.documentElement.scrollWidth");
        assert.equal(width, look.width, `${where} is wider than its window`);
        assertFaultless(tab, where);
      }
    }));
  },
);

test(
  "no view is wider than the window of a tablet",
  { ...needsViews(), timeout: 120_000 },
  async () => {
    await using stage = await Stage.open(PAST + FAILING, { failsAfter: PAST });
    await using chromium = await Chromium.start();
    await using tab = await chromium.tab();
    await tab.look(TABLET);
    await tab.go(stage.address());
    for (const [hash, filled] of Object.entries(VIEWS)) {
      await tab.hash(hash);
      for (const selector of filled) await tab.see(selector);
      const width = await tab.run("document.documentElement.scrollWidth");
      assert.equal(width, TABLET.width, `${hash} is wider than its window`);
    }
  },
);

/** A picture, and what must be in it. */
interface Picture {
  readonly look: Look;
  readonly hash: string;
  readonly filled: string;
}

const OVERVIEW = {
  hash: "#/overview",
  // They are drawn last: the picture is as high as the page.
  filled: ".routes tbody tr",
} as const;

const PICTURES: Readonly<Record<string, Picture>> = {
  "dashboard-light": { ...OVERVIEW, look: { ...DESK, scale: 1.5 } },
  "dashboard-dark": {
    ...OVERVIEW,
    look: { ...DESK, theme: "dark", scale: 1.5 },
  },
  "dashboard-phone": {
    ...OVERVIEW,
    look: { ...PHONE, theme: "light", height: 1400 },
  },
  "dashboard-metrics": {
    look: DESK,
    hash: "#/metrics/http_request_duration_seconds?by=route&q=p95",
    filled: ".metrics-heat canvas",
  },
  "dashboard-trace": {
    look: DESK,
    hash: "#/traces?list=failed",
    filled: ".drawer",
  },
};

/** Milliseconds after which a page with little motion draws again. */
const CALM = 3000;

/**
 * A clock that only frames of the feed move: ages and the axis follow it, and each
 * frame is drawn, whatever else was drawn since the one before. `newestFrame` is
 * the time of the newest one.
 */
const STILL = `
  let passed = 5000;
  let newestFrame = 0;
  performance.now = () => passed;
  const { parse } = JSON;
  JSON.parse = (text) => {
    const value = parse(text);
    if (Array.isArray(value?.d)) {
      newestFrame = value.t;
      passed += ${CALM};
    }
    return value;
  };
`;

test(
  "the page looks as in the pictures of the documentation",
  { ...needsPictures(), timeout: 240_000 },
  async () => {
    // The ten frames of the pictures end one column of the axis, which has 10 s:
    // a chart is the same after the first and the second frame of its picture.
    const past = PAST + FAILING - 10;
    await using stage = await Stage.open(past, { failsAfter: PAST });
    await using chromium = await Chromium.start();
    await using tab = await chromium.tab();
    await tab.page.evaluateOnNewDocument(STILL);
    const settled = () => tab.page.waitForNetworkIdle({ concurrency: 1 });
    for (const [name, { look, hash, filled }] of Object.entries(PICTURES)) {
      await tab.look(look);
      await tab.go(stage.address(hash));
      await tab.see(filled);
      await settled();
      // Charts and figures take turns: each is drawn after one of two frames.
      for (let frame = 0; frame < 2; frame++) {
        await stage.shop.run(1);
        await tab.until(`newestFrame >= ${stage.shop.clock.unix()}`);
        await tab.frames();
      }
      await settled();
      await tab.frames();
      compare(name, await tab.picture());
    }
  },
);
