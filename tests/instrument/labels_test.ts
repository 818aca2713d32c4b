import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { type BareRegistry, createRegistry } from "../../src/metrics/mod.ts";
import { expositionOf, valueOf } from "../../src/testing/mod.ts";
import { request, setUp } from "./fixtures.ts";

test("instrumentHandler() never uses a raw path as a label, even if the route function fails", () => {
  const { registry, requests } = setUp();
  const routes: readonly (() => unknown)[] = [
    () => undefined,
    () => null,
    () => "",
    () => 5,
    () => Promise.resolve("/later"),
    () => {
      throw new Error("no route");
    },
  ];
  for (const wrong of routes) {
    const route = wrong as () => string | undefined;
    instrumentHandler(() => new Response(), { registry, route })(request());
  }
  instrumentHandler(() => new Response(), { registry })(request());
  instrumentHandler(() => new Response(), { registry, route: "" })(request());
  assert.equal(requests("GET", "2xx"), routes.length + 2);
  assert.doesNotMatch(expositionOf(registry), /secret|later|\[object/);
});

test("instrumentHandler() reads the route after the handler has answered or failed", async () => {
  const { registry, requests } = setUp();
  const matched = new WeakMap<Request, string>();
  const handler = instrumentHandler(async (incoming: Request) => {
    await Promise.resolve();
    matched.set(incoming, "/users/:id");
    if (incoming.method === "POST") throw new Error("broken");
    return new Response();
  }, { registry, route: (incoming) => matched.get(incoming) });
  await handler(request());
  await assert.rejects(handler(request({ method: "POST" })));
  assert.equal(requests("GET", "2xx", "/users/:id"), 1);
  assert.equal(requests("POST", "5xx", "/users/:id"), 1);
});

test("instrumentHandler() puts routes beyond the series limit into the overflow series", () => {
  const { registry, requests } = setUp();
  const handler = instrumentHandler(() => new Response(), {
    registry,
    route: ({ url }) => new URL(url).pathname,
  });
  const limit = 10_000;
  for (let i = 0; i < limit + 5; i++) handler(request({}, `/scan/${i}`));
  assert.equal(requests("GET", "2xx", `/scan/${limit - 1}`), 1);
  assert.equal(requests("GET", "2xx", `/scan/${limit}`), undefined);
  const overflow = "overflow";
  const labels = { method: overflow, route: overflow, status_class: overflow };
  assert.equal(valueOf(registry, "http_requests_total", labels), 5);
});

/** Returns a request with any method; `Request` refuses some of them. */
function withMethod(method: string): Request {
  return { method, headers: new Headers() } as Request;
}

test("instrumentHandler() counts an unknown method as OTHER", () => {
  const { registry, requests, inFlight } = setUp();
  const handler = instrumentHandler(() => new Response(), { registry });
  const methods = ["PROPFIND", "MKCALENDAR", "CONSTRUCTOR", "get", "other", ""];
  for (const method of methods) handler(withMethod(method));
  assert.equal(requests("OTHER", "2xx"), methods.length);
  assert.equal(inFlight("OTHER"), 0);
  assert.doesNotMatch(expositionOf(registry), /PROPFIND|CONSTRUCTOR|other"/);
});

test("instrumentHandler() counts every method of HTTP by name", () => {
  const { registry, requests } = setUp();
  const handler = instrumentHandler(() => new Response(), { registry });
  const methods = "GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH".split(
    " ",
  );
  for (const method of methods) handler(withMethod(method));
  for (const method of methods) assert.equal(requests(method, "2xx"), 1);
});

test("instrumentHandler() keeps methods and status classes apart", () => {
  const { registry, requests, duration } = setUp();
  const handler = instrumentHandler((request: Request) => {
    const status = Number(request.headers.get("x-status"));
    return status === 101 ? undefined : new Response(null, { status });
  }, { registry, route: "/" });
  const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
  const classes = [101, 200, 300, 400, 500];
  const visits = methods.flatMap((method) =>
    classes.map((status) => ({ method, status }))
  );
  // The n-th pair n times, so that no two pairs have equal counts.
  visits.forEach(({ method, status }, n) => {
    for (let i = 0; i <= n; i++) {
      handler(request({ method, headers: { "x-status": `${status}` } }));
    }
  });
  visits.forEach(({ method, status }, n) => {
    const statusClass = `${Math.floor(status / 100)}xx`;
    assert.equal(requests(method, statusClass, "/"), n + 1);
    assert.equal(duration(method, statusClass, "/")?.count, n + 1);
  });
});

test("instrumentHandler() records only valid values: a strict registry does not throw", async () => {
  const { registry } = setUp(createRegistry({ strict: true }));
  const answers: readonly (() => Response | undefined)[] = [
    () => new Response("x", { headers: { "content-length": "1" } }),
    () => new Response(null, { status: 404 }),
    () => undefined,
    () => Response.error(),
  ];
  for (const answer of answers) {
    for (const method of ["GET", "HEAD", "POST", "PROPFIND"]) {
      const sent = request({ method, headers: { "content-length": "7" } });
      instrumentHandler(answer, { registry })(sent);
      await instrumentHandler(() => Promise.resolve(answer()), { registry })(
        sent,
      );
    }
  }
  assert.match(expositionOf(registry), /method="OTHER"/);
});

/** Returns a registry, and a list of the label values of each series lookup. */
function listingLookups(): { registry: BareRegistry; lookups: string[] } {
  const registry = createRegistry();
  const lookups: string[] = [];
  const declare = (kind: never, options: { readonly name: string }) => {
    const family = registry.declare(kind, options as never) as unknown as {
      at(...values: readonly string[]): unknown;
    };
    const at = (...values: readonly string[]) => {
      lookups.push(`${options.name} ${values.join(" ")}`);
      return family.at(...values);
    };
    return { at };
  };
  return { registry: { declare } as unknown as BareRegistry, lookups };
}

test("instrumentHandler() looks the series of a fixed route up once, and those of unknown methods each time", () => {
  const { registry, lookups } = listingLookups();
  const handler = instrumentHandler(() => new Response(), {
    registry,
    route: "/",
  });
  for (let i = 0; i < 3; i++) handler(withMethod("GET"));
  const once = [
    "http_requests_in_flight GET",
    "http_requests_total GET / 2xx",
    "http_request_duration_seconds GET / 2xx",
  ];
  assert.deepEqual(lookups.splice(0), once);
  for (let i = 0; i < 3; i++) handler(withMethod("PROPFIND"));
  const again = once.map((lookup) => lookup.replace("GET", "OTHER"));
  assert.deepEqual(lookups, [...again, ...again, ...again]);
});
