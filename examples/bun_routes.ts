/// <reference types="npm:bun-types@1.4.5" />
/**
 * Routes of `Bun.serve`, each instrumented with its template, and `/metrics`.
 *
 *     bun examples/bun_routes.ts
 */
import { instrumentHandler, metricsHandler } from "../mod.ts";

const home = instrumentHandler(
  (_request: Request) => new Response("home\n"),
  { route: "/" },
);
const user = instrumentHandler(
  (request: Request) => new Response(`user ${request.url.split("/").pop()}\n`),
  { route: "/users/:id" },
);
const missing = instrumentHandler(
  (_request: Request) => new Response("not found\n", { status: 404 }),
);

Bun.serve({
  routes: { "/": home, "/users/:id": user, "/metrics": metricsHandler() },
  fetch: missing,
});
