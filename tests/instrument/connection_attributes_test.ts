/** The attributes of spans about server, client and protocol of a request. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { nodeMiddleware } from "../../src/frameworks/mod.ts";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";
import { alwaysOff, type SpanRecord } from "../../src/trace/mod.ts";
import { serve } from "../runtimes/server.ts";
import { request, traced } from "./fixtures.ts";
import { anyRequest, quietRegistry } from "./semconv_fixtures.ts";

const RECOMMENDED = [
  "client.address",
  "network.protocol.version",
  "server.address",
  "server.port",
  "user_agent.original",
];

/** Returns the recommended attributes of a span. */
function recommendedOf(span: SpanRecord | undefined) {
  return Object.fromEntries(
    RECOMMENDED.flatMap((name) => {
      const value = span!.attributes[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Handles one request, with further arguments of the handler. */
function handled(incoming: Request, ...rest: unknown[]): SpanRecord {
  const { tracer, spans } = traced();
  const handler = instrumentHandler(
    (_request: Request, ..._rest: unknown[]) => new Response(),
    { registry: createRegistry(), tracer },
  );
  handler(incoming, ...rest);
  return spans[0]!;
}

test("a span has address and port of its server, by the URL", () => {
  const servers: Record<string, Record<string, unknown>> = {
    "http://shop.example/a?b": { address: "shop.example", port: 80 },
    "https://shop.example/": { address: "shop.example", port: 443 },
    "https://shop.example": { address: "shop.example", port: 443 },
    "http://127.0.0.1:8000/": { address: "127.0.0.1", port: 8000 },
    "http://[::1]:8000/": { address: "[::1]", port: 8000 },
    "/only/a/path?to=http://other.example/": {},
    "http://a b/": {},
    "http://user:word@shop.example/": {},
    "": {},
  };
  for (const [url, { address, port }] of Object.entries(servers)) {
    assert.deepEqual(
      recommendedOf(handled(anyRequest("GET", url))),
      address === undefined
        ? {}
        : { "server.address": address, "server.port": port },
      url,
    );
  }
});

test("a span has the user agent, but neither query nor headers of proxies", () => {
  const span = handled(request({
    headers: {
      "user-agent": "curl/8.5.0",
      "forwarded": "for=1.2.3.4;host=evil.example;proto=https",
      "x-forwarded-for": "1.2.3.4",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
    },
  }, "/a?token=secret"));
  assert.deepEqual(recommendedOf(span), {
    "server.address": "localhost",
    "server.port": 80,
    "user_agent.original": "curl/8.5.0",
  });
  assert.equal(span.attributes["url.scheme"], "http");
  assert.doesNotMatch(
    JSON.stringify(span.attributes),
    /secret|1\.2\.3\.4|evil/,
  );
});

test("a span has the address of the peer, where the second argument tells it", () => {
  const told: readonly (readonly [unknown, string | undefined])[] = [
    [{ remoteAddr: { hostname: "10.0.0.1" } }, "10.0.0.1"],
    [{ remoteAddr: { transport: "unix", path: "/run/x" } }, undefined],
    [{ requestIP: () => ({ address: "::1" }) }, "::1"],
    [{ requestIP: () => null }, undefined],
    [{ requestIP: () => ({ address: 7 }) }, undefined],
    [{
      requestIP() {
        throw new Error("closed");
      },
    }, undefined],
    [{
      get remoteAddr(): never {
        throw new Error("not here");
      },
    }, undefined],
    [undefined, undefined],
    [null, undefined],
    ["env", undefined],
  ];
  for (const [server, address] of told) {
    const { attributes } = handled(request(), server);
    assert.equal(attributes["client.address"], address);
    assert.equal(attributes["server.address"], "localhost");
  }
});

test("a request that is not sampled is not asked for its headers", () => {
  const { tracer } = traced({ sampler: alwaysOff });
  const asked: string[] = [];
  const incoming = {
    method: "GET",
    url: "http://localhost/",
    headers: { get: (name: string) => void asked.push(name) },
  } as unknown as Request;
  const server = {
    get remoteAddr(): never {
      throw new Error("asked");
    },
  };
  const registry = quietRegistry();
  const handler = instrumentHandler(
    (_request: Request, _server: unknown) => new Response(),
    { registry, tracer },
  );
  handler(incoming, server);
  assert.ok(!asked.includes("user-agent"));
});

test("a span of a server of this runtime has the address of its client", async () => {
  const { tracer, spans } = traced();
  const app = instrumentHandler(
    (_request: Request, ..._rest: unknown[]) => new Response("hello"),
    { registry: createRegistry(), tracer },
  );
  const server = serve(app as never);
  try {
    await (await fetch(server.url, { headers: { "user-agent": "test/1" } }))
      .text();
  } finally {
    await server.stop();
  }
  const { hostname, port } = new URL(server.url);
  const { "client.address": client, ...others } = recommendedOf(spans[0]);
  assert.match(String(client), /^(?:(?:::ffff:)?127\.0\.0\.1|::1)$/);
  delete others["network.protocol.version"];
  assert.deepEqual(others, {
    "server.address": hostname,
    "server.port": Number(port),
    "user_agent.original": "test/1",
  });
});

test("a span of a request of node:http has protocol, host and peer of its connection", async () => {
  await using telemetry = createTelemetry({ registry: createRegistry() });
  const spans: SpanRecord[] = [];
  telemetry.tracer.onEnd((span) => void spans.push(span));
  const observed = nodeMiddleware(telemetry);
  const server = createServer((incoming, outgoing) =>
    observed(incoming, outgoing, () => void outgoing.end("hello"))
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const headers = { "user-agent": "test/1", "connection": "close" };
  await (await fetch(`http://127.0.0.1:${port}/x`, { headers })).text();
  server.close();
  assert.deepEqual(recommendedOf(spans[0]), {
    "client.address": "127.0.0.1",
    "network.protocol.version": "1.1",
    "server.address": "127.0.0.1",
    "server.port": port,
    "user_agent.original": "test/1",
  });
});
