/** nodeHandler() and nodeMiddleware() behind the compatibility layer of HTTP/2. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type OutgoingHttpHeaders,
} from "node:http2";
import { test } from "node:test";
import { createRegistry, createTelemetry } from "../../mod.ts";
import { nodeHandler, nodeMiddleware } from "../../src/frameworks/mod.ts";
import { expositionOf, valueOf } from "../../src/testing/mod.ts";
import type { SpanRecord } from "../../src/trace/mod.ts";
import { until } from "./node_app.ts";

const timeout = 120_000;

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Sends a request; `leave` is called with a function that gives it up. */
async function sent(
  client: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string,
  leave?: (giveUp: () => void) => void,
): Promise<Answer> {
  const stream = client.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  let answer: Record<string, unknown> = {};
  let text = "";
  stream.setEncoding("utf8");
  stream.on("response", (headers) => answer = headers);
  stream.on("data", (chunk) => text += chunk);
  stream.on("error", () => {});
  leave?.(() => stream.close(constants.NGHTTP2_CANCEL));
  await once(stream, "close");
  return { status: answer[":status"] as number, text, headers: answer };
}

test("nodeMiddleware() and nodeHandler() take requests of HTTP/2", {
  timeout,
}, async () => {
  const registry = createRegistry();
  const telemetry = createTelemetry({ registry });
  const spans: SpanRecord[] = [];
  telemetry.tracer.onEnd((span) => void spans.push(span));
  let isWaiting = false;
  const answer = nodeHandler(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/broken") throw new Error("on purpose");
    if (pathname === "/wait") {
      isWaiting = true;
      await new Promise((left) =>
        request.signal.addEventListener("abort", left)
      );
    }
    const headers = {
      "x-host": request.headers.get("host")!,
      // HTTP/2 refuses these.
      "connection": "keep-alive",
      "transfer-encoding": "chunked",
      "upgrade": "h2c",
    };
    return new Response(`${request.url} ${await request.text()}`, { headers });
  });
  const observe = nodeMiddleware(telemetry, { route: "/all" });
  const server = createServer((request, response) =>
    observe(request, response, () => {
      if (request.url === "/empty") response.end();
      else void answer(request, response);
    })
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const origin = `http://127.0.0.1:${port}`;
  const client = connect(origin);
  const { warn } = console;
  console.warn = () => {};
  try {
    const get = await sent(client, { ":path": "/a?b" });
    assert.equal(get.status, 200);
    assert.equal(get.text, `${origin}/a?b `);
    assert.equal(get.headers["x-host"], `127.0.0.1:${port}`);
    assert.equal(get.headers["connection"], undefined);
    const post = await sent(
      client,
      { ":method": "POST", ":path": "/p" },
      "x".repeat(100_000),
    );
    assert.equal(post.text, `${origin}/p ${"x".repeat(100_000)}`);
    const head = await sent(client, { ":method": "HEAD", ":path": "/" });
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.equal((await sent(client, { ":path": "/empty" })).status, 200);
    assert.equal((await sent(client, { ":path": "/broken" })).status, 500);
    const metrics = await sent(client, { ":path": "/metrics" });
    assert.match(metrics.text, /^# HELP /);
    await sent(client, { ":path": "/wait" }, undefined, (giveUp) => {
      void until(() => isWaiting).then(giveUp);
    });
    await until(() => spans.length === 6);
    const { attributes } = spans[0]!;
    assert.equal(attributes["network.protocol.version"], "2");
    assert.equal(attributes["server.address"], "127.0.0.1");
    assert.equal(attributes["server.port"], port);
    assert.equal(attributes["client.address"], "127.0.0.1");
  } finally {
    console.warn = warn;
    client.destroy();
    server.close();
    await telemetry.close();
  }
  assert.deepEqual(
    spans.map(({ attributes }) => attributes["http.response.status_code"]),
    [200, 200, 200, 200, 500, 499],
  );
  const labels = { method: "GET", route: "/all", status_class: "2xx" };
  assert.equal(valueOf(registry, "http_requests_total", labels), 2);
  assert.match(
    expositionOf(registry),
    /^http_requests_in_flight\{method="GET"\} 0$/m,
  );
});
