/** Which hosts a telemetry server admits, and preflights of its events. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import { bearer } from "../../src/http/mod.ts";
import { serverSettings } from "../../src/server/options.ts";
import { routesOf } from "../../src/server/routes.ts";

type Options = Parameters<typeof serverSettings<Record<string, unknown>>>[0];

function setUp(options: Options) {
  const registry = createRegistry();
  const { handler } = routesOf(serverSettings({ registry, ...options }));
  const get = async (path: string, init: RequestInit = {}) =>
    (await handler(new Request(`http://localhost${path}`, init)))!;
  return { get };
}

test("hosts guards all paths but /health and /ready of a loopback server", async () => {
  const headers = { host: "evil.example:9090" };
  const checks = { database: () => true };
  const { get } = setUp({ bus: createBus(), checks });
  for (const path of ["/", "/metrics", "/events", "/nothing"]) {
    const answer = await get(path, { headers });
    assert.equal(answer.status, 403, path);
    assert.doesNotMatch(await answer.text(), /evil/);
  }
  assert.equal((await get("/health", { headers })).status, 200);
  const ready = await get("/ready", { headers });
  assert.deepEqual(await ready.json(), { status: "ready" });
  const named = await get("/ready", { headers: { host: "localhost:9090" } });
  assert.deepEqual(await named.json(), {
    status: "ready",
    checks: { database: "pass" },
  });
});

test("hosts admits every name where no web page could read, or all may", async () => {
  const headers = { host: "evil.example", authorization: "Bearer one" };
  for (
    const options of [
      { authorize: bearer("one") },
      { hostname: "0.0.0.0" },
      { hostname: "::" },
      { unix: "/run/app.sock" },
      { hosts: "any" },
      { hosts: ["evil.example"] },
    ] satisfies Options[]
  ) {
    const { get } = setUp(options);
    assert.equal((await get("/metrics", { headers })).status, 200);
  }
  for (const hostname of ["[::1]", "::1", "localhost", "127.0.0.2"]) {
    const { get } = setUp({ hostname });
    assert.equal((await get("/metrics", { headers })).status, 403, hostname);
  }
  const strict = setUp({
    hostname: "0.0.0.0",
    authorize: bearer("one"),
    hosts: ["shop.example"],
  });
  assert.equal((await strict.get("/metrics", { headers })).status, 403);
});

test("a Host that runtimes read as a path is refused by 400", async () => {
  const { get } = setUp({});
  for (const host of ["x/metrics?", "x#", "x?", "x\\y"]) {
    const answer = await get("/health", { headers: { host } });
    assert.equal(answer.status, 400, host);
  }
});

test("the preflight of a dashboard needs no token", async () => {
  const origin = "https://dash.example";
  const { get } = setUp({
    bus: createBus(),
    authorize: bearer("one"),
    origins: [origin],
  });
  const answer = await get("/events", {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "GET",
      "access-control-request-headers": "authorization",
    },
  });
  assert.equal(answer.status, 204);
  const refused = await get("/events", { headers: { origin } });
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get("access-control-allow-origin"), origin);
});
