/** denoRouter() on each runtime that has `URLPattern`. */
import { test } from "node:test";
import { denoRouter } from "../../src/frameworks/mod.ts";
import { appOf, broken, type Build, stream, Teapot, user } from "./app.ts";
import { fetchContract, frameworkContract } from "./contract.ts";
import { serverContract } from "./server_contract.ts";
import { at, hasUrlPattern, needsUrlPattern } from "./url_pattern.ts";

const build: Build = ({ telemetry, options }) => {
  const router = denoRouter(
    telemetry,
    [
      {
        pattern: at("/users/:id"),
        method: "GET",
        handler: async (_request, match) =>
          new Response(await user(match.pathname.groups["id"])),
      },
      {
        pattern: at("/users"),
        method: ["post"],
        handler: async (request) =>
          new Response(await request.text(), { status: 201 }),
      },
      {
        pattern: at("/api/items/:item"),
        handler: (_request, match) =>
          new Response(match.pathname.groups["item"]),
      },
      {
        pattern: at("/forbidden"),
        handler: () => new Response("no", { status: 403 }),
      },
      {
        pattern: at("/broken"),
        handler: () => {
          throw broken();
        },
      },
      {
        // A router has no error handler: its handlers decide the status.
        pattern: at("/teapot"),
        handler: () => {
          try {
            throw new Teapot();
          } catch {
            return new Response("short and stout", { status: 418 });
          }
        },
      },
      { pattern: at("/stream"), handler: () => new Response(stream()) },
    ],
    undefined,
    options,
  );
  return appOf(async (request) => {
    try {
      return await router(request);
    } catch {
      return new Response("Internal Server Error", { status: 500 }); // as servers
    }
  });
};

if (hasUrlPattern) {
  // A router is no middleware that could be mounted twice.
  frameworkContract("denoRouter", build, { once: true });
  fetchContract("denoRouter", build);
  serverContract("denoRouter", build);
} else {
  const title = "denoRouter() fulfils the contract of adapters";
  test(title, needsUrlPattern(), () => {});
}
