/** Apps of other frameworks below a path of Express. */
import assert from "node:assert/strict";
import { test } from "node:test";
// @ts-types="@types/express"
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { createServer, type RequestListener } from "node:http";
import { createRegistry, createTelemetry } from "../../mod.ts";
import {
  fastifyPlugin,
  honoMiddleware,
  nodeHandler,
  nodeMiddleware,
} from "../../src/frameworks/mod.ts";
import { expositionOf } from "../../src/testing/mod.ts";
import { appOfListener, leaving, until } from "./node_app.ts";

test("nodeHandler() within nodeMiddleware() leads to the inner route, once", async () => {
  const registry = createRegistry();
  const telemetry = createTelemetry({ registry });
  const users = new Hono().basePath("/users");
  users.use(honoMiddleware(telemetry));
  users.get("/:id", (c) => c.text(`user ${c.req.param("id")}`));
  const items = telemetry.observe(() => new Response("item"), {
    route: "/items/:item",
  });
  const app = express();
  app.use(nodeMiddleware(telemetry));
  app.use("/users", nodeHandler((request) => users.fetch(request)));
  app.use("/items", nodeHandler(items));
  const { send, close } = await appOfListener(app);
  assert.equal(await (await send("/users/7")).text(), "user 7");
  assert.equal(await (await send("/items/7")).text(), "item");
  await telemetry.close();
  await close!();
  const counts = expositionOf(registry).match(/^http_requests_total\{.*$/gm);
  assert.deepEqual(counts, [
    'http_requests_total{method="GET",route="/users/:id",status_class="2xx"} 1',
    'http_requests_total{method="GET",route="/items/:item",status_class="2xx"} 1',
  ]);
});

test("fastifyPlugin() within nodeMiddleware() leads to its route, once", async () => {
  const registry = createRegistry();
  const telemetry = createTelemetry({ registry });
  const observe = nodeMiddleware(telemetry);
  let listener: RequestListener | undefined;
  const server = fastify({
    serverFactory(handler) {
      listener = (request, response) =>
        observe(request, response, () => handler(request, response));
      return createServer(listener);
    },
  });
  await server.register(fastifyPlugin(telemetry));
  let hasArrived = false;
  server.get("/users/:id", () => "user");
  server.get("/slow/:id", () => {
    hasArrived = true;
    return new Promise(() => {});
  });
  await server.ready();
  const { send, port, close } = await appOfListener(listener!);
  assert.equal(await (await send("/users/7")).text(), "user");
  const slow = "GET /slow/7 HTTP/1.1\r\nhost: x\r\n\r\n";
  await leaving(port, slow, () => hasArrived);
  const counts = () =>
    expositionOf(registry).match(/^http_requests_total\{.*$/gm) ?? [];
  await until(() => counts().length > 1);
  assert.deepEqual(counts(), [
    'http_requests_total{method="GET",route="/users/:id",status_class="2xx"} 1',
    'http_requests_total{method="GET",route="/slow/:id",status_class="4xx"} 1',
  ]);
  await telemetry.close();
  await close!();
  await server.close();
});

test("nodeHandler() passes errors of Express on, and paths as they were sent", async () => {
  const app = express();
  const router = express.Router();
  router.use("/echo", nodeHandler(({ url }) => new Response(url)));
  router.use(
    "/broken",
    nodeHandler(() => Promise.reject(new Error("on purpose"))),
  );
  app.use("/deep", router);
  const answered: express.ErrorRequestHandler = (error, _req, response, _n) => {
    response.status(503).send(`${error.message}, answered`);
  };
  app.use(answered);
  const { send, port, close } = await appOfListener(app);
  const echo = await send("/deep/echo/a%20b?c=d");
  assert.equal(
    await echo.text(),
    `http://127.0.0.1:${port}/deep/echo/a%20b?c=d`,
  );
  assert.equal(echo.headers.get("x-powered-by"), "Express");
  const broken = await send("/deep/broken");
  assert.equal(broken.status, 503);
  assert.equal(await broken.text(), "on purpose, answered");
  await close!();
});
