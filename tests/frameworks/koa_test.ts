/** koaMiddleware() with Koa and its router. */
import Router from "@koa/router";
// @ts-types="@types/koa"
import Koa from "koa";
import { koaMiddleware } from "../../src/frameworks/mod.ts";
import { adapters, broken, type Build, Teapot, user } from "./app.ts";
import { frameworkContract } from "./contract.ts";
import { appOfListener, nodeOptions, nodeStream, textOf } from "./node_app.ts";

const build: Build = ({ telemetry, options, times }) => {
  const app = new Koa();
  app.silent = true;
  const own = nodeOptions(options, (context: Koa.Context) => context.req);
  for (const adapter of adapters(times, () => koaMiddleware(telemetry, own))) {
    app.use(adapter);
  }
  app.use(async (context, next) => {
    try {
      await next();
    } catch (error) {
      if (!(error instanceof Teapot)) throw error;
      context.status = 418;
      context.body = "short and stout";
    }
  });
  const router = new Router();
  router.get("/users/:id", async (context) => {
    context.body = await user(context.params["id"]);
  });
  router.post("/users", async (context) => {
    context.status = 201;
    context.body = await textOf(context.req);
  });
  router.get("/forbidden", (context) => {
    context.status = 403;
    context.body = "no";
  });
  router.get("/broken", () => {
    throw broken();
  });
  router.get("/teapot", () => {
    throw new Teapot();
  });
  router.get("/stream", (context) => {
    context.body = nodeStream();
  });
  const items = new Router();
  items.get("/items/:item", (context) => {
    context.body = context.params["item"];
  });
  router.use("/api", items.routes());
  app.use(router.routes()).use(router.allowedMethods());
  return appOfListener(app.callback());
};

frameworkContract("koaMiddleware", build);
