/** h3Plugin() and h3Middleware() with h3 itself. */
import { H3, HTTPResponse } from "h3";
import { h3Middleware, h3Plugin } from "../../src/frameworks/mod.ts";
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

const build = (isPlugin: boolean): Build => ({ telemetry, options, times }) => {
  const app = new H3({
    silent: true,
    onError(error) {
      return error.cause instanceof Teapot
        ? new Response("short and stout", { status: 418 })
        : undefined;
    },
  });
  if (isPlugin) {
    const plugins = adapters(times, () => h3Plugin(telemetry, options));
    for (const adapter of plugins) app.register(adapter);
  } else {
    const middlewares = adapters(times, () => h3Middleware(telemetry, options));
    for (const adapter of middlewares) app.use(adapter);
  }
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

for (const name of ["h3Plugin", "h3Middleware"]) {
  const app = build(name === "h3Plugin");
  frameworkContract(name, app);
  fetchContract(name, app);
  serverContract(name, app);
}
