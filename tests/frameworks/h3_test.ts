/** h3Middleware() with h3 itself. */
import { H3, HTTPResponse } from "h3";
import { h3Middleware } from "../../src/frameworks/mod.ts";
import { appOf, broken, type Build, stream, Teapot, user } from "./app.ts";
import { fetchContract, frameworkContract } from "./contract.ts";
import { serverContract } from "./server_contract.ts";

const build: Build = ({ telemetry, options, times }) => {
  const app = new H3({
    silent: true,
    onError(error) {
      return error.cause instanceof Teapot
        ? new Response("short and stout", { status: 418 })
        : undefined;
    },
  });
  for (let i = 0; i < times; i++) app.use(h3Middleware(telemetry, options));
  app.get("/users/:id", (event) => user(event.context.params?.["id"]));
  app.post("/users", async (event) => {
    event.res.status = 201;
    return await event.req.text();
  });
  const api = new H3();
  api.get("/items/:item", (event) => event.context.params?.["item"]);
  app.mount("/api", api);
  app.get("/forbidden", () => new HTTPResponse("no", { status: 403 }));
  app.get("/broken", () => {
    throw broken();
  });
  app.get("/teapot", () => {
    throw new Teapot();
  });
  app.get("/stream", () => stream());
  return appOf((request) => app.fetch(request));
};

frameworkContract("h3Middleware", build);
fetchContract("h3Middleware", build);
serverContract("h3Middleware", build);
