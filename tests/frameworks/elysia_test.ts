/** elysiaPlugin() with Elysia itself. */
import { Elysia } from "elysia";
import { elysiaPlugin } from "../../src/frameworks/mod.ts";
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
  const app = new Elysia();
  for (
    const adapter of adapters(times, () => elysiaPlugin(telemetry, options))
  ) app.use(adapter);
  const routes = app
    .onError(({ error, set }) => {
      if (!(error instanceof Teapot)) return undefined;
      set.status = 418;
      return "short and stout";
    })
    .get("/users/:id", ({ params }) => user(params.id))
    .post("/users", ({ body, set }) => {
      set.status = 201;
      return body;
    }, { parse: "text" })
    .use(
      new Elysia({ prefix: "/api" })
        .get("/items/:item", ({ params }) => params.item),
    )
    .get("/forbidden", ({ status }) => status(403, "no"))
    .get("/broken", () => {
      throw broken();
    })
    .get("/teapot", () => {
      throw new Teapot();
    })
    .get("/stream", () => new Response(stream()));
  return appOf((request) => routes.handle(request));
};

frameworkContract("elysiaPlugin", build);
fetchContract("elysiaPlugin", build);
serverContract("elysiaPlugin", build);
