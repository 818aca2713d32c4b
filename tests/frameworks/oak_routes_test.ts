/** The routes and answers that oakMiddleware() counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Application, Router } from "@oakserver/oak";
import { type OakContext, oakMiddleware } from "../../src/frameworks/mod.ts";
import { appOf, type Build } from "./app.ts";
import { counted, within } from "./contract.ts";

const build: Build = ({ telemetry, options }) => {
  const app = new Application({ logErrors: false });
  app.use(oakMiddleware(telemetry, options));
  const router = new Router({ prefix: "/v1" });
  router.use("/admin", (ctx) => ctx.throw(401));
  router.get("/admin/:id", () => {});
  router.get("/gone/:id", (ctx) => ctx.throw(410));
  router.get("/busy/:id", (ctx) => ctx.throw(503, "busy"));
  router.get("/empty/:id", () => {});
  router.get("/given/:id", (ctx) => {
    ctx.response.with("given", { status: 202 });
  });
  router.all("/all/:id", (ctx) => {
    ctx.response.body = "all";
  });
  app.use(router.routes(), router.allowedMethods());
  return appOf(async (request) => {
    const { body, status } = (await app.handle(request as never))!;
    return new Response(body as ReadableStream | null, { status });
  });
};

test("oakMiddleware() counts every kind of answer by its status", () =>
  within(build, {}, async (world) => {
    await counted(world, ["GET", "/v1/admin/7", 401], "/v1/admin/:id");
    await counted(world, ["GET", "/v1/gone/7", 410], "/v1/gone/:id");
    await counted(world, ["GET", "/v1/busy/7", 503], "/v1/busy/:id");
    assert.equal(world.spans.at(-1)!.status.message, "busy");
    await counted(world, ["GET", "/v1/empty/7", 404], "/v1/empty/:id");
    await counted(world, ["GET", "/v1/given/7", 202], "/v1/given/:id");
    await counted(world, ["PUT", "/v1/all/7", 200], "/v1/all/:id");
    await counted(world, ["PUT", "/v1/gone/7", 405], "unknown");
    await counted(world, ["GET", "/nothing", 404], "unknown");
  }));

test("oakMiddleware() takes a context without a request of Fetch", () => {
  const bare: Build = ({ telemetry, options }) => {
    const middleware = oakMiddleware(telemetry, options);
    const again = oakMiddleware(telemetry, options);
    return appOf(async ({ method, url, headers }) => {
      const response = {
        status: 200,
        headers: new Headers(),
        body: null as unknown,
        writable: true,
        with: () => {},
        toDomResponse: () => Promise.reject(new Error("not yet")),
      };
      const context: OakContext = {
        request: { method, url: new URL(url), headers },
        response,
        respond: !url.endsWith("/upgrade"),
      };
      await middleware(context, () => again(context, () => Promise.resolve()));
      const { body, status, headers: sent } = response;
      return new Response(body as BodyInit | null, { status, headers: sent });
    });
  };
  return within(bare, {}, async (world) => {
    const { app, count, total } = world;
    await counted(world, ["GET", "/users/7", 200], "unknown");
    await app.send("/upgrade");
    assert.equal(count("GET", "unknown", 101), 1);
    const metrics = await app.send("/metrics");
    assert.match(await metrics.text(), /^# HELP /);
    assert.equal(total(), 2);
  });
});
