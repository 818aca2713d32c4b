/** Pages beside `/metrics`: what mounts them knows only the type `Page`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, createTelemetry, observe } from "../../mod.ts";
import { dashboard } from "../../src/dashboard/mod.ts";
import type { Page, PageParts } from "../../src/http/mod.ts";
import { serveTelemetry } from "../../src/server/mod.ts";
import { expositionOf } from "../../src/testing/mod.ts";
import { statusOf } from "./world.ts";

/** A page that notes what is done to it. */
function notingPage(path = "/_live") {
  const notes: string[] = [];
  const mounts: PageParts[] = [];
  const page: Page = {
    path,
    mount(parts) {
      mounts.push(parts);
      return {
        handler: ({ url }) =>
          Promise.resolve(new Response(new URL(url).pathname)),
        announce: (origin) => notes.push(`announce ${origin}`),
        close: () => notes.push("close"),
        [Symbol.dispose]: () => notes.push("dispose"),
      };
    },
  };
  return { page, mounts, notes };
}

function requestOf(path: string): Request {
  return new Request(`http://shop.example${path}`);
}

test("a telemetry mounts a page once, with all parts, and ends it", async () => {
  const registry = createRegistry();
  const authorize = () => true;
  const redact = () => undefined;
  const telemetry = createTelemetry({
    registry,
    service: "shop",
    version: "1.2.0",
    authorize,
    redact,
    hosts: ["shop.example"],
  });
  const { page, mounts, notes } = notingPage();
  const spans: unknown[] = [];
  telemetry.tracer.onEnd((span) => void spans.push(span));
  const options = { route: "/", dashboard: page };
  const one = telemetry.observe(() => new Response("one"), options);
  const two = telemetry.observe(() => new Response("two"), options);
  const { endpointAt } = telemetry.observer(options);
  assert.equal(mounts.length, 1);
  const [{ clock, timers, ...parts }] = mounts as [PageParts];
  assert.deepEqual(parts, {
    authorize,
    bus: telemetry.bus,
    hosts: ["shop.example"],
    redact,
    registry,
    service: "shop",
    tracer: telemetry.tracer,
    version: "1.2.0",
  });
  assert.ok(clock.unix() > 0);
  assert.equal(typeof timers.every, "function");

  for (const handler of [one, two]) {
    for (const path of ["/_live", "/_live/", "/_live/feed?a=/x"]) {
      const response = await handler(requestOf(path));
      assert.equal(await response.text(), path.replace(/\?.*/, ""));
    }
  }
  assert.equal(endpointAt("/_live/x"), endpointAt("http://a/_live"));
  for (const path of ["/_livex", "/x/_live", "/?/_live", "/#/_live"]) {
    assert.equal(endpointAt(`http://a${path}`), undefined, path);
  }
  assert.equal(spans.length, 0);
  assert.doesNotMatch(expositionOf(registry), /^http_requests_total\{/m);
  await (await one(requestOf("/other"))).text();
  assert.equal(spans.length, 1);

  assert.deepEqual(notes, ["announce undefined"]);
  await telemetry.close();
  assert.deepEqual(notes, ["announce undefined", "close", "dispose"]);
});

test("observe() mounts a page over the default registry", async () => {
  const page = dashboard("/_observed", { print: false });
  const handler = observe(() => new Response("app"), {
    route: "/",
    dashboard: page,
  });
  const response = await handler(requestOf("/_observed"));
  assert.match(await response.text(), /^<!doctype html>/i);
  assert.equal(await statusOf(handler(requestOf("/_observed/feed"))), 401);
  assert.equal(await (await handler(requestOf("/"))).text(), "app");
});

test("routes() has the page and everything below it", async () => {
  const telemetry = createTelemetry({ registry: createRegistry() });
  const { page, mounts } = notingPage();
  const routes = telemetry.routes(
    { "/": () => new Response("app"), "/_live/own": () => new Response("own") },
    { dashboard: page },
  ) as unknown as Record<string, (request: Request) => Promise<Response>>;
  assert.deepEqual(Object.keys(routes).sort(), [
    "/",
    "/_live",
    "/_live/*",
    "/_live/own",
    "/metrics",
  ]);
  assert.equal(mounts.length, 1);
  const response = await routes["/_live/*"]!(requestOf("/_live/feed"));
  assert.equal(await response.text(), "/_live/feed");
  await telemetry.close();
});

test("a server mounts a page with its checks, links to it, and ends it", async () => {
  const { page, mounts, notes } = notingPage();
  const database = () => true;
  const server = await serveTelemetry({
    port: 0,
    registry: createRegistry(),
    checks: { database },
    dashboard: page,
    describe: { name: "shop" },
  });
  const origin = server.address.replace("/metrics", "");
  assert.deepEqual(notes, [`announce ${origin}`]);
  assert.deepEqual(mounts[0]!.checks, { database });
  assert.equal(mounts[0]!.service, "shop");
  assert.deepEqual(mounts[0]!.hosts, []);
  const index = await (await fetch(origin)).text();
  assert.match(index, /<a href="\/_live">/);
  assert.equal(await (await fetch(`${origin}/_live/x`)).text(), "/_live/x");
  await server.stop();
  assert.deepEqual(notes.splice(0), [`announce ${origin}`, "dispose"]);
  await server.start();
  assert.equal(mounts.length, 2);
  await server.stop();
});

test("a server that cannot listen ends its page", async () => {
  const { page, notes } = notingPage();
  await using other = await serveTelemetry({ port: 0 });
  const { port } = other;
  await assert.rejects(serveTelemetry({ port, dashboard: page }));
  assert.deepEqual(notes, ["dispose"]);
});

test("a page needs a path that nothing else has on a server", () => {
  for (const path of ["/metrics", "/health", "/events"]) {
    assert.throws(
      () => serveTelemetry({ dashboard: notingPage(path).page }),
      {
        name: "TypeError",
        message: `Cannot serve telemetry: the dashboard is at "${path}", ` +
          'which is taken; give it another path, such as dashboard("/_barograph")',
      },
    );
  }
});

test("a path in place of a page is refused with advice", () => {
  const dashboard = "/_barograph" as never;
  const message =
    /dashboard is of type string; give a page, such as dashboard\("\/_barograph"\) of "@barograph\/barograph\/dashboard"$/;
  assert.throws(() => observe(() => new Response(), { dashboard }), message);
  assert.throws(() => createTelemetry().observer({ dashboard }), message);
  assert.throws(() => serveTelemetry({ dashboard }), message);
});
