/// <reference types="npm:bun-types@1.4.5" />
/**
 * Routes of `Bun.serve`, each observed under its route template, and `/metrics`.
 *
 *     bun examples/bun_routes.ts
 *
 * Runs on Bun.
 */
import { createTelemetry } from "../mod.ts";

const telemetry = createTelemetry({ service: "users" });

Bun.serve({
  routes: telemetry.routes({
    "/": new Response("home\n"),
    "/users/:id": ({ params }) => new Response(`user ${params.id}\n`),
  }),
  fetch: telemetry.observe(() => new Response("not found\n", { status: 404 })),
});
