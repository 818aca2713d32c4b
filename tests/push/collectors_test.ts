/** Collectors that misbehave, on real sockets: none disturbs anything. */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { type SpanExporter, spanExporter } from "../../src/push/mod.ts";
import { serve } from "../runtimes/server.ts";
import { span } from "./fixtures.ts";

const timeout = 60_000;

/** A server that speaks TCP, and does with a connection what it likes. */
async function listening(
  handle: (socket: Socket) => void,
  work: (port: number) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    handle(socket);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    await work((server.address() as { port: number }).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  }
}

function exporterTo(port: number, more: object = {}): SpanExporter {
  return spanExporter({
    endpoint: `http://127.0.0.1:${port}`,
    timeout: 0.2,
    random: () => 0,
    ...more,
  });
}

/** Handing over and shutting down take no longer than they may. */
async function undisturbed(exporter: SpanExporter): Promise<void> {
  const start = performance.now();
  for (let n = 1; n <= 1000; n++) exporter.export(span(n));
  assert.ok(performance.now() - start < 1000, "handing over never waits");
  const ending = performance.now();
  await exporter.shutdown(0.5);
  assert.ok(performance.now() - ending < 20_000, "the deadline is kept");
  const { exported, lost, rejected, queued } = exporter.stats();
  assert.equal(exported + lost + rejected + queued, 1000);
  assert.equal(queued, 0);
}

test("a collector that nobody has started", { timeout }, async () => {
  let port = 0;
  await listening(() => {}, (free) => Promise.resolve(void (port = free)));
  const exporter = exporterTo(port);
  await undisturbed(exporter);
  assert.equal(exporter.stats().lost, 1000);
});

test("a collector that accepts and says nothing", { timeout }, async () => {
  await listening((socket) => void socket.resume(), async (port) => {
    const exporter = exporterTo(port);
    await undisturbed(exporter);
    assert.equal(exporter.stats().lost, 1000);
    assert.ok(exporter.stats().retries >= 1);
  });
});

test("a collector that hangs up in the middle of its answer", {
  timeout,
}, async () => {
  const answers = [
    "HTTP/1.1 2",
    "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nha",
    "\u0000\u0001\u0002 this is no HTTP\r\n\r\n",
  ];
  for (const answer of answers) {
    await listening((socket) => {
      socket.once("data", () => socket.end(answer));
    }, async (port) => {
      await undisturbed(exporterTo(port));
    });
  }
});

test("a collector whose answer has no end is not listened to", {
  timeout,
}, async () => {
  const MOST = 1024 ** 3;
  let written = 0;
  let closed = 0;
  await listening((socket) => {
    socket.on("close", () => closed++);
    socket.once("data", () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${MOST}\r\n\r\n`);
      const chunk = new Uint8Array(64 * 1024).fill(123);
      const more = () => {
        while (written < MOST && !socket.destroyed) {
          written += chunk.length;
          if (!socket.write(chunk)) return void socket.once("drain", more);
        }
      };
      more();
    });
  }, async (port) => {
    const exporter = exporterTo(port, { batch: 1000, timeout: 10 });
    for (let n = 1; n <= 1000; n++) exporter.export(span(n));
    assert.equal(await exporter.shutdown(10), true);
    assert.equal(exporter.stats().exported, 1000);
    while (closed === 0) await new Promise((done) => setTimeout(done, 5));
    assert.ok(written < MOST / 10, `${written} bytes were taken`);
  });
});

test("a collector that sends us elsewhere gets no credentials there", {
  timeout,
}, async () => {
  let elsewhere = 0;
  const other = serve(() => {
    elsewhere++;
    return new Response();
  });
  const server = serve(() =>
    new Response(null, {
      status: 307,
      headers: { location: `${other.url}/v1/traces` },
    })
  );
  try {
    const exporter = exporterTo(server.port, {
      timeout: 10,
      headers: { authorization: "Bearer secret" },
    });
    exporter.export(span());
    assert.equal(await exporter.shutdown(10), true);
    assert.equal(exporter.stats().rejected, 1);
    assert.equal(elsewhere, 0);
  } finally {
    await server.stop();
    await other.stop();
  }
});

test("a collector that is down for a while loses nothing that fits", {
  timeout,
}, async () => {
  let asked = 0;
  const server = serve(() => {
    asked++;
    return new Response(null, { status: asked < 4 ? 503 : 200 });
  });
  try {
    const exporter = exporterTo(server.port, { timeout: 10 });
    for (let n = 1; n <= 100; n++) exporter.export(span(n));
    assert.equal(await exporter.shutdown(30), true);
    assert.equal(exporter.stats().exported, 100);
    assert.equal(exporter.stats().retries, 3);
  } finally {
    await server.stop();
  }
});
