// A health check by HTTP/1.0 without a Host, and any malformed Host, made the
// server answer 500: the URL of such a request is none that `new URL` accepts.
import assert from "node:assert/strict";
import * as http from "node:http";
import { test } from "node:test";
import { createBus } from "../../src/bus/mod.ts";
import { systemTimers } from "../../src/base/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { listen, type Listener } from "../../src/platform/internal.ts";
import { listenByNode, type NodeHttp } from "../../src/platform/serve_node.ts";
import { serverSettings } from "../../src/server/options.ts";
import { routesOf } from "../../src/server/routes.ts";
import { createTelemetry } from "../../mod.ts";
import * as fc from "../support/property.ts";
import { statusOf } from "../support/raw_status.ts";

const timeout = 120_000;
const AT = { port: 0, hostname: "127.0.0.1", timers: systemTimers };

/** The servers that a runtime can have, each with all routes. */
async function withServers(
  work: (port: number) => Promise<void>,
): Promise<void> {
  const node = http as unknown as NodeHttp;
  for (const start of [listen, listenByNode.bind(undefined, node)]) {
    const { handler } = routesOf(serverSettings({
      registry: createRegistry(),
      bus: createBus(),
      checks: { database: () => true },
      describe: { name: "shop" },
    }));
    const listener: Listener = await start(handler, AT);
    try {
      await work(listener.port);
    } finally {
      await listener.stop(0.1);
    }
  }
}

const HOSTS = [
  "",
  "[",
  "]",
  "[::1",
  "::1",
  "x:99999",
  "x:-1",
  "x:port",
  "a%20b",
  "%00",
  "%",
  "user:pass@x",
  "x y",
  "x/y",
  "x?y",
  "x#y",
  "x\\y",
  "1.2.3.4.5",
  "xn--",
  "\xff\xfe",
  "a".repeat(4000),
];

const PATHS = [
  "/",
  "/metrics",
  "/metrics?name[]=%",
  "/health",
  "/ready",
  "/config",
  "/nothing",
  "//",
  "//evil.example/metrics",
  "/%",
  "/%zz",
  "/\\",
  "/a#b",
  "/../../etc/passwd",
  "/./health",
  "http://[/metrics",
  "http://x:99999/metrics",
  "HTTP://X",
  "http://x?y",
];

test("no Host, version or path of a request is answered by 5xx", {
  timeout,
}, async () => {
  await withServers(async (port) => {
    for (const path of PATHS) {
      const status = await statusOf(port, `GET ${path} HTTP/1.0\r\n\r\n`);
      assert.ok(status < 500, `${path}: ${status}`);
    }
    for (const path of ["/health", "/ready", "/metrics"]) {
      const bare = await statusOf(port, `GET ${path} HTTP/1.0\r\n\r\n`);
      assert.equal(bare, 200, path);
      for (const host of HOSTS) {
        const head = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
        const status = await statusOf(port, head);
        assert.ok(status < 500, `${path} at ${host}: ${status}`);
      }
    }
  });
});

test("observe() serves /metrics to requests without a Host", {
  timeout,
}, async () => {
  await using telemetry = createTelemetry({ registry: createRegistry() });
  const paths: unknown[] = [];
  telemetry.tracer.onEnd((span) => paths.push(span.attributes["url.path"]));
  const app = telemetry.observe(() => new Response(null, { status: 418 }));
  const listener = await listen(app, AT);
  const statuses = [];
  for (const path of ["/metrics", "/a/b/c?d=://x/metrics"]) {
    statuses.push(
      await statusOf(listener.port, `GET ${path} HTTP/1.0\r\n\r\n`),
    );
  }
  await listener.stop(1);
  assert.deepEqual(statuses, [200, 418]);
  assert.deepEqual(paths, ["/a/b/c"]);
});

/** Versions of HTTP that runtimes refuse themselves, by 505. */
const VERSION_REFUSED = 505;

test("law: no bytes make a server answer 5xx, or miss the next request", {
  timeout,
}, async () => {
  const byte = fc.integer({ min: 0, max: 255 })
    .map((code) => String.fromCharCode(code));
  const junk = fc.string({ unit: byte, maxLength: 40 });
  const line = fc.tuple(
    fc.oneof(
      fc.constantFrom("GET", "HEAD", "POST", "OPTIONS", "CONNECT", "get"),
      junk,
    ),
    fc.oneof(fc.constantFrom(...PATHS), junk.map((text) => `/${text}`), junk),
    fc.constantFrom("HTTP/1.1", "HTTP/1.0"),
  ).map((parts) => parts.join(" "));
  const header = fc.oneof(
    fc.oneof(fc.constantFrom(...HOSTS), junk).map((host) => `Host: ${host}`),
    fc.tuple(
      fc.constantFrom(
        "Accept",
        "Accept-Encoding",
        "Origin",
        "Forwarded",
        "X-Forwarded-Host",
        "X-Prometheus-Scrape-Timeout-Seconds",
        "Last-Event-ID",
        "Upgrade",
        "Connection",
        "Expect",
        "Authorization",
        "Access-Control-Request-Method",
      ),
      junk,
    ).map(([name, value]) => `${name}: ${value}`),
    junk,
  );
  const request = fc.oneof(
    { weight: 1, arbitrary: fc.string({ unit: byte, maxLength: 200 }) },
    {
      weight: 4,
      arbitrary: fc.tuple(line, fc.array(header, { maxLength: 4 })).map(
        ([line, headers]) => [line, ...headers, "", ""].join("\r\n"),
      ),
    },
  );
  await withServers(async (port) => {
    await fc.assert(
      fc.asyncProperty(request, async (text) => {
        const status = await statusOf(port, text);
        assert.ok(status < 500 || status === VERSION_REFUSED, `${status}`);
        const next = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assert.equal(await statusOf(port, next), 200);
      }),
      { numRuns: 1000 },
    );
  });
});
