/**
 * Routes of `Bun.serve`, each instrumented under its template, and `/metrics`.
 *
 *     bun examples/bun_routes.ts
 */
import { instrumentHandler, metricsHandler } from "../mod.ts";

/** What this file asks of Bun, so that it needs no other types. */
declare const Bun: {
  serve(options: {
    readonly routes: Readonly<
      Record<string, (request: Request) => Response | Promise<Response>>
    >;
    fetch(request: Request): Response | Promise<Response>;
  }): unknown;
};

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
