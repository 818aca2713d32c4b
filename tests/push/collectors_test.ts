/** Misbehaving collectors on real sockets: none delays the process. */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { exporterTo, undisturbed } from "./loopback.ts";
import { give } from "./set_up.ts";

const timeout = 120_000;

/** Runs `work` against a TCP server that passes its connections to `handle`. */
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

test("spanExporter() shuts down in time if no collector is running", {
  timeout,
}, async () => {
  let port = 0;
  await listening(() => {}, (free) => Promise.resolve(void (port = free)));
  const exporter = exporterTo(port);
  await undisturbed(exporter);
  assert.equal(exporter.stats().lost, 1000);
});

test(
  "spanExporter() shuts down in time if the collector never answers",
  { timeout },
  async () => {
    await listening((socket) => void socket.resume(), async (port) => {
      const exporter = exporterTo(port);
      await undisturbed(exporter);
      assert.equal(exporter.stats().lost, 1000);
    });
  },
);

test(
  "spanExporter() retries after each timeout if the collector never answers",
  {
    timeout,
  },
  async () => {
    let connections = 0;
    await listening((socket) => {
      socket.resume();
      connections++;
    }, async (port) => {
      const exporter = exporterTo(port, { timeout: 0.05 });
      give(exporter, 1, 1);
      const gaveUp = new AbortController();
      const flushed = exporter.flush(gaveUp.signal);
      // Node connects again as soon as it disconnects.
      while (connections < 3 || exporter.stats().retries < 2) {
        await new Promise((done) => setTimeout(done, 5));
      }
      gaveUp.abort();
      assert.equal(await flushed, false);
      await exporter.shutdown(0);
      assert.equal(exporter.stats().lost, 1);
    });
  },
);

test(
  "spanExporter() shuts down in time if the collector disconnects within a response",
  {
    timeout,
  },
  async () => {
    // Bun itself logs the invalid gzip to stderr.
    const answers = [
      "",
      "HTTP/1.1 2",
      "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nha",
      "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\nthis is not gzip",
      "\u0000\u0001\u0002 this is not HTTP\r\n\r\n",
    ];
    for (const answer of answers) {
      await listening((socket) => {
        socket.once("data", () => socket.end(answer));
      }, async (port) => {
        await undisturbed(exporterTo(port));
      });
    }
  },
);

test("spanExporter() disconnects from a collector with an endless response", {
  timeout,
}, async () => {
  const MAX = 1024 ** 3;
  for (const status of ["200 OK", "400 No"]) {
    let written = 0;
    let closed = 0;
    await listening((socket) => {
      socket.on("close", () => closed++);
      socket.once("data", () => {
        socket.write(`HTTP/1.1 ${status}\r\ncontent-length: ${MAX}\r\n\r\n`);
        const chunk = new Uint8Array(64 * 1024).fill(123);
        const write = () => {
          while (written < MAX && !socket.destroyed) {
            written += chunk.length;
            if (!socket.write(chunk)) return void socket.once("drain", write);
          }
        };
        write();
      });
    }, async (port) => {
      const exporter = exporterTo(port, { batch: 1000 });
      give(exporter, 1, 1000);
      assert.equal(await exporter.shutdown(10), true);
      const { exported, rejected } = exporter.stats();
      assert.deepEqual(
        [exported, rejected],
        status === "200 OK" ? [1000, 0] : [0, 1000],
      );
      while (closed === 0) await new Promise((done) => setTimeout(done, 5));
      assert.ok(written < MAX / 10, `${written} bytes were read`);
    });
  }
});

test(
  "spanExporter() shuts down in time if the collector sends endless headers",
  {
    timeout,
  },
  async () => {
    await listening((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\n");
        const line = "x-more: " + "x".repeat(1000) + "\r\n";
        const write = () => {
          while (!socket.destroyed) {
            if (!socket.write(line)) return void socket.once("drain", write);
          }
        };
        write();
      });
    }, async (port) => {
      const exporter = exporterTo(port);
      await undisturbed(exporter);
      assert.equal(exporter.stats().lost, 1000);
    });
  },
);
