/** honoMiddleware() with Hono itself. */
import { Hono } from "hono";
import { honoMiddleware } from "../../src/frameworks/mod.ts";
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
  const app = new Hono();
  for (
    const adapter of adapters(times, () => honoMiddleware(telemetry, options))
  ) app.use(adapter);
  app.onError((error, c) => {
    if (error instanceof Teapot) return c.text("short and stout", 418);
    return c.text("sorry", 500);
  });
  app.get("/users/:id", async (c) => c.text(await user(c.req.param("id"))));
  app.post("/users", async (c) => c.text(await c.req.text(), 201));
  const api = new Hono();
  api.get("/items/:item", (c) => c.text(c.req.param("item")));
  app.route("/api", api);
  app.get("/forbidden", (c) => c.text("no", 403));
  app.get("/broken", () => {
    throw broken();
  });
  app.get("/teapot", () => {
    throw new Teapot();
  });
  app.get("/stream", (c) => c.body(stream()));
  return appOf((request) => app.fetch(request));
};

frameworkContract("honoMiddleware", build);
fetchContract("honoMiddleware", build);
serverContract("honoMiddleware", build);
