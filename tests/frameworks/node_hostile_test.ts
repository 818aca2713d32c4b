/** nodeMiddleware() with requests that are malformed, hostile or given up. */
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import {
  createRegistry,
  createTelemetry,
  type ObserveOptions,
} from "../../mod.ts";
import { nodeHandler, nodeMiddleware } from "../../src/frameworks/mod.ts";
import { expositionOf, valueOf } from "../../src/testing/mod.ts";
import type { SpanRecord } from "../../src/trace/mod.ts";
import * as fc from "../support/property.ts";
import { appOfListener, leaving, sentRaw, textOf, until } from "./node_app.ts";

const timeout = 120_000;
const CLOSE = "host: x\r\nconnection: close\r\n\r\n";

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves a listener behind the middleware while `work` runs. */
async function observing(
  listener: Listener,
  work: (world: Awaited<ReturnType<typeof setUp>>) => Promise<void>,
  options?: Pick<ObserveOptions, "events">,
): Promise<void> {
  const world = await setUp(listener, options);
  const { warn } = console;
  console.warn = () => {};
  try {
    await work(world);
  } finally {
    console.warn = warn;
    await world.telemetry.close();
    await world.close!();
  }
}

async function setUp(
  listener: Listener,
  options: Pick<ObserveOptions, "events"> = {},
) {
  const registry = createRegistry();
  const telemetry = createTelemetry({ registry });
  const spans: SpanRecord[] = [];
  telemetry.tracer.onEnd((span) => void spans.push(span));
  const observe = nodeMiddleware(telemetry, { ...options, route: "/all" });
  const app = await appOfListener((request, response) =>
    observe(request, response, () => listener(request, response))
  );
  const sum = (name: string): number =>
    [
      ...expositionOf(registry).matchAll(
        new RegExp(`^${name}\\{.*\\} (\\d+)$`, "gm"),
      ),
    ].reduce((total, [, value]) => total + Number(value), 0);
  return {
    ...app,
    telemetry,
    spans,
    total: () => sum("http_requests_total"),
    inFlight: () => sum("http_requests_in_flight"),
    count: (method: string, status_class: "2xx" | "4xx" | "5xx") =>
      valueOf(registry, "http_requests_total", {
        method,
        route: "/all",
        status_class,
      }) ?? 0,
    statuses: () =>
      spans.map(({ attributes }) => attributes["http.response.status_code"]),
  };
}

const ok: Listener = (_request, response) => void response.end("ok");

test("nodeMiddleware() counts odd requests as what they are", {
  timeout,
}, async () => {
  await observing(ok, async ({ port, total, inFlight, count, spans }) => {
    const lines = [
      "GET http://evil.example/a?b HTTP/1.1",
      "GET //evil.example/metrics HTTP/1.1",
      "GET /%00%zz//..//\\x HTTP/1.1",
      "PURGE /x HTTP/1.1",
      "GET / HTTP/1.0",
    ];
    for (const line of lines) {
      assert.match(await sentRaw(port, `${line}\r\n${CLOSE}`), / 200 OK\r\n/);
    }
    assert.equal(total(), lines.length);
    assert.equal(count("GET", "2xx"), 4);
    assert.equal(spans[0]!.attributes["url.path"], "/a");
    assert.equal(spans[1]!.attributes["url.path"], "//evil.example/metrics");
    assert.equal(spans[3]!.attributes["http.request.method_original"], "PURGE");
    const metrics = `GET http://evil.example/metrics HTTP/1.1\r\n${CLOSE}`;
    assert.match(await sentRaw(port, metrics), /^# HELP /m);
    assert.equal(total(), lines.length);
    assert.equal(inFlight(), 0);
  });
});

test("nodeMiddleware() takes requests without a URL", { timeout }, async () => {
  const telemetry = createTelemetry({ registry: createRegistry() });
  const observe = nodeMiddleware(telemetry);
  const app = await appOfListener((request, response) => {
    delete request.url;
    observe(request, response, () => response.end("ok"));
  });
  assert.equal(await (await app.send("/x")).text(), "ok");
  await telemetry.close();
  await app.close!();
});

test("nodeMiddleware() alone serves the endpoints, and 404", {
  timeout,
}, async () => {
  const telemetry = createTelemetry({ registry: createRegistry() });
  const app = await appOfListener(nodeMiddleware(telemetry));
  assert.equal((await app.send("/metrics")).status, 200);
  assert.equal((await app.send("/other")).status, 404);
  await telemetry.close();
  await app.close!();
});

test("nodeMiddleware() leaves Expect: 100-continue to the server", {
  timeout,
}, async () => {
  const echo: Listener = async (request, response) => {
    response.end(await textOf(request));
  };
  await observing(echo, async ({ port, count, total }) => {
    const answer = await sentRaw(
      port,
      `POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 3\r\n${CLOSE}`,
      "abc",
    );
    assert.match(answer, /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n/);
    assert.equal(count("POST", "2xx"), 1);
    assert.equal(total(), 1);
  });
});

test("nodeMiddleware() counts pipelined requests one by one", {
  timeout,
}, async () => {
  const late: Listener = (request, response) => {
    const wait = request.url === "/1" ? 20 : 0;
    setTimeout(() => response.end(request.url), wait);
  };
  await observing(late, async ({ port, count, total, inFlight }) => {
    const answers = await sentRaw(
      port,
      `GET /1 HTTP/1.1\r\nhost: x\r\n\r\nGET /2 HTTP/1.1\r\nhost: x\r\n\r\n` +
        `GET /3 HTTP/1.1\r\n${CLOSE}`,
    );
    assert.equal(answers.split("HTTP/1.1 200 OK").length - 1, 3);
    assert.equal(count("GET", "2xx"), 3);
    assert.equal(total(), 3);
    assert.equal(inFlight(), 0);
  });
});

test("nodeMiddleware() counts a departure as 499, also behind other requests", {
  timeout,
}, async () => {
  let seen = 0;
  const hang: Listener = () => void seen++;
  const get = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
  await observing(hang, async ({ port, count, statuses, inFlight }) => {
    // More requests than a connection may have listeners without a warning.
    await leaving(port, get.repeat(20), () => seen === 20);
    await until(() => inFlight() === 0);
    assert.equal(count("GET", "4xx"), 20);
    assert.deepEqual(new Set(statuses()), new Set([499]));
  });
});

test("nodeMiddleware() counts an upload that breaks off as 499", {
  timeout,
}, async () => {
  const upload = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc";
  let seen = 0;
  const listeners: readonly Listener[] = [
    // An error of the body that is answered by 500.
    (request, response) => {
      seen++;
      textOf(request).then(
        (text) => response.end(text),
        () => response.writeHead(500).end(),
      );
    },
    nodeHandler(async (request) => {
      seen++;
      return new Response(await request.text());
    }),
    // Nobody reads the body.
    () => void seen++,
  ];
  for (const listener of listeners) {
    seen = 0;
    await observing(listener, async ({ port, statuses, total, inFlight }) => {
      await leaving(port, upload, () => seen === 1);
      await until(() => inFlight() === 0);
      assert.deepEqual(statuses(), [499]);
      assert.equal(total(), 1);
    });
  }
});

test("nodeMiddleware() counts an answer whose body is given up by its status", {
  timeout,
}, async () => {
  let closed = 0;
  const endless: Listener = (_request, response) => {
    response.writeHead(200);
    response.write("first");
    response.on("close", () => void closed++);
  };
  await observing(endless, async (world) => {
    const { port, count, total, inFlight } = world;
    const get = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    await leaving(port, get, () => count("GET", "2xx") === 1);
    await until(() => closed === 1);
    assert.equal(total(), 1);
    assert.equal(inFlight(), 0);
  });
});

test("nodeMiddleware() counts a request once, whatever its handler writes", {
  timeout,
}, async () => {
  const afterEnd: Listener = (_request, response) => {
    response.on("error", () => {});
    response.writeHead(201, { "Content-Length": "2" });
    response.end("ok");
    response.end("again");
    response.write("more", () => {});
    try {
      response.writeHead(500);
    } catch {
      // Node refuses a second head.
    }
  };
  await observing(afterEnd, async ({ send, statuses, total, telemetry }) => {
    const response = await send("/");
    assert.equal(await response.text(), "ok");
    assert.deepEqual(statuses(), [201]);
    assert.equal(total(), 1);
    assert.match(
      expositionOf(telemetry.registry),
      /^http_response_body_size_bytes_sum\{.*\} 2$/m,
    );
  });
  const wrong: Listener = (_request, response) => {
    try {
      response.writeHead(99_999);
    } catch {
      response.writeHead(503, ["content-length", "0"]).end();
    }
  };
  await observing(wrong, async ({ send, statuses, total }) => {
    assert.equal((await send("/")).status, 503);
    assert.deepEqual(statuses(), [503]);
    assert.equal(total(), 1);
  });
});

test("nodeMiddleware() serves feeds, and refuses WebSocket", {
  timeout,
}, async () => {
  const options = { events: "/events" };
  await observing(ok, async ({ send, port, telemetry }) => {
    await (await send("/x")).text();
    const abort = new AbortController();
    const feed = await send("/events?since=0", abort);
    const reader = feed.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("request.end")) text += (await reader.read()).value;
    assert.equal(telemetry.bus.stats().subscribers, 1);
    abort.abort();
    await reader.cancel().catch(() => {});
    await until(() => telemetry.bus.stats().subscribers === 0);
    const upgrade = await sentRaw(
      port,
      `GET /events HTTP/1.1\r\nupgrade: websocket\r\n` +
        `sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
        `sec-websocket-version: 13\r\n${CLOSE}`,
    );
    assert.match(upgrade, /^HTTP\/1.1 4\d\d /);
    assert.equal(telemetry.bus.stats().subscribers, 0);
  }, options);
});

test("law: nodeMiddleware() survives any bytes, and counts what it answers", {
  timeout: 120_000,
}, async () => {
  const line = fc.oneof(
    fc.constantFrom(
      "GET / HTTP/1.1",
      "GET /metrics HTTP/1.1",
      "POST / HTTP/1.1",
      "HEAD * HTTP/1.1",
      "OPTIONS * HTTP/1.1",
      "GET http:// HTTP/1.1",
      "CONNECT x:1 HTTP/1.1",
      "host: x",
      "host:",
      "content-length: 3",
      "transfer-encoding: chunked",
      "expect: 100-continue",
      "connection: close",
      "upgrade: h2c",
      "abc",
      "0",
      "",
    ),
    fc.string({ maxLength: 20, unit: "binary-ascii" }),
  );
  let handled = 0;
  const echo: Listener = async (request, response) => {
    handled++;
    try {
      response.end(await textOf(request));
    } catch {
      response.writeHead(500).end();
    }
  };
  await observing(echo, async ({ port, send, total, inFlight }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        async (lines) => {
          const text = `${lines.join("\r\n")}\r\n\r\n`;
          let isSent = false;
          await leaving(port, text, () => {
            if (isSent) return true; // a turn after the bytes
            isSent = true;
            return false;
          });
          assert.equal(await (await send("/alive")).text(), "");
        },
      ),
      { numRuns: 200 },
    );
    await until(() => inFlight() === 0);
    assert.equal(total(), handled);
  });
});
