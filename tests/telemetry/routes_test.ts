/** `Telemetry.routes()`: the routes of `Bun.serve`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, createTelemetry } from "../../mod.ts";
import { valueOf } from "../../src/testing/mod.ts";
import { skippedUnless } from "../support/rounds.ts";

function setUp() {
  const registry = createRegistry();
  const telemetry = createTelemetry({ registry });
  const count = (route: string, method = "GET", status_class = "2xx") =>
    valueOf(registry, "http_requests_total", { method, route, status_class }) ??
      0;
  return { telemetry, count };
}

type Entry = (request: Request) => Response | Promise<Response>;

test("Telemetry.routes() observes handlers, responses and methods by their path", async () => {
  const { telemetry, count } = setUp();
  const routes = telemetry.routes({
    "/users/:id": () => new Response("user"),
    "/static": new Response("static"),
    "/pets": {
      GET: () => new Response("pets"),
      POST: new Response("made", { status: 201 }),
    },
    "/off": false,
  }) as unknown as Record<string, Entry & Record<string, Entry>>;
  const text = async (entry: Entry, method = "GET") =>
    await (await entry(new Request("http://localhost/x", { method }))).text();
  assert.equal(await text(routes["/users/:id"]!), "user");
  assert.equal(await text(routes["/static"]!), "static");
  assert.equal(await text(routes["/static"]!), "static");
  assert.equal(await text(routes["/pets"]!["GET"]!), "pets");
  assert.equal(await text(routes["/pets"]!["POST"]!, "POST"), "made");
  assert.equal(routes["/off"] as unknown, false);
  assert.equal(count("/users/:id"), 1);
  assert.equal(count("/static"), 2);
  assert.equal(count("/pets"), 1);
  assert.equal(count("/pets", "POST"), 1);
  assert.match(await text(routes["/metrics"]!), /^# HELP /);
  assert.equal(routes["/events"], undefined);
});

test("Telemetry.routes() leaves what only the server can answer, and paths that are taken", () => {
  const { telemetry } = setUp();
  const page = { index: "page.html" };
  const metrics = new Response("mine");
  const routes: Record<string, unknown> = telemetry.routes(
    { "/": page as never, "/metrics": metrics },
    { events: "/events" },
  );
  assert.equal(routes["/"], page);
  assert.notEqual(routes["/metrics"], telemetry.endpoints.metrics);
  assert.equal(routes["/events"], telemetry.endpoints.events);
  const none: Record<string, unknown> = telemetry.routes({}, {
    metrics: false,
  });
  assert.deepEqual(none, {});
});

test("Telemetry.routes() throws on routes and options that are wrong", () => {
  const { telemetry } = setUp();
  assert.throws(
    () => telemetry.routes(undefined as never),
    /Cannot observe routes of type undefined: give an object/,
  );
  assert.throws(
    () => telemetry.routes({ "/": new Response() }, { ignor: 1 } as never),
    /ignor/,
  );
});

interface BunServer {
  readonly url: URL;
  stop(force: boolean): Promise<void>;
}

const { Bun } = globalThis as unknown as {
  readonly Bun?: { serve(options: object): BunServer };
};

const needsBun = skippedUnless(Bun !== undefined, "only Bun has routes");

test(
  "Telemetry.routes() counts each route of Bun.serve",
  needsBun,
  async () => {
    const { telemetry, count } = setUp();
    const server = Bun!.serve({
      port: 0,
      routes: telemetry.routes({
        "/users/:id": ({ params }) => new Response(params.id),
        "/static": new Response("static"),
        "/pets": {
          POST: async (request) => new Response(await request.text()),
        },
      }),
      fetch: telemetry.observe(() => new Response("none", { status: 404 })),
    });
    const ask = async (path: string, init?: RequestInit) => {
      const response = await fetch(new URL(path, server.url), init);
      return `${response.status} ${await response.text()}`;
    };
    try {
      assert.equal(await ask("/users/7"), "200 7");
      assert.equal(await ask("/static"), "200 static");
      assert.equal(await ask("/static"), "200 static");
      const post = { method: "POST", body: "cat" };
      assert.equal(await ask("/pets", post), "200 cat");
      assert.equal(await ask("/missing"), "404 none");
      const scrape = await ask("/metrics");
      assert.match(scrape, /http_requests_total\{[^}]*route="\/users\/:id"/);
    } finally {
      await server.stop(true);
    }
    assert.equal(count("/users/:id"), 1);
    assert.equal(count("/static"), 2);
    assert.equal(count("/pets", "POST"), 1);
    assert.equal(count("unknown", "GET", "4xx"), 1);
  },
);
