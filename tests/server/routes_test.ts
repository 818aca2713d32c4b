/** The routes of a telemetry server, their guards, and how it stops. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import { bearer } from "../../src/http/mod.ts";
import { serveTelemetry } from "../../src/server/mod.ts";
import { serverSettings } from "../../src/server/options.ts";
import { routesOf } from "../../src/server/routes.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { rawRequest } from "../runtimes/wire.ts";

const timeout = 120_000;

type Options = Parameters<typeof serverSettings<Record<string, unknown>>>[0];

function setUp(options: Options) {
  const { handler, drain } = routesOf(serverSettings({
    registry: createRegistry(),
    ...options,
  }));
  const get = async (path: string, init: RequestInit = {}) =>
    (await handler(new Request(`http://localhost${path}`, init)))!;
  return { get, drain };
}

test("GET / links to the existing paths and escapes text", async () => {
  const { get } = setUp({
    title: `<script>alert("1")</script>`,
    path: "/a'b&c",
    bus: createBus(),
    describe: { name: "shop" },
  });
  const response = await get("/");
  const html = await response.text();
  assert.doesNotMatch(html, /<script/);
  assert.match(html, /href="\/a&#39;b&#38;c"/);
  for (const path of ["/events", "/config", "/health", "/ready"]) {
    assert.ok(html.includes(`href="${path}"`), path);
  }
  const policy = response.headers.get("content-security-policy");
  assert.equal(
    policy,
    "default-src 'none'; base-uri 'none'; form-action 'none'; " +
      "frame-ancestors 'none'",
  );
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.equal(response.headers.get("referrer-policy"), "no-referrer");
});

test("authorize guards all paths but /health and /ready", async () => {
  const { get } = setUp({
    authorize: bearer("one", "two"),
    bus: createBus(),
    checks: { database: () => true },
  });
  for (const path of ["/", "/metrics", "/events", "/nothing"]) {
    assert.equal((await get(path)).status, 401, path);
  }
  const withToken = (token: string) => ({ headers: { authorization: token } });
  for (const wrong of ["Bearer", "Bearer ", "Bearer on", "Basic one", "one"]) {
    assert.equal((await get("/metrics", withToken(wrong))).status, 401, wrong);
  }
  for (const right of ["Bearer one", "bearer two"]) {
    assert.equal((await get("/metrics", withToken(right))).status, 200, right);
  }
  assert.equal((await get("/nothing", withToken("Bearer one"))).status, 404);
  assert.equal((await get("/health")).status, 200);
  assert.deepEqual(await (await get("/ready")).json(), { status: "ready" });
  assert.deepEqual(
    await (await get("/ready", withToken("Bearer one"))).json(),
    {
      status: "ready",
      checks: { database: "pass" },
    },
  );
});

test("authorize answers 401 if it throws", async () => {
  const { get } = setUp({
    authorize: () => {
      throw new Error("broken");
    },
  });
  assert.equal((await get("/metrics")).status, 401);
});

test("bearer() refuses empty tokens", () => {
  assert.throws(() => bearer(), /a token is missing or empty; try/);
  assert.throws(() => bearer(""), /a token is missing or empty; try/);
  assert.throws(() => bearer("a", 7 as never), TypeError);
});

test("GET /ready answers 503 if a check fails or the server drains", async () => {
  let open = true;
  const { get, drain } = setUp({
    checks: {
      database: () => open,
      queue: () => Promise.resolve(),
    },
  });
  assert.equal((await get("/ready")).status, 200);
  open = false;
  const response = await get("/ready");
  assert.equal(response.status, 503);
  assert.deepEqual(await response.json(), {
    status: "not_ready",
    checks: { database: "fail", queue: "pass" },
  });
  drain();
  open = true;
  assert.equal((await (await get("/ready")).json()).status, "draining");
  assert.equal((await get("/ready")).status, 503);
  assert.equal((await get("/metrics")).status, 503);
  assert.equal((await get("/health")).status, 200);
});

test("describe serves JSON at its paths, and 503 where a function throws", async () => {
  const { get } = setUp({
    describe: {
      name: "shop",
      endpoints: () => ({
        services: ["shop"],
        endpoints: [{ method: "GET", path: "/" }],
      }),
      resources: () => [{ name: "db", kind: "sql", healthy: true }],
      middlewares: () => {
        throw new Error("secret");
      },
    },
  });
  assert.deepEqual(await (await get("/config")).json(), { Name: "shop" });
  assert.deepEqual(await (await get("/endpoints")).json(), {
    services: ["shop"],
    endpoints: [{ method: "GET", path: "/" }],
  });
  assert.deepEqual(await (await get("/resources")).json(), {
    resources: [{ name: "db", kind: "sql", healthy: true }],
  });
  const failed = await get("/middlewares");
  assert.equal(failed.status, 503);
  assert.doesNotMatch(await failed.text(), /secret/);
  assert.equal((await setUp({}).get("/config")).status, 404);
});

test("describe may be asynchronous; late and rejected values are 503", async () => {
  const timers = new FakeTimers();
  const never = new Promise<never>(() => {});
  const circle: { circle?: object } = {};
  circle.circle = circle;
  const { get } = setUp({
    timers,
    describe: {
      resources: () => Promise.resolve(["db"]),
      middlewares: () => Promise.reject(new Error("secret")),
      endpoints: () => never,
    },
  });
  assert.deepEqual(await (await get("/resources")).json(), {
    resources: ["db"],
  });
  const rejected = await get("/middlewares");
  assert.equal(rejected.status, 503);
  assert.doesNotMatch(await rejected.text(), /secret/);
  const late = get("/endpoints");
  for (let i = 0; i < 10; i++) await Promise.resolve();
  timers.advance(5);
  assert.equal((await late).status, 503);
  for (const wrong of [circle, 1n, undefined]) {
    const { get } = setUp({ describe: { endpoints: () => wrong as never } });
    assert.equal((await get("/endpoints")).status, 503);
  }
});

test("GET /events exists only with a bus, and ends when the server drains", async () => {
  assert.equal((await setUp({}).get("/events")).status, 404);
  const bus = createBus();
  const { get, drain } = setUp({ bus });
  const feed = await get("/events");
  assert.equal(feed.status, 200);
  drain();
  await feed.text();
  assert.equal(bus.stats().subscribers, 0);
});

test("methods other than GET and HEAD are answered by 405", async () => {
  const { get } = setUp({ describe: { name: "shop" } });
  for (const path of ["/", "/metrics", "/health", "/ready", "/config"]) {
    assert.equal((await get(path, { method: "DELETE" })).status, 405, path);
  }
});

test("serveTelemetry() refuses wrong options with advice", () => {
  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    port: [-1, 65536, 1.5, "9090"],
    path: ["metrics", "/", "/health", "/a b", "/a?b", "/ä", ""],
    registry: [7, {}],
    tls: [
      true,
      { cert: 7 },
      { minVersion: "1.1", cert: "x", key: "y" },
      { cret: "x" },
    ],
    authorize: ["secret"],
    prot: [1],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      assert.throws(
        () => serveTelemetry({ port: 0, [name]: value } as never),
        /Cannot serve telemetry: .*give/,
        `${name} ${JSON.stringify(value)}`,
      );
    }
  }
});

test("serverSettings() accepts every port", () => {
  for (const port of [0, 1, 65535]) {
    assert.equal(serverSettings({ port }).port, port);
  }
});

test("hostile paths are answered by 404 or 400", {
  timeout,
}, async () => {
  await using server = await serveTelemetry({
    port: 0,
    registry: createRegistry(),
  });
  const paths = [
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/%00",
    "/metrics%00",
    "/<script>alert(1)</script>",
    "//evil.example/metrics",
    "/" + "a".repeat(4000),
  ];
  for (const path of paths) {
    const { status, body } = await rawRequest(server.port, `GET ${path}`);
    assert.ok(status === 404 || status === 400, `${path}: ${status}`);
    assert.doesNotMatch(new TextDecoder().decode(body), /<script|root:/);
  }
});

test("headers of a megabyte are refused, and the server keeps serving", {
  timeout,
}, async () => {
  await using server = await serveTelemetry({
    port: 0,
    registry: createRegistry(),
  });
  const answer = await rawRequest(server.port, "GET /metrics", {
    "x-large": "x".repeat(1_000_000),
  }).catch(() => undefined);
  assert.ok(answer === undefined || answer.status >= 400);
  assert.equal((await rawRequest(server.port, "GET /health")).status, 200);
});

test("signal stops the server", { timeout }, async () => {
  const stop = new AbortController();
  const server = await serveTelemetry({
    port: 0,
    registry: createRegistry(),
    signal: stop.signal,
  });
  stop.abort();
  assert.equal(server.running, false);
  await server.stop();
  assert.equal(server.port, 0);
});

test(
  "TelemetryServer.stop() does not wait for clients that neither read nor write",
  {
    timeout,
  },
  async () => {
    const { connect } = await import("node:net");
    const bus = createBus();
    const server = await serveTelemetry({
      port: 0,
      registry: createRegistry(),
      bus,
    });
    const sockets = ["GET /events HTTP/1.1\r\nhost: x\r\n\r\n", "GET /met"].map(
      (text) => {
        const socket = connect(
          server.port,
          "127.0.0.1",
          () => socket.write(text),
        );
        socket.on("error", () => {});
        socket.pause();
        return socket;
      },
    );
    while (bus.stats().subscribers === 0) {
      await new Promise((done) => setTimeout(done, 1));
    }
    const start = performance.now();
    await server.stop(0.3);
    assert.ok(performance.now() - start < 10_000);
    assert.equal(bus.stats().subscribers, 0);
    for (const socket of sockets) socket.destroy();
  },
);

test("clients that never finish a request do not delay others", {
  timeout,
}, async () => {
  const { connect } = await import("node:net");
  const registry = createRegistry();
  const server = await serveTelemetry({ port: 0, registry });
  const sockets = Array.from({ length: 200 }, () => {
    const socket = connect(server.port, "127.0.0.1", () => {
      socket.write("GET /metrics HTTP/1.1\r\nhost: x\r\nx-slow");
    });
    socket.on("error", () => {});
    return socket;
  });
  await Promise.all(
    sockets.map((socket) =>
      new Promise((done) => socket.once("connect", done))
    ),
  );
  for (let n = 0; n < 20; n++) {
    sockets[n]!.write("l"); // one byte at a time
    assert.equal((await rawRequest(server.port, "GET /health")).status, 200);
  }
  const closed = sockets.map((socket) =>
    new Promise((done) => socket.once("close", done))
  );
  await server.stop(0.2);
  await Promise.all(closed); // the server has closed all connections
});

test("unix serves on a Unix socket instead of a port", {
  timeout,
}, async () => {
  const { get } = await import("node:http");
  const { tmpdir } = await import("node:os");
  const unix = `${tmpdir()}/barograph-${crypto.randomUUID()}.sock`;
  const registry = createRegistry();
  registry.counter({ name: "jobs_total", help: "Jobs." }).inc(7);
  await using server = await serveTelemetry({ unix, registry });
  assert.equal(server.port, 0);
  assert.equal(server.address, `http+unix://${unix}:/metrics`);
  const text = await new Promise((resolve, reject) => {
    get({ socketPath: unix, path: "/metrics", agent: false }, (response) => {
      let text = "";
      response.on("data", (part) => text += part);
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
  assert.match(String(text), /^jobs_total 7$/m);
});
