/**
 * Malformed heads of requests: an endpoint answers none of them with 5xx, and a
 * feed keeps no client of any. Some runtimes throw when the address of such a
 * request is read.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { createBus } from "../../src/bus/mod.ts";
import { eventsHandler, metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { get } from "../http/fixtures.ts";
import { until } from "../http/events_fixtures.ts";
import { withServer } from "../runtimes/events_server.ts";
import { RUNTIME } from "../runtimes/server.ts";
import * as fc from "../support/property.ts";

const HANDSHAKE = "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13";

/** Bytes of a header: anything but line feeds. */
const value = fc.oneof(
  fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,60}$/),
  fc.constantFrom("a/b;q=0.1,".repeat(700), "gzip;q=\xff,*", "\xff:9"),
);
const line = fc.constantFrom(
  "GET / HTTP/1.1",
  "GET / HTTP/1.0",
  "GET //evil/..%00?since=%ff&topics=%zz&name[]=%ff HTTP/1.1",
  "GET *?name[]= HTTP/1.1",
  "GET http://:99/ HTTP/1.1",
  "HEAD / HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "BREW / HTTP/1.1",
);
const host = fc.constantFrom(
  "",
  "Host: ",
  "Host: a b",
  "Host: [::1",
  "Host: x:99999999",
  "Host: \xff\xfe",
  "Host: a\r\nHost: b",
  "Host: x",
);
const name = fc.constantFrom(
  "Origin",
  "Accept",
  "Accept-Encoding",
  "Last-Event-ID",
  "X-Prometheus-Scrape-Timeout-Seconds",
  "Sec-WebSocket-Protocol",
  "Sec-WebSocket-Extensions",
  "Upgrade",
);
const header = fc.oneof(
  fc.constant(HANDSHAKE),
  fc.tuple(name, value).map((pair) => pair.join(": ")),
);

/** Sends `head`; returns the status, or undefined if there is no answer. */
function statusOf(port: number, head: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const done = () => {
      socket.destroy();
      resolve(Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]) || undefined);
    };
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(`${head}\r\n\r\n`, "latin1");
    });
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      if (/^HTTP\/1\.[01] \d{3}/.test(text)) done();
    });
    socket.on("error", done);
    socket.on("close", done);
    socket.setTimeout(300, done); // some heads wait for more
  });
}

test(
  `law: no head of a request makes an endpoint answer 5xx (${RUNTIME})`,
  { timeout: 120_000 },
  async () => {
    const events = eventsHandler(createBus());
    const metrics = metricsHandler(createRegistry());
    await withServer(
      (request: Request, server?: unknown) =>
        request.headers.has("x-metrics")
          ? metrics(request)
          : events(request, server),
      async ({ port }) => {
        await fc.assert(
          fc.asyncProperty(
            line,
            host,
            fc.array(header, { maxLength: 3 }),
            fc.boolean(),
            async (line, host, headers, isMetrics) => {
              const lines = [line, host, ...headers, "Connection: close"];
              if (isMetrics) lines.push("X-Metrics: 1");
              const head = lines.filter((line) => line !== "").join("\r\n");
              const status = await statusOf(port, head) ?? 0;
              assert.ok(status < 500, `${status} to ${head}`);
            },
          ),
          { numRuns: 150 },
        );
        await until(() => events.clients === 0);
      },
    );
  },
);

test("a request whose address cannot be read is answered as one without a query", async () => {
  const events = eventsHandler(createBus());
  const metrics = metricsHandler(createRegistry());
  for (const handler of [events, metrics]) {
    const request = new Proxy(get({ host: "localhost" }), {
      get(target, key) {
        if (key === "url") throw new TypeError("Invalid URL");
        return Reflect.get(target, key, target) as unknown;
      },
    });
    const response = await handler(request);
    assert.equal(response.status, 200);
    await response.body?.cancel();
  }
});
