/** The routes that denoRouter() matches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTelemetry } from "../../mod.ts";
import { denoRouter } from "../../src/frameworks/mod.ts";
import { appOf, broken, type Build } from "./app.ts";
import { counted, within } from "./contract.ts";
import { RUNTIME } from "../runtimes/server.ts";
import { at, needsUrlPattern } from "./url_pattern.ts";

test(
  "denoRouter() takes the first route whose pattern and method match",
  needsUrlPattern(),
  () => {
    const build: Build = ({ telemetry }) => {
      const app = denoRouter(telemetry, [
        { pattern: at("/users/me"), handler: () => new Response("me") },
        {
          pattern: at("/users/:id"),
          method: "get",
          handler: (_, match) => new Response(match.pathname.groups["id"]),
        },
        {
          pattern: at("/users/:name"),
          method: ["PUT", "delete"],
          handler: () => new Response(null, { status: 204 }),
        },
        { pattern: at("/static/*"), handler: () => new Response("file") },
      ]);
      return appOf((request) => app(request));
    };
    return within(build, {}, async (world) => {
      await counted(world, ["GET", "/users/me", 200], "/users/me");
      await counted(world, ["GET", "/users/7", 200], "/users/:id");
      await counted(world, ["PUT", "/users/7", 204], "/users/:name");
      await counted(world, ["DELETE", "/users/7", 204], "/users/:name");
      await counted(world, ["POST", "/users/7", 404], "unknown");
      await counted(world, ["GET", "/static/a/b", 200], "/static/*");
      await counted(world, ["GET", "/nothing", 404], "unknown");
    });
  },
);

/** The route of `@std/http/unstable-route`, whose package this test cannot load. */
interface Route {
  pattern: URLPattern;
  method?: string | string[];
  handler: (
    request: Request,
    params: URLPatternResult,
    info?: Info,
  ) => Response | Promise<Response>;
}

interface Info {
  readonly remoteAddr: string;
}

test(
  "denoRouter() takes the routes of @std/http, and passes the info on",
  needsUrlPattern(),
  async () => {
    const telemetry = createTelemetry();
    const seen: (string | undefined)[] = [];
    const routes: Route[] = [{
      pattern: at("/users/:id"),
      handler: (_request, _params, info) => {
        seen.push(info?.remoteAddr);
        return new Response("user");
      },
    }];
    const app = denoRouter(telemetry, routes, (_request, info?: Info) => {
      seen.push(info?.remoteAddr);
      return new Response("none", { status: 410 });
    });
    const user = app(new Request("http://x/users/7"), { remoteAddr: "here" });
    assert.ok(
      user instanceof Response,
      "a synchronous answer stays synchronous",
    );
    const none = await app(new Request("http://x/none"), {
      remoteAddr: "there",
    });
    assert.equal(none.status, 410);
    await app(new Request("http://x/users/7"));
    assert.deepEqual(seen, ["here", "there", undefined]);
    await telemetry.close();
  },
);

test(
  "denoRouter() passes errors on, and counts them by their route",
  needsUrlPattern(),
  () => {
    const build: Build = ({ telemetry, options }) => {
      const app = denoRouter(
        telemetry,
        [
          {
            pattern: at("/thrown/:id"),
            handler: () => {
              throw broken();
            },
          },
          {
            pattern: at("/rejected/:id"),
            handler: () => Promise.reject(broken()),
          },
        ],
        () => {
          throw broken();
        },
        options,
      );
      return appOf(async (request) => await app(request));
    };
    const options = { ignore: ({ url }: Request) => url.endsWith("/ignored") };
    return within(build, { options }, async ({ app, count, total }) => {
      const paths = ["/thrown/7", "/rejected/7", "/none", "/thrown/ignored"];
      for (const path of paths) {
        await assert.rejects(app.send(path), /broken on purpose/);
      }
      assert.equal(count("GET", "/thrown/:id", 500), 1);
      assert.equal(count("GET", "/rejected/:id", 500), 1);
      assert.equal(count("GET", "unknown", 500), 1);
      assert.equal(total(), 3);
    });
  },
);

test(
  "denoRouter() survives URLs that no server should pass on",
  needsUrlPattern(),
  () => {
    const build: Build = ({ telemetry }) => {
      const app = denoRouter(telemetry, [
        { pattern: at("/users/:id"), handler: () => new Response("user") },
      ]);
      return {
        send: (url) =>
          Promise.resolve(
            app({ method: "GET", url, headers: new Headers() } as Request),
          ),
      };
    };
    return within(build, {}, async (world) => {
      // The patterns of Node match paths without an origin.
      const path = RUNTIME === "node" ? [] : ["/users/7"];
      for (const url of [...path, "http://[/users/7", ""]) {
        await counted(world, ["GET", url, 404], "unknown");
      }
    });
  },
);
