/** oakMiddleware() with Oak itself. */
import { Application, Router } from "@oakserver/oak";
import { oakMiddleware } from "../../src/frameworks/mod.ts";
import {
  adapters,
  appOf,
  broken,
  type Build,
  stream,
  Teapot,
  user,
} from "./app.ts";
import { fetchContract, frameworkContract } from "./contract.ts";
import { serverContract } from "./server_contract.ts";

const build: Build = ({ telemetry, options, times }) => {
  const app = new Application({ logErrors: false });
  for (
    const adapter of adapters(times, () => oakMiddleware(telemetry, options))
  ) app.use(adapter);
  app.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (!(error instanceof Teapot)) throw error;
      ctx.response.status = 418;
      ctx.response.body = "short and stout";
    }
  });
  const router = new Router();
  router.get("/users/:id", async (ctx) => {
    ctx.response.body = await user(ctx.params.id);
  });
  router.post("/users", async (ctx) => {
    ctx.response.status = 201;
    ctx.response.body = await ctx.request.body.text();
  });
  const api = new Router();
  api.get("/items/:item", (ctx) => {
    ctx.response.body = ctx.params.item;
  });
  router.use("/api", api.routes(), api.allowedMethods());
  router.get("/forbidden", (ctx) => {
    ctx.response.status = 403;
    ctx.response.body = "no";
  });
  router.get("/broken", () => {
    throw broken();
  });
  router.get("/teapot", () => {
    throw new Teapot();
  });
  router.get("/stream", (ctx) => {
    ctx.response.body = stream();
  });
  app.use(router.routes());
  app.use(router.allowedMethods());
  return appOf(async (request) => {
    // The package on npm brings a `Response` that is not that of the runtimes.
    const { body, status, headers } = (await app.handle(request as never))!;
    return new Response(body as ReadableStream | null, {
      status,
      headers: [...headers],
    });
  });
};

frameworkContract("oakMiddleware", build);
fetchContract("oakMiddleware", build);
serverContract("oakMiddleware", build);
