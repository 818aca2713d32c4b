/** Listening on this runtime: its errors become `ServeError`s. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { systemTimers } from "../../src/base/mod.ts";
import {
  listen,
  type Listener,
  type ListenOptions,
} from "../../src/platform/internal.ts";
import { stopWithin } from "../../src/platform/listener.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { RUNTIME } from "../runtimes/server.ts";
import { getSecure, pem } from "../server/fixtures.ts";

const timeout = 120_000;
const AT: ListenOptions = {
  port: 0,
  hostname: "127.0.0.1",
  timers: systemTimers,
};
const tls = { cert: pem("server.pem"), key: pem("server.key") };

function listenAt(options: Partial<ListenOptions>): Promise<Listener> {
  return listen(() => new Response("hello"), { ...AT, ...options });
}

async function assertFault(
  options: Partial<ListenOptions>,
  fault: string,
  message: RegExp,
): Promise<void> {
  await assert.rejects(listenAt(options), (error: Error) => {
    assert.equal(error.name, "ServeError");
    assert.equal((error as { readonly fault?: string }).fault, fault);
    assert.match(error.message, message);
    assert.match(error.message, /^Cannot serve telemetry: .*; give|or give/);
    return true;
  });
}

test("listen() reports a port in use, on each type of server", {
  timeout,
}, async () => {
  const first = await listenAt({});
  const { port } = first;
  const inUse = new RegExp(`127\\.0\\.0\\.1:${port} is in use`);
  // On Deno, `node:https` serves the last one.
  for (const more of [{}, { tls }, { tls: { ...tls, minVersion: "1.3" } }]) {
    await assertFault({ port, ...more } as ListenOptions, "port_in_use", inUse);
  }
  await first.stop(1);
  const again = await listenAt({ port });
  assert.equal(again.port, port);
  await again.stop(1);
});

test("listen() reports malformed certificates", { timeout }, async () => {
  const bad = { cert: "x", key: "y" };
  await assertFault({ tls: bad }, "bad_certificate", /give both as PEM/);
  // On Deno, `node:https` reads certificates only at the first connection.
  if (RUNTIME === "deno") return;
  const strict = { ...bad, minVersion: "1.3" } as const;
  await assertFault({ tls: strict }, "bad_certificate", /give both as PEM/);
});

test("listen() reports an address of another machine", {
  timeout,
}, async () => {
  const hostname = "192.0.2.1"; // RFC 5737: for documentation
  await assertFault(
    { hostname },
    "address_unavailable",
    /listening on .* failed/,
  );
});

test("listen() with clientCa refuses clients without a certificate", {
  timeout,
}, async () => {
  const clientCa = pem("ca.pem");
  const listener = await listenAt({ tls: { ...tls, clientCa } });
  const client = { cert: pem("client.pem"), key: pem("client.key") };
  assert.deepEqual(await getSecure(listener.port, "/", client), {
    status: 200,
    text: "hello",
  });
  await assert.rejects(getSecure(listener.port, "/"));
  await listener.stop(1);
});

test("listen() with minVersion refuses older versions of TLS", {
  timeout,
}, async () => {
  const old = { maxVersion: "TLSv1.2" };
  for (const minVersion of ["1.2", "1.3"] as const) {
    const listener = await listenAt({ tls: { ...tls, minVersion } });
    assert.equal((await getSecure(listener.port, "/")).status, 200);
    const answer = getSecure(listener.port, "/", old);
    if (minVersion === "1.3") await assert.rejects(answer);
    else assert.equal((await answer).status, 200);
    await listener.stop(1);
  }
});

test("listen() answers 500 if the handler throws, and keeps serving", {
  timeout,
}, async () => {
  let calls = 0;
  const listener = await listen(() => {
    if (++calls === 1) throw new Error("handler");
    return new Response("hello");
  }, AT);
  const url = `http://127.0.0.1:${listener.port}/`;
  const failed = await fetch(url);
  assert.equal(failed.status, 500);
  assert.equal(await failed.text(), "");
  assert.equal(await (await fetch(url)).text(), "hello");
  await listener.stop(1);
});

test("Listener.stop() waits until a response is written completely", {
  timeout,
}, async () => {
  const size = 4_000_000;
  for (let i = 0; i < 5; i++) {
    const timers = new FakeTimers();
    let begin = () => {};
    const begun = new Promise<void>((resolve) => begin = resolve);
    const listener = await listen(() => {
      begin();
      return new Response(new Uint8Array(size));
    }, { ...AT, timers });
    const body = fetch(`http://127.0.0.1:${listener.port}/`)
      .then((response) => response.arrayBuffer());
    await begun;
    let isStopped = false;
    const stopped = listener.stop(20).then(() => isStopped = true);
    // The client may be as slow as the machine: no time passes for the stop.
    assert.equal((await body).byteLength, size);
    while (!isStopped) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      // The second timer is the time of clients: deno_stop_test.ts.
      if (timers.pending > 1) timers.advance(2);
    }
    await stopped;
    assert.ok(timers.clock.mono() < 20, "no limit of the stop has passed");
    assert.equal(timers.pending, 0);
  }
});

test("Listener.stop() gives up on a client that does not read its response", {
  timeout,
}, async () => {
  const timers = new FakeTimers();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const listener = await listen(() => {
    begin();
    return new Response(new Uint8Array(100_000_000));
  }, { ...AT, timers });
  const socket = connect(listener.port, "127.0.0.1", () => {
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  });
  socket.on("error", () => {});
  socket.pause();
  await begun;
  let isStopped = false;
  const stopped = listener.stop(3).then(() => isStopped = true);
  // Let the response fill the buffers of the socket.
  for (let i = 0; i < 20; i++) await new Promise((done) => setTimeout(done, 5));
  assert.equal(isStopped, false);
  timers.advance(3);
  await stopped;
  assert.equal(timers.pending, 0);
  socket.destroy();
});

test("stopWithin() calls force only after its seconds, and cancels its timer", async () => {
  const timers = new FakeTimers();
  const log: string[] = [];
  const force = () => {
    log.push("force");
    return Promise.resolve();
  };
  await stopWithin(5, timers, Promise.resolve(), force);
  assert.deepEqual([log, timers.pending], [[], 0]);
  const never = new Promise<void>(() => {});
  const stopped = stopWithin(5, timers, never, force);
  assert.equal(timers.holding, 1);
  timers.advance(5);
  await stopped;
  assert.deepEqual([log, timers.pending], [["force"], 0]);
  const failed = Promise.reject(new Error("boom"));
  await assert.rejects(stopWithin(5, timers, failed, force), /boom/);
  assert.equal(timers.pending, 0);
});

test("stopWithin() gives up a second after force, if connections stay open", async () => {
  const timers = new FakeTimers();
  const never = new Promise<void>(() => {});
  let isStopped = false;
  const stopped = stopWithin(5, timers, never, () => never)
    .then(() => isStopped = true);
  timers.advance(5);
  for (let i = 0; i < 10; i++) await Promise.resolve();
  assert.deepEqual([isStopped, timers.holding], [false, 1]);
  timers.advance(1);
  await stopped;
  assert.equal(timers.pending, 0);
});
