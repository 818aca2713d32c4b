/** The server of `node:http`, which Deno and Bun have too. */
import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import { systemTimers } from "../../src/base/mod.ts";
import type { ServeHandler } from "../../src/platform/internal.ts";
import { listenByNode, type NodeHttp } from "../../src/platform/serve_node.ts";
import { serverSettings } from "../../src/server/options.ts";
import { routesOf } from "../../src/server/routes.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { RUNTIME } from "../runtimes/server.ts";
import { rawRequest } from "../runtimes/wire.ts";

const timeout = 120_000;
const node = http as unknown as NodeHttp;
const at = { port: 0, hostname: "127.0.0.1", timers: systemTimers };

async function listening(
  handler: ServeHandler,
  work: (port: number) => Promise<void>,
): Promise<void> {
  const listener = await listenByNode(node, handler, at);
  try {
    await work(listener.port);
  } finally {
    await listener.stop(0.2);
  }
}

test("listenByNode() passes on method, path, query, headers, status and body", {
  timeout,
}, async () => {
  let seen: Request | undefined;
  await listening((request) => {
    seen = request;
    return new Response("hi", {
      status: 418,
      headers: { "x-mine": "1", "content-type": "text/x" },
    });
  }, async (port) => {
    const { status, headers, body } = await rawRequest(port, "GET /a%20b?c=d", {
      "x-yours": "2",
    });
    assert.equal(status, 418);
    assert.equal(headers.get("x-mine"), "1");
    assert.equal(headers.get("content-type"), "text/x");
    assert.match(new TextDecoder().decode(body), /hi/); // in chunks
    assert.equal(seen?.method, "GET");
    assert.equal(new URL(seen.url).pathname, "/a%20b");
    assert.equal(new URL(seen.url).search, "?c=d");
    assert.equal(new URL(seen.url).host, "localhost");
    assert.deepEqual([...seen.headers], [
      ["connection", "close"],
      ["host", "localhost"],
      ["x-yours", "2"],
    ]);
    await rawRequest(port, "GET /", { host: "shop.example:81" });
    assert.equal(new URL(seen.url).host, "shop.example:81");
    const head = await rawRequest(port, "HEAD /");
    assert.equal(head.body.length, 0);
  });
});

test("listenByNode() keeps serving if a handler throws or returns undefined", {
  timeout,
}, async () => {
  await listening((request) => {
    if (request.url.endsWith("/throws")) throw new Error("handler");
    if (request.url.endsWith("/rejects")) return Promise.reject(new Error());
    return undefined;
  }, async (port) => {
    for (const path of ["/throws", "/rejects"]) {
      await rawRequest(port, `GET ${path}`).catch(() => {});
    }
    assert.equal((await rawRequest(port, "GET /nothing")).status, 404);
  });
});

test("listenByNode() answers HEAD with a clone of a kept response", {
  timeout,
}, async () => {
  const kept = new Response("kept");
  await listening(() => kept.clone(), async (port) => {
    const { status, body } = await rawRequest(port, "HEAD /");
    assert.deepEqual([status, body.length], [200, 0]);
    const whole = await rawRequest(port, "GET /");
    assert.equal(new TextDecoder().decode(whole.body), "kept");
  });
});

test("listenByNode() answers methods that Request forbids", {
  timeout,
}, async () => {
  await listening(() => new Response(), async (port) => {
    const answer = await rawRequest(port, "TRACE /");
    // Bun builds such a request, although Fetch forbids it.
    assert.equal(answer.status, RUNTIME === "bun" ? 200 : 405);
  });
});

test("listenByNode() treats hostile paths and hosts as text", {
  timeout,
}, async () => {
  const paths: string[] = [];
  await listening((request) => {
    paths.push(new URL(request.url).pathname);
    return new Response();
  }, async (port) => {
    const lines = [
      "GET //evil.example/x",
      "GET http://evil.example/y",
      "GET /../../etc/passwd",
      "GET /%00",
    ];
    for (const line of lines) await rawRequest(port, line);
    await rawRequest(port, "GET /z", { host: "a b/../c" }).catch(() => {});
  });
  assert.deepEqual(paths.slice(0, 4), [
    "//evil.example/x",
    "/y",
    "/etc/passwd",
    "/%00",
  ]);
});

test(
  "listenByNode() streams a feed and cancels it when the client disconnects",
  {
    timeout,
  },
  async () => {
    const bus = createBus<{ tick: number }>();
    const { handler, drain } = routesOf(
      serverSettings({ registry: createRegistry(), bus }),
    );
    await listening(handler, async (port) => {
      const leave = new AbortController();
      const response = await fetch(`http://127.0.0.1:${port}/events`, leave);
      const reader = response.body!.pipeThrough(new TextDecoderStream())
        .getReader();
      let text = "";
      for (let n = 1; n <= 3; n++) {
        bus.publish("tick", n);
        while (!text.includes(`"id":${n},`)) {
          text += (await reader.read()).value ?? "";
        }
      }
      assert.equal(bus.stats().subscribers, 1);
      leave.abort();
      await reader.cancel().catch(() => {});
      while (bus.stats().subscribers > 0) {
        bus.publish("tick", 0);
        await new Promise((done) => setTimeout(done, 5));
      }
      drain();
    });
  },
);

test(
  "Listener.stop() does not wait for a client that never reads",
  {
    timeout,
  },
  async () => {
    let pulls = 0;
    const handler = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            pulls++;
            controller.enqueue(new Uint8Array(64 * 1024));
          },
        }),
      );
    const listener = await listenByNode(node, handler, at);
    const socket = connect(listener.port, "127.0.0.1", () => {
      socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    });
    socket.on("error", () => {});
    socket.pause();
    let before = -1;
    while (pulls !== before || pulls === 0) {
      before = pulls;
      await new Promise((done) => setTimeout(done, 100));
    }
    assert.ok(pulls * 64 * 1024 < 64 * 1024 * 1024, `${pulls} chunks`);
    const start = performance.now();
    socket.destroy();
    await listener.stop(0.2);
    assert.ok(performance.now() - start < 10_000);
  },
);

/** Opens a connection, sends `text` and resolves to the socket. */
async function connected(port: number, text: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

const REQUEST = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

test("listenByNode() resumes writing after a slow client has read", {
  timeout,
}, async () => {
  const chunk = new Uint8Array(1_000_000);
  let pulls = 0;
  const stream = () =>
    new ReadableStream({
      pull(controller) {
        if (pulls++ === 20) controller.close();
        else controller.enqueue(chunk);
      },
    }, { highWaterMark: 0 });
  await listening(() => new Response(stream()), async (port) => {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    await new Promise((done) => setTimeout(done, 50));
    assert.equal((await response.arrayBuffer()).byteLength, 20_000_000);
  });
});

test("Listener.stop() closes idle connections without waiting", {
  timeout,
}, async () => {
  const timers = new FakeTimers();
  const options = { ...at, timers };
  const listener = await listenByNode(node, () => new Response(), options);
  const socket = await connected(listener.port, REQUEST);
  await once(socket, "data");
  const closed = once(socket, "close");
  await listener.stop(5);
  await closed;
  assert.equal(timers.pending, 0);
});

test("Listener.stop() closes the connections of hanging requests", {
  timeout,
}, async () => {
  const timers = new FakeTimers();
  let begin = () => {};
  const begun = new Promise<void>((resolve) => begin = resolve);
  let signal: AbortSignal | undefined;
  const listener = await listenByNode(node, (request) => {
    signal = request.signal;
    begin();
    return new Promise<Response>(() => {});
  }, { ...at, timers });
  const socket = await connected(listener.port, REQUEST);
  const closed = once(socket, "close");
  await begun;
  const stopped = listener.stop(5);
  timers.advance(4.9);
  assert.deepEqual([timers.pending, signal?.aborted], [1, false]);
  timers.advance(0.1);
  await stopped;
  await closed;
  assert.equal(signal?.aborted, true);
  assert.equal(timers.pending, 0);
});

test("listenByNode() rejects for a port in use, and serves a Unix socket", {
  timeout,
}, async () => {
  await listening(() => new Response(), async (port) => {
    await assert.rejects(
      listenByNode(node, () => new Response(), { ...at, port }),
      { code: "EADDRINUSE" },
    );
  });
  const unix = join(tmpdir(), `barograph-${process.pid}.sock`);
  const listener = await listenByNode(node, () => new Response("unix"), {
    ...at,
    unix,
  });
  assert.equal(listener.port, 0);
  const text = await new Promise((resolve, reject) => {
    http.get({ socketPath: unix, path: "/", agent: false }, (response) => {
      let text = "";
      response.on("data", (part) => text += part);
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
  assert.equal(text, "unix");
  await listener.stop(0.2);
});
