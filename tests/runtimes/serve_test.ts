import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { parseExposition } from "../../src/testing/mod.ts";
import { gunzip } from "../http/fixtures.ts";
import {
  type AppHandler,
  type RunningServer,
  RUNTIME,
  serve,
} from "./server.ts";
import { exchange, rawRequest } from "./wire.ts";

const OPEN = "application/openmetrics-text;version=1.0.0";
const DECODER = new TextDecoder();

function setUp() {
  const registry = createRegistry({ selfMetrics: false });
  registry.counter({ name: "x_total", help: "X." }).inc(5);
  const family = registry.gauge({ name: "y", help: "Y.", labels: ["i"] });
  for (let i = 0; i < 200; i++) family.with({ i }).set(i);
  return { registry, metrics: metricsHandler(registry) };
}

async function served(
  handler: AppHandler,
  work: (server: RunningServer) => Promise<void>,
  routes: Readonly<Record<string, AppHandler>> = {},
): Promise<void> {
  const server = serve(handler, routes);
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}

test("metricsHandler() serves both text formats to fetch", async () => {
  await served(setUp().metrics, async ({ url }) => {
    const text = await fetch(url);
    const families = parseExposition(await text.text(), "text-0.0.4");
    assert.equal(families[0]!.samples[0]!.value, 5);
    const open = await fetch(url, { headers: { accept: OPEN } });
    parseExposition(await open.text(), "openmetrics-1.0.0");
  });
});

test("metricsHandler() answers GET with length, type and exposition on the wire", async () => {
  await served(setUp().metrics, async ({ port }) => {
    const { status, headers, body } = await rawRequest(port, "GET /metrics");
    assert.equal(status, 200);
    assert.equal(headers.get("content-length"), String(body.length));
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("vary"), "Accept, Accept-Encoding");
    assert.match(headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
    assert.match(DECODER.decode(body), /^# HELP x_total X\.\n/);
  });
});

test("metricsHandler() compresses by gzip on the wire, in both formats", async () => {
  await served(setUp().metrics, async ({ port }) => {
    for (const accept of ["text/plain", OPEN]) {
      const plain = await rawRequest(port, "GET /", { accept });
      const gzip = { accept, "accept-encoding": "gzip" };
      const { headers, body } = await rawRequest(port, "GET /", gzip);
      assert.equal(headers.get("content-encoding"), "gzip");
      assert.equal(headers.get("content-length"), String(body.length));
      assert.deepEqual([...body.subarray(0, 2)], [0x1f, 0x8b]);
      assert.ok(body.length < plain.body.length / 2);
      assert.equal(await gunzip(body), DECODER.decode(plain.body));
      const refused = { accept, "accept-encoding": "gzip;q=0, *" };
      const bare = await rawRequest(port, "GET /", refused);
      assert.equal(bare.headers.get("content-encoding"), undefined);
      assert.deepEqual(bare.body, plain.body);
    }
  });
});

test("metricsHandler() answers HEAD with the headers of GET on the wire", async () => {
  await served(setUp().metrics, async ({ port }) => {
    const head = await rawRequest(port, "HEAD /metrics", { accept: OPEN });
    const whole = await rawRequest(port, "GET /metrics", { accept: OPEN });
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
    for (const name of ["content-type", "vary", "cache-control"]) {
      assert.equal(head.headers.get(name), whole.headers.get(name));
    }
    // Bun adds a length of 0 to each answer to HEAD that has none.
    const length = head.headers.get("content-length");
    if (RUNTIME === "deno") assert.equal(length, undefined);
  });
});

test("a connection can be reused for GET after HEAD", async () => {
  await served(setUp().metrics, async ({ port }) => {
    const bytes = await exchange(
      port,
      "HEAD / HTTP/1.1\r\nhost: localhost\r\n\r\n" +
        "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    );
    const text = DECODER.decode(bytes);
    assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 2);
    assert.equal(text.match(/^x_total 5$/gm)?.length, 1);
  });
});

test("metricsHandler() answers other methods with Allow", async () => {
  await served(setUp().metrics, async ({ port }) => {
    const options = await rawRequest(port, "OPTIONS /metrics");
    assert.equal(options.status, 204);
    assert.equal(options.headers.get("allow"), "GET, HEAD, OPTIONS");
    assert.equal(options.body.length, 0);
    const post = await rawRequest(port, "POST /metrics", {
      "content-length": "0",
    });
    assert.equal(post.status, 405);
    assert.equal(post.headers.get("allow"), "GET, HEAD, OPTIONS");
    assert.match(post.headers.get("content-type")!, /^text\/plain/);
    assert.match(DECODER.decode(post.body), /^use one of/);
  });
});

test("metricsHandler() answers hostile headers with an exposition", async () => {
  await served(setUp().metrics, async ({ port }) => {
    const hostile = ["q=NaN;;;,,", "a/b,".repeat(1000), '"\\', "\xff\xfe\x80"];
    for (const accept of hostile) {
      const headers = { accept, "accept-encoding": accept };
      const { status, body } = await rawRequest(port, "GET /", headers);
      assert.equal(status, 200);
      parseExposition(DECODER.decode(body), "text-0.0.4");
    }
  });
});

test("metricsHandler() mounted as a route answers only at its path", async () => {
  const shop: AppHandler = () => new Response("shop", { status: 404 });
  const routes = { "/metrics": setUp().metrics };
  await served(shop, async ({ url }) => {
    const there = await fetch(`${url}/metrics`);
    assert.match(await there.text(), /x_total 5\n/);
    const elsewhere = await fetch(`${url}/other`);
    assert.equal(elsewhere.status, 404);
    assert.equal(await elsewhere.text(), "shop");
  }, routes);
});

test("metricsHandler() shares one refresh among concurrent clients", async () => {
  const registry = createRegistry();
  const ready = Promise.withResolvers<void>();
  let refreshes = 0;
  registry.callbackGauge({
    name: "slow",
    help: "Slow.",
    refresh: async (report) => {
      refreshes++;
      await ready.promise;
      report(refreshes);
    },
  });
  const metrics = metricsHandler(registry);
  let arrived = 0;
  const app: AppHandler = (request) => {
    const answer = metrics(request);
    if (++arrived === 5) ready.resolve();
    return answer;
  };
  await served(app, async ({ url }) => {
    const bodies = await Promise.all(
      Array.from({ length: 5 }, async () => await (await fetch(url)).text()),
    );
    assert.equal(refreshes, 1);
    assert.equal(new Set(bodies).size, 1);
    assert.match(await (await fetch(url)).text(), /^slow 2$/m);
  });
});

test("metricsHandler() answers a client although another disconnects", async () => {
  const registry = createRegistry();
  const requested = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  registry.callbackGauge({
    name: "slow",
    help: "Slow.",
    refresh: async (report) => {
      requested.resolve();
      await ready.promise;
      report(1);
    },
  });
  await served(metricsHandler(registry), async ({ url }) => {
    const impatient = new AbortController();
    const lost = fetch(url, { signal: impatient.signal });
    await requested.promise;
    const patient = fetch(url);
    impatient.abort();
    await assert.rejects(lost, { name: "AbortError" });
    ready.resolve();
    assert.match(await (await patient).text(), /slow 1\n/);
  });
});
