/** A shop behind a real server of this runtime, and the addresses of its page. */
import assert from "node:assert/strict";
import { type RunningServer, serve } from "../../runtimes/server.ts";
import type { Tab } from "./browser.ts";
import { KEY, type ShopOptions, ShopWorld } from "./shop_world.ts";
import { Wire } from "./wire.ts";

/** The feeds of a server. */
export class Feeds {
  /** Addresses of all feeds that were asked for. */
  readonly asked: string[] = [];
  /** Number of feeds that are open. */
  open = 0;

  /** Notes a feed, and when its answer ends. */
  note(request: Request, response: Response): Response {
    const { pathname, search } = new URL(request.url);
    if (!pathname.endsWith("/feed") || response.body === null) return response;
    this.asked.push(search);
    this.open++;
    let isOpen = true;
    const end = () => {
      if (isOpen) this.open--;
      isOpen = false;
    };
    const reader = response.body.getReader();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      },
      async cancel(reason) {
        end();
        await reader.cancel(reason);
      },
    });
    const { headers, status } = response;
    return new Response(body, { headers, status });
  }
}

/** A shop, its server, and a wire to it that can be cut. */
export class Stage {
  shop: ShopWorld;
  readonly wire: Wire;
  readonly feeds: Feeds;
  #server: RunningServer;

  private constructor(
    shop: ShopWorld,
    feeds: Feeds,
    server: RunningServer,
    wire: Wire,
  ) {
    this.shop = shop;
    this.feeds = feeds;
    this.#server = server;
    this.wire = wire;
  }

  /** Opens a shop, and lets `seconds` pass in it. */
  static async open(
    seconds: number,
    options: StageOptions = {},
  ): Promise<Stage> {
    const shop = await shopOf(seconds, options);
    const feeds = new Feeds();
    const server = serveShop(shop, feeds);
    return new Stage(shop, feeds, server, await Wire.open(server.port));
  }

  /** The address of a view, with the key. */
  address(hash = ""): string {
    const mark = hash.includes("?") ? "&" : "?";
    const key = `k=${encodeURIComponent(KEY)}`;
    return `${this.wire.origin}/_barograph` +
      (hash === "" ? `#${key}` : `${hash}${mark}${key}`);
  }

  /** Ends the program and starts another one, at the same address. */
  async restart(seconds: number): Promise<void> {
    this.wire.cut();
    this.shop[Symbol.dispose]();
    await this.#server.stop();
    this.shop = await shopOf(seconds, {});
    this.#server = serveShop(this.shop, this.feeds);
    this.mend();
  }

  /** Mends the wire to the program. */
  mend(): void {
    this.wire.mend(this.#server.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.wire[Symbol.asyncDispose]();
    this.shop[Symbol.dispose]();
    await this.#server.stop();
  }
}

/** Options of a stage. */
export interface StageOptions extends ShopOptions {
  /** Seconds after which payments begin to fail. Default: never. */
  readonly failsAfter?: number;
}

/** The second argument of Bun. */
interface BunTimeout {
  /** Sets the seconds of silence after which a response ends; 0 is never. */
  timeout(request: Request, seconds: number): void;
}

function serveShop(shop: ShopWorld, feeds: Feeds): RunningServer {
  return serve(async (request, extra) => {
    // No time passes for the heartbeats of a feed, and Bun ends silent responses.
    (extra as Partial<BunTimeout> | undefined)?.timeout?.(request, 0);
    return feeds.note(request, await shop.handler(request));
  });
}

async function shopOf(
  seconds: number,
  { failsAfter = Infinity, ...options }: StageOptions,
): Promise<ShopWorld> {
  const shop = new ShopWorld(options);
  // The page samples from its first mount on.
  await shop.handler(new Request("http://shop.example/_barograph/health"));
  shop.failsFrom = shop.clock.unix() + failsAfter;
  await shop.run(seconds);
  return shop;
}

/** Fails if a tab has done anything that no page may do. */
export function assertFaultless(tab: Tab, where: string): void {
  assert.deepEqual(tab.faults(), [], `faults in ${where}`);
}
