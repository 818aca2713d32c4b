/**
 * The handler beside the standard library of JSR: for Deno alone, and only
 * where JSR can be reached (`deno task test:jsr`).
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { route } from "@std/http/unstable-route";
import { createRegistry, metricsHandler } from "../../mod.ts";

Deno.test("metricsHandler() is a handler of @std/http's router", async () => {
  const registry = createRegistry();
  registry.counter({ name: "x_total", help: "X." }).inc();
  const metrics = metricsHandler(registry);
  const app = route(
    [{
      pattern: new URLPattern({ pathname: "/metrics" }),
      handler: (request: Request) => metrics(request),
    }],
    () => new Response("not found", { status: 404 }),
  );

  const response = await app(new Request("http://localhost/metrics"));

  assertEquals(response.status, 200);
  assertStringIncludes(await response.text(), "x_total 1\n");
});
