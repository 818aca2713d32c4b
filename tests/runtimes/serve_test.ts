import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { parseExposition, valueOf } from "../../src/testing/mod.ts";
import { type AppHandler, RUNTIME, serve } from "./server.ts";

function setUp() {
  const registry = createRegistry();
  registry.counter({ name: "x_total", help: "X." }).inc(5);
  const family = registry.gauge({ name: "y", help: "Y.", labels: ["i"] });
  for (let i = 0; i < 200; i++) family.with({ i }).set(i);
  return { registry, metrics: metricsHandler(registry) };
}

/** Everything that the server answers to `lines`, as it came. */
function raw(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => answer += chunk);
    socket.on("end", () => resolve(answer));
    socket.on("error", reject);
    socket.write([...lines, "connection: close", "", ""].join("\r\n"));
  });
}

test("a real client reads both formats from a real server", async () => {
  const { metrics } = setUp();
  const server = serve(metrics);
  try {
    const text = await fetch(server.url);
    const families = parseExposition(await text.text(), "text-0.0.4");
    assert.equal(families[0]!.samples[0]!.value, 5);
    const accept = "application/openmetrics-text;version=1.0.0";
    const open = await fetch(server.url, { headers: { accept } });
    assert.equal(open.headers.get("content-encoding"), "gzip");
    parseExposition(await open.text(), "openmetrics-1.0.0");
  } finally {
    await server.stop();
  }
});

test("on the wire, GET has a length, HEAD no body, POST a 405", async () => {
  const { metrics } = setUp();
  const server = serve(metrics);
  try {
    const host = "host: localhost";
    const get = await raw(server.port, ["GET /metrics HTTP/1.1", host]);
    const [head = "", body = ""] = get.split("\r\n\r\n");
    assert.match(head, /^HTTP\/1\.1 200/);
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    assert.equal(Number(length), body.length);
    assert.match(body, /^# HELP x_total X\.\n/);
    const bare = await raw(server.port, ["HEAD /metrics HTTP/1.1", host]);
    assert.match(bare, /^HTTP\/1\.1 200/);
    assert.match(bare, /\r\n\r\n$/);
    const post = await raw(server.port, [
      "POST /metrics HTTP/1.1",
      host,
      "content-length: 0",
    ]);
    assert.match(post, /^HTTP\/1\.1 405/);
    assert.match(post, /allow: GET, HEAD, OPTIONS/i);
  } finally {
    await server.stop();
  }
});

test("a hostile Accept header on the wire is answered", async () => {
  const { metrics } = setUp();
  const server = serve(metrics);
  try {
    for (const accept of ["q=NaN;;;,,", "a/b,".repeat(1000), '"\\']) {
      const answer = await raw(server.port, [
        "GET / HTTP/1.1",
        "host: localhost",
        `accept: ${accept}`,
      ]);
      assert.match(answer, /^HTTP\/1\.1 200/);
    }
  } finally {
    await server.stop();
  }
});

test("mounted as a route, it answers there and only there", async () => {
  const { metrics } = setUp();
  const app: AppHandler = (request) =>
    RUNTIME === "deno" && new URL(request.url).pathname === "/metrics"
      ? metrics(request)
      : new Response("shop", { status: 404 });
  const server = serve(app, { "/metrics": metrics });
  try {
    const there = await fetch(`${server.url}/metrics`);
    assert.match(await there.text(), /x_total 5\n/);
    const elsewhere = await fetch(`${server.url}/other`);
    assert.equal(elsewhere.status, 404);
    await elsewhere.text();
  } finally {
    await server.stop();
  }
});

test("an instrumented server counts requests, streams and failures", async () => {
  const { registry } = setUp();
  const app = instrumentHandler((request: Request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/stream") {
      const text = new Blob(["one ", "two"]).stream();
      return new Response(text);
    }
    return new Response("hello", { status: pathname === "/" ? 200 : 404 });
  }, { registry, route: "/" });
  const server = serve(app);
  try {
    assert.equal(await (await fetch(server.url)).text(), "hello");
    assert.equal(await (await fetch(`${server.url}/stream`)).text(), "one two");
    await (await fetch(`${server.url}/nothing`)).text();
    const count = (status_class: string) =>
      valueOf(registry, "http_requests_total", {
        method: "GET",
        route: "/",
        status_class,
      });
    assert.equal(count("2xx"), 2);
    assert.equal(count("4xx"), 1);
  } finally {
    await server.stop();
  }
});

test("a WebSocket works through an instrumented handler, as a 1xx", async () => {
  const { registry } = setUp();
  const app = instrumentHandler(
    (request: Request, extra?: unknown) => server.upgrade(request, extra),
    { registry, route: "/socket" },
  );
  const server = serve(app);
  try {
    const socket = new WebSocket(server.url.replace("http", "ws"));
    const echo = await new Promise((resolve, reject) => {
      socket.onopen = () => socket.send("hello");
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = reject;
    });
    assert.equal(echo, "hello");
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
    const labels = { method: "GET", route: "/socket", status_class: "1xx" };
    assert.equal(valueOf(registry, "http_requests_total", labels), 1);
    const inFlight = valueOf(registry, "http_requests_in_flight", {
      method: "GET",
    });
    assert.equal(inFlight, 0);
  } finally {
    await server.stop();
  }
});

test("a client that goes away does not spoil the scrape of another", async () => {
  const registry = createRegistry();
  const asked = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  registry.callbackGauge({
    name: "slow",
    help: "Slow.",
    refresh: async (report) => {
      asked.resolve();
      await ready.promise;
      report(1);
    },
  });
  const server = serve(metricsHandler(registry));
  try {
    const impatient = new AbortController();
    const lost = fetch(server.url, { signal: impatient.signal });
    await asked.promise;
    const patient = fetch(server.url);
    impatient.abort();
    await assert.rejects(lost, { name: "AbortError" });
    ready.resolve();
    assert.match(await (await patient).text(), /slow 1\n/);
  } finally {
    await server.stop();
  }
});
