/**
 * Chromium that drives the live page, and a tab that notes everything a page must
 * not do: errors, warnings, requests to other hosts, violations of its policy.
 *
 * `eval "$(.ci/oracles)"` installs the browser and exports its path. Tests that
 * need it are skipped if the variable is not set.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import {
  type Browser,
  type BrowserContext,
  type KeyInput,
  launch,
  type Page,
} from "puppeteer-core";
import { needs, needsOnce, programOf } from "../../oracle/programs.ts";
import { RUNTIME } from "../../runtimes/server.ts";
import { skippedUnless } from "../../support/rounds.ts";

/** The fonts of pictures, by the generic names that they stand for. */
const FONTS = {
  "system-ui": "Inter",
  "sans-serif": "Inter",
  "ui-monospace": "JetBrains Mono",
  monospace: "JetBrains Mono",
  Charter: "P052",
  serif: "P052",
} as const;

const FONT_FILES = [
  "/usr/share/fonts/opentype/inter",
  "/usr/share/fonts/truetype/jetbrains-mono",
  "/usr/share/fonts/opentype/urw-base35",
];

/** Whether the fonts of the pictures are installed. */
export const HAS_FONTS: boolean = FONT_FILES.every((path) => existsSync(path));

/** Returns the option that skips a test of page and server without a browser. */
export function needsServer(): { skip: string | false } {
  return needs("CHROMIUM");
}

/** Returns the option that skips a test of all views, but on Deno and Bun. */
export function needsViews(): { skip: string | false } {
  const browser = needsServer();
  return browser.skip !== false ? browser : skippedUnless(
    RUNTIME !== "node",
    "only Deno and Bun serve all views to a browser",
  );
}

/** Returns the option that skips a test of the page alone, but on Deno. */
export function needsPage(): { skip: string | false } {
  return needsOnce("CHROMIUM");
}

/** A browser with pinned fonts. */
export class Chromium {
  readonly browser: Browser;
  readonly #folder: string;

  private constructor(browser: Browser, folder: string) {
    this.browser = browser;
    this.#folder = folder;
  }

  /** Starts the browser. */
  static async start(args: readonly string[] = []): Promise<Chromium> {
    const folder = mkdtempSync(join(tmpdir(), "barograph-browser-"));
    const config = join(folder, "fonts.conf");
    writeFileSync(config, fontConfig(folder));
    const browser = await launch({
      executablePath: programOf("CHROMIUM")!,
      timeout: PATIENCE,
      args: [
        "--no-sandbox",
        "--force-color-profile=srgb",
        "--font-render-hinting=none",
        "--disable-lcd-text",
        ...args,
      ],
      env: { ...env, FONTCONFIG_FILE: config },
    });
    return new Chromium(browser, folder);
  }

  /** Opens a tab, in a new context unless one is given. */
  async tab(context?: BrowserContext): Promise<Tab> {
    const own = context ?? await this.browser.createBrowserContext();
    return await Tab.open(await own.newPage());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function fontConfig(folder: string): string {
  const matches = Object.entries(FONTS).map(([from, to]) => `
  <match target="pattern">
    <test name="family"><string>${from}</string></test>
    <edit name="family" mode="assign" binding="strong"><string>${to}</string></edit>
  </match>`);
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}</cachedir>${matches.join("")}
</fontconfig>
`;
}

/** Milliseconds after which a page that does not show something has failed. */
const PATIENCE = 60_000;

/** How a tab looks. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly theme: "light" | "dark";
  /** Pixels of the screen a CSS pixel. Default: 1. */
  readonly scale?: number;
}

/** The looks that each view is tried in. */
export const DESK: Look = { width: 1440, height: 900, theme: "light" };
export const TABLET: Look = { width: 768, height: 1024, theme: "light" };
export const PHONE: Look = { width: 360, height: 720, theme: "dark" };

/** A tab; `faults` lists what no page may do. */
export class Tab {
  readonly page: Page;
  readonly #faults: string[] = [];
  /** Origins that requests may go to. */
  readonly #origins = new Set<string>();
  /** Errors of the console that a test expects. */
  #expected: RegExp | undefined;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(page: Page): Promise<Tab> {
    const tab = new Tab(page);
    page.setDefaultTimeout(PATIENCE);
    page.on("console", (message) => {
      const type = message.type();
      if (type === "error" || type === "warn") {
        tab.#note(`console ${type}: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => tab.#note(`error: ${error}`));
    page.on("dialog", (dialog) => {
      tab.#note(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== "http:" && protocol !== "https:") return;
      if (!tab.#origins.has(origin)) tab.#note(`request to ${origin}`);
    });
    await page.evaluateOnNewDocument(`
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error("policy:", event.violatedDirective, event.blockedURI);
      });
    `);
    await page.emulateMediaFeatures([
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    return tab;
  }

  #note(fault: string): void {
    if (!this.#expected?.test(fault)) this.#faults.push(fault);
  }

  /** Takes the faults since the last call. */
  faults(): string[] {
    return this.#faults.splice(0);
  }

  /** Accepts faults like these from now on; without one, none. */
  expect(faults?: RegExp): void {
    this.#expected = faults;
  }

  /** Gives the tab a size and a theme. */
  async look({ width, height, theme, scale = 1 }: Look): Promise<void> {
    await this.page.setViewport({ width, height, deviceScaleFactor: scale });
    await this.page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: theme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
  }

  /** Opens an address, and waits until the page is connected. */
  async go(address: string): Promise<void> {
    this.#origins.add(new URL(address).origin);
    await this.page.goto("about:blank");
    await this.page.goto(address);
    await this.see('.pen[data-state="live"]');
  }

  /**
   * Evaluates an expression in the page. A text: the tests are checked without
   * the types of the document.
   */
  async run<T = unknown>(expression: string): Promise<T> {
    return await this.page.evaluate(expression) as T;
  }

  /** Waits until an expression is true in the page. */
  async until(expression: string): Promise<void> {
    await this.page.waitForFunction(expression);
  }

  /** Goes to another hash, such as `#/metrics`. */
  async hash(hash: string): Promise<void> {
    await this.run(`void (location.hash = ${JSON.stringify(hash)})`);
    await this.frames();
  }

  /** Waits until an element is visible. */
  async see(selector: string): Promise<void> {
    await this.page.waitForSelector(selector, { visible: true });
  }

  /** Waits until a text stands in an element. */
  async read(text: string, selector = "body"): Promise<void> {
    await this.until(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].some(` +
        `(element) => element.innerText.replace(/[\\u00a0\\u202f]/g, " ")` +
        `.includes(${JSON.stringify(text)}))`,
    );
  }

  /** Waits until two frames were drawn. */
  async frames(): Promise<void> {
    await this.run(
      "new Promise((done) => requestAnimationFrame(" +
        "() => requestAnimationFrame(() => done())))",
    );
  }

  /** Takes a picture as soon as two in a row are equal. */
  async picture(): Promise<Uint8Array> {
    const { height } = this.page.viewport()!;
    const fullPage = height <= DESK.height;
    const shot = () => this.page.screenshot({ fullPage });
    let before = await shot();
    for (let i = 0; i < 20; i++) {
      await this.frames();
      const now = await shot();
      if (now.every((byte, at) => byte === before[at])) return now;
      before = now;
    }
    throw new Error("the page does not come to rest");
  }

  /** Presses keys, and waits until it was drawn. */
  async press(...keys: readonly KeyInput[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
    await this.frames();
  }

  /** Returns the text of the first element, with plain spaces. */
  async text(selector: string): Promise<string> {
    return await this.run(
      `document.querySelector(${JSON.stringify(selector)}).innerText` +
        `.replace(/[\\u00a0\\u202f]/g, " ")`,
    );
  }

  /** Minimises the window of the tab, or shows it again. */
  async hide(isHidden = true): Promise<void> {
    const session = await this.page.createCDPSession();
    const { windowId } = await session.send("Browser.getWindowForTarget");
    await session.send("Browser.setWindowBounds", {
      windowId,
      bounds: { windowState: isHidden ? "minimized" : "normal" },
    });
    await session.detach();
  }

  /** Freezes the tab as browsers freeze hidden ones, or wakes it. */
  async freeze(isFrozen = true): Promise<void> {
    const session = await this.page.createCDPSession();
    const state = isFrozen ? "frozen" : "active";
    await session.send("Page.setWebLifecycleState", { state });
    await session.detach();
  }

  /** Returns the bytes of the heap that are in use after a collection. */
  async heap(): Promise<number> {
    const session = await this.page.createCDPSession();
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    await session.detach();
    return usedSize;
  }

  /** Returns the hash of the address. */
  hashNow(): Promise<string> {
    return this.run("location.hash");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
  }
}
