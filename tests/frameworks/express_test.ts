/** nodeMiddleware() with Express 5, Express 4 and Connect. */
// @ts-types="@types/express"
import express from "express";
// @ts-types="@types/express4"
import express4 from "express4";
import { nodeMiddleware } from "../../src/frameworks/mod.ts";
import { adapters, broken, type Build, Teapot, user } from "./app.ts";
import { frameworkContract } from "./contract.ts";
import { appOfListener, nodeOptions, nodeStream, textOf } from "./node_app.ts";

const build5: Build = ({ telemetry, options, times }) => {
  const app = express();
  const own = nodeOptions(options, (request: express.Request) => request);
  for (const adapter of adapters(times, () => nodeMiddleware(telemetry, own))) {
    app.use(adapter);
  }
  app.get("/users/:id", async (request, response) => {
    response.send(await user(request.params.id));
  });
  app.post("/users", async (request, response) => {
    response.status(201).send(await textOf(request));
  });
  const api = express.Router();
  api.get("/items/:item", (request, response) => {
    response.send(request.params.item);
  });
  app.use("/api", api);
  app.get("/forbidden", (_request, response) => {
    response.status(403).send("no");
  });
  app.get("/broken", () => {
    throw broken();
  });
  app.get("/teapot", async () => {
    await Promise.reject(new Teapot());
  });
  app.get("/stream", (_request, response) => {
    nodeStream().pipe(response);
  });
  const teapot: express.ErrorRequestHandler = (error, _req, response, next) => {
    if (error instanceof Teapot) response.status(418).send("short and stout");
    else next(error);
  };
  app.use(teapot);
  return appOfListener(app);
};

const build4: Build = ({ telemetry, options, times }) => {
  const app = express4();
  const own = nodeOptions(options, (request: express4.Request) => request);
  for (const adapter of adapters(times, () => nodeMiddleware(telemetry, own))) {
    app.use(adapter);
  }
  app.get("/users/:id", (request, response, next) => {
    user(request.params["id"]).then((text) => response.send(text), next);
  });
  app.post("/users", (request, response, next) => {
    textOf(request).then((text) => response.status(201).send(text), next);
  });
  const api = express4.Router();
  api.get("/items/:item", (request, response) => {
    response.send(request.params["item"]);
  });
  app.use("/api", api);
  app.get("/forbidden", (_request, response) => {
    response.status(403).send("no");
  });
  app.get("/broken", () => {
    throw broken();
  });
  app.get("/teapot", (_request, _response, next) => next(new Teapot()));
  app.get("/stream", (_request, response) => {
    nodeStream().pipe(response);
  });
  const teapot: express4.ErrorRequestHandler = (
    error,
    _req,
    response,
    next,
  ) => {
    if (error instanceof Teapot) response.status(418).send("short and stout");
    else next(error);
  };
  app.use(teapot);
  return appOfListener(app);
};

// Express passes errors to error handlers only.
frameworkContract("nodeMiddleware for Express 5", build5, {
  hidesErrors: true,
});
frameworkContract("nodeMiddleware for Express 4", build4, {
  hidesErrors: true,
});
