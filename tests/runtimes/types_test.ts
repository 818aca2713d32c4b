/**
 * Handlers have the types that runtimes and routers expect. The compiler checks
 * most of it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Handler, metricsHandler } from "../../src/http/mod.ts";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";

/** A handler of `Deno.serve`. */
type DenoHandler = (
  request: Request,
  info: { readonly remoteAddr: { readonly transport: string } },
) => Response | Promise<Response>;

/** The `fetch` handler of `Bun.serve`. */
type BunFetch = (
  this: BunServer,
  request: Request,
  server: BunServer,
) => Response | undefined | void | Promise<Response | undefined | void>;

interface BunServer {
  upgrade(request: Request): boolean;
}

/** A route handler of `Bun.serve`. */
type BunRoute = (
  request: BunRequest,
  server: BunServer,
) => Response | Promise<Response>;

interface BunRequest extends Request {
  readonly params: { readonly id: string };
}

/** The `fetch` method of a router. */
type RouterFetch = (
  request: Request,
  env?: object,
  context?: { waitUntil(work: Promise<unknown>): void },
) => Response | Promise<Response>;

const registry = createRegistry();
const request = new Request("http://localhost/users/7");
const bunRequest = Object.assign(request, { params: { id: "7" } });
const server: BunServer = { upgrade: () => true };

test("metricsHandler() fits Deno.serve, Bun.serve and a Bun route", async () => {
  const handler: Handler = metricsHandler(registry);
  const deno: DenoHandler = handler;
  const fetch: BunFetch = handler;
  const route: BunRoute = handler;
  const info = { remoteAddr: { transport: "tcp" } };
  assert.equal((await deno(request, info)).status, 200);
  assert.equal(
    (await fetch.call(server, request, server) as Response).ok,
    true,
  );
  assert.equal((await route(bunRequest, server)).status, 200);
});

test("instrumentHandler() fits Deno.serve, Bun.serve and a Bun route", async () => {
  const deno: DenoHandler = instrumentHandler(
    (_request, info) => new Response(info.remoteAddr.transport),
    { registry },
  );
  const info = { remoteAddr: { transport: "tcp" } };
  assert.equal(await (await deno(request, info)).text(), "tcp");
  const fetch: BunFetch = instrumentHandler(
    (request, bun) => bun.upgrade(request) ? undefined : new Response(),
    { registry },
  );
  assert.equal(await fetch.call(server, request, server), undefined);
  const route: BunRoute = instrumentHandler(
    (request) => new Response(request.params.id),
    { registry },
  );
  assert.equal(await (await route(bunRequest, server)).text(), "7");
  const router = { fetch: (() => new Response("app")) as RouterFetch };
  const wrapped: RouterFetch = instrumentHandler(router.fetch, { registry });
  assert.equal(await (await wrapped(request)).text(), "app");
});

test("instrumentHandler() preserves the parameters and result of a handler", async () => {
  const sync: Response = instrumentHandler(() => new Response(), { registry })(
    request,
  );
  const later: Promise<Response> = instrumentHandler(
    () => Promise.resolve(new Response()),
    { registry },
  )(request);
  assert.equal((await later).status, sync.status);
  const route = instrumentHandler(
    (request: BunRequest) => new Response(request.params.id),
    { registry },
  );
  assert.equal(await route(bunRequest).text(), "7");
  const wrong = () => {
    // @ts-expect-error: a plain request has no params
    route(new Request("http://localhost/"));
    // @ts-expect-error: a string is not a response
    instrumentHandler(() => "text", { registry });
    // @ts-expect-error: a number is not a request
    instrumentHandler((request: number) => new Response(`${request}`));
    // @ts-expect-error: an application is not a handler, but its fetch is
    instrumentHandler({ fetch: () => new Response() });
    // @ts-expect-error: there is no such option
    metricsHandler(registry, { timeOut: 8 });
    // @ts-expect-error: options are the second argument
    metricsHandler({ timeout: 8 });
  };
  assert.equal(typeof wrong, "function");
});
