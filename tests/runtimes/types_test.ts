/**
 * The handlers fit where they are mounted: checked when this file is compiled,
 * against the shapes of the runtimes and of a router.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Handler, metricsHandler } from "../../src/http/mod.ts";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";

/** As `Deno.serve` takes it. */
type DenoHandler = (
  request: Request,
  info: { readonly remoteAddr: { readonly transport: string } },
) => Response | Promise<Response>;

/** As `Bun.serve({ fetch })` takes it. */
type BunFetch = (
  this: BunServer,
  request: Request,
  server: BunServer,
) => Response | undefined | void | Promise<Response | undefined | void>;

interface BunServer {
  upgrade(request: Request): boolean;
}

/** As `Bun.serve({ routes })` takes it. */
type BunRoute = (
  request: BunRequest,
  server: BunServer,
) => Response | Promise<Response>;

interface BunRequest extends Request {
  readonly params: { readonly id: string };
}

/** As the `fetch` of a router is. */
type RouterFetch = (
  request: Request,
  env?: object,
  context?: { waitUntil(work: Promise<unknown>): void },
) => Response | Promise<Response>;

const registry = createRegistry();
const asked = new Request("http://localhost/users/7");
const bunAsked = Object.assign(asked, { params: { id: "7" } });
const server: BunServer = { upgrade: () => true };

test("metricsHandler() fits Deno.serve, Bun.serve and a Bun route", async () => {
  const handler: Handler = metricsHandler(registry);
  const deno: DenoHandler = handler;
  const fetch: BunFetch = handler;
  const route: BunRoute = handler;
  const info = { remoteAddr: { transport: "tcp" } };
  assert.equal((await deno(asked, info)).status, 200);
  assert.equal((await fetch.call(server, asked, server) as Response).ok, true);
  assert.equal((await route(bunAsked, server)).status, 200);
});

test("instrumentHandler() fits them, and infers their parameters", async () => {
  const deno: DenoHandler = instrumentHandler(
    (_request, info) => new Response(info.remoteAddr.transport),
    { registry },
  );
  const info = { remoteAddr: { transport: "tcp" } };
  assert.equal(await (await deno(asked, info)).text(), "tcp");
  const fetch: BunFetch = instrumentHandler(
    (request, bun) => bun.upgrade(request) ? undefined : new Response(),
    { registry },
  );
  assert.equal(await fetch.call(server, asked, server), undefined);
  const route: BunRoute = instrumentHandler(
    (request) => new Response(request.params.id),
    { registry },
  );
  assert.equal(await (await route(bunAsked, server)).text(), "7");
  const router = { fetch: (() => new Response("app")) as RouterFetch };
  const wrapped: RouterFetch = instrumentHandler(router.fetch, { registry });
  assert.equal(await (await wrapped(asked)).text(), "app");
});

test("instrumentHandler() keeps what a handler takes and returns", async () => {
  const sync: Response = instrumentHandler(() => new Response(), { registry })(
    asked,
  );
  const later: Promise<Response> = instrumentHandler(
    () => Promise.resolve(new Response()),
    { registry },
  )(asked);
  assert.equal((await later).status, sync.status);
  const route = instrumentHandler(
    (request: BunRequest) => new Response(request.params.id),
    { registry },
  );
  assert.equal(await route(bunAsked).text(), "7");
  const wrong = () => {
    // @ts-expect-error: a plain request has no params
    route(new Request("http://localhost/"));
    // @ts-expect-error: text is no response
    instrumentHandler(() => "text", { registry });
    // @ts-expect-error: a number is no request
    instrumentHandler((request: number) => new Response(`${request}`));
    // @ts-expect-error: an application is no handler, its fetch is one
    instrumentHandler({ fetch: () => new Response() });
    // @ts-expect-error: there is no such option
    metricsHandler(registry, { timeOut: 8 });
    // @ts-expect-error: options are the second argument
    metricsHandler({ timeout: 8 });
  };
  assert.equal(typeof wrong, "function");
});
