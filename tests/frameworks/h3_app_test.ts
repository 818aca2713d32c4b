/** observeH3App() with h3 1. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createApp,
  createError,
  createRouter,
  eventHandler,
  type H3Event,
  isError,
  readRawBody,
  sendStream,
  setResponseStatus,
  toNodeListener,
  toWebHandler,
} from "h3v1";
import { observeH3App } from "../../src/frameworks/mod.ts";
import { appOf, broken, type Build, stream, Teapot, user } from "./app.ts";
import { frameworkContract, within } from "./contract.ts";
import { appOfListener, nodeOptions } from "./node_app.ts";

const build: Build = ({ telemetry, options, times }) => {
  const app = createApp({
    onError(error, event) {
      if (!isError(error) || !(error.cause instanceof Teapot)) return;
      setResponseStatus(event, 418);
      event.node.res.end("short and stout");
    },
  });
  const own = nodeOptions(options, (event: H3Event) => event.node.req);
  for (let i = 0; i < times; i++) observeH3App(telemetry, app, own);
  const router = createRouter();
  router.get(
    "/users/:id",
    eventHandler((event) => user(event.context.params?.["id"])),
  );
  router.post(
    "/users",
    eventHandler(async (event) => {
      setResponseStatus(event, 201);
      return await readRawBody(event);
    }),
  );
  router.get(
    "/api/items/:item",
    eventHandler((event) => event.context.params?.["item"]),
  );
  router.get(
    "/forbidden",
    eventHandler((event) => {
      setResponseStatus(event, 403);
      return "no";
    }),
  );
  router.get(
    "/broken",
    eventHandler(() => {
      throw broken();
    }),
  );
  router.get(
    "/teapot",
    eventHandler(() => {
      throw createError({ cause: new Teapot(), statusCode: 500 });
    }),
  );
  router.get("/stream", eventHandler((event) => sendStream(event, stream())));
  app.use(router);
  return appOfListener(toNodeListener(app));
};

frameworkContract("observeH3App", build);

test("observeH3App() leaves requests without a connection alone", () => {
  const build: Build = ({ telemetry, options }) => {
    const own = nodeOptions(options, (event: H3Event) => event.node.req);
    const app = observeH3App(telemetry, createApp(), own);
    const router = createRouter();
    router.get("/users/:id", eventHandler(() => "user"));
    return appOf(toWebHandler(app.use(router)));
  };
  return within(build, {}, async ({ app, total, inFlight }) => {
    const response = await app.send("/users/7");
    assert.equal(await response.text(), "user");
    assert.equal(total(), 0);
    assert.equal(inFlight(), 0);
  });
});
