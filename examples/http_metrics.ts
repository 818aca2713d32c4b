/**
 * HTTP metrics of requests by route, and of calls to another service, under the
 * names of Prometheus clients and those of OpenTelemetry.
 *
 *     deno run examples/http_metrics.ts
 *     bun examples/http_metrics.ts
 *     node examples/http_metrics.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createRegistry, createTelemetry } from "../mod.ts";

const telemetry = createTelemetry({
  registry: createRegistry({ selfMetrics: false }),
  names: "both", // or "prometheus", the default, or "semconv"
  runtime: false,
});

// The other service. In an application, leave out the option `fetch`.
const stock = telemetry.fetch({
  peer: "stock",
  fetch: () => Promise.resolve(new Response("12")),
});

// A small router: the label `route` has the template, never the path.
const templates = new WeakMap<Request, string>();
const app = telemetry.observe(async (request: Request) => {
  const { pathname } = new URL(request.url);
  const id = /^\/items\/(\w+)$/.exec(pathname)?.[1];
  if (id === undefined) return new Response("not found", { status: 404 });
  templates.set(request, "/items/:id");
  if (id === "broken") throw new TypeError("no such item");
  return await stock(`http://stock.internal/items/${id}`);
}, { route: (request) => templates.get(request) });

for (const path of ["/items/1", "/items/2", "/items/broken", "/wp-login.php"]) {
  try {
    await app(new Request(`http://localhost${path}`));
  } catch {
    // The server answers 500; the request is counted as one.
  }
}

const metrics = await app(new Request("http://localhost/metrics"));
for (const line of (await metrics.text()).split("\n")) {
  if (/^http_\w+(_total|_count|_requests|_in_flight)\{/.test(line)) {
    console.log(line);
  }
}
await telemetry.close();
