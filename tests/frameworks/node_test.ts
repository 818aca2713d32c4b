/** nodeMiddleware() with Connect and `node:http` alone. */
// @ts-types="@types/connect"
import connect from "connect";
import type { IncomingMessage, ServerResponse } from "node:http";
import { nodeMiddleware } from "../../src/frameworks/mod.ts";
import { adapters, broken, type Build, Teapot, user } from "./app.ts";
import { frameworkContract } from "./contract.ts";
import { appOfListener, nodeOptions, nodeStream, textOf } from "./node_app.ts";
import type { ObserveOptions } from "../../mod.ts";

/** The routes of the table, as a program without a router has them. */
const ROUTES: readonly (readonly [pattern: RegExp, template: string])[] = [
  [/^\/users\/[^/]+$/, "/users/:id"],
  [/^\/users$/, "/users"],
  [/^\/api\/items\/[^/]+$/, "/api/items/:item"],
  [/^\/(?:forbidden|broken|teapot|stream)$/, ""],
];

/** Returns the options with a route that a program without a router gives. */
function withRoute(options: ObserveOptions) {
  const own = nodeOptions(options, (request: IncomingMessage) => request);
  const { route } = own;
  return {
    ...own,
    route(request: IncomingMessage): string | undefined {
      const path = request.url!.split("?")[0]!;
      const found = ROUTES.find(([pattern]) => pattern.test(path));
      if (found !== undefined) return found[1] || path;
      return typeof route === "function" ? route(request) : route;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url!.split("?")[0]!;
  const [, first, second, third] = path.split("/");
  if (first === "users" && request.method === "POST") {
    const text = await textOf(request);
    response.writeHead(201).end(text);
  } else if (first === "users") response.end(await user(second));
  else if (first === "api") response.end(third);
  else if (first === "forbidden") response.writeHead(403).end("no");
  else if (first === "stream") nodeStream().pipe(response);
  else if (first === "broken") throw broken();
  else if (first === "teapot") throw new Teapot();
  else response.writeHead(404).end();
}

function failed(error: unknown, response: ServerResponse): void {
  response.writeHead(error instanceof Teapot ? 418 : 500).end();
}

const plain: Build = ({ telemetry, options, times }) => {
  const observed = adapters(
    times,
    () => nodeMiddleware(telemetry, withRoute(options)),
  );
  return appOfListener((request, response) => {
    const work = () =>
      void answer(request, response).catch((error) => failed(error, response));
    observed.reduce<() => void>(
      (next, middleware) => () => middleware(request, response, next),
      work,
    )();
  });
};

const withConnect: Build = ({ telemetry, options, times }) => {
  const app = connect();
  for (
    const adapter of adapters(
      times,
      () => nodeMiddleware(telemetry, withRoute(options)),
    )
  ) app.use(adapter);
  app.use((request, response, next) => {
    answer(request, response).catch(next);
  });
  app.use((
    error: unknown,
    _request: unknown,
    response: ServerResponse,
    _next: unknown,
  ) => failed(error, response));
  return appOfListener(app);
};

frameworkContract("nodeMiddleware for node:http", plain, { hidesErrors: true });
frameworkContract("nodeMiddleware for Connect", withConnect, {
  hidesErrors: true,
});
