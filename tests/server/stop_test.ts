/** How a telemetry server stops: timers, signals, restarts. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import { serveTelemetry } from "../../src/server/mod.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { rawRequest } from "../runtimes/wire.ts";

const timeout = 120_000;

function start(timers: FakeTimers, options: { signal?: AbortSignal } = {}) {
  const registry = createRegistry();
  return serveTelemetry({ port: 0, registry, timers, ...options });
}

/**
 * Waits for `stopped`; `seconds` of `timers` may pass, but no limit of a stop. Deno
 * waits for 2 if the machine was so busy that a response took 50 ms.
 */
async function ended(
  stopped: Promise<void>,
  timers: FakeTimers,
  seconds = 2.5,
): Promise<void> {
  let isStopped = false;
  const done = stopped.then(() => isStopped = true);
  let left = seconds * 10;
  while (!isStopped) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (timers.pending > 1 && left-- > 0) timers.advance(0.1);
  }
  await done;
}

test("TelemetryServer.stop() leaves no timer when requests end in time", {
  timeout,
}, async () => {
  const timers = new FakeTimers();
  const server = await start(timers);
  assert.equal((await rawRequest(server.port, "GET /health")).status, 200);
  const stopped = server.stop();
  assert.ok(timers.pending > 0);
  assert.equal(timers.holding, timers.pending, "a stop holds the process");
  await ended(stopped, timers);
  assert.equal(timers.pending, 0);
});

test("TelemetryServer.stop() waits for a request up to its seconds", {
  timeout,
}, async () => {
  const timers = new FakeTimers();
  let finish = () => {};
  const waiting = new Promise<void>((resolve) => finish = resolve);
  let begin = () => {};
  const begun = new Promise<void>((resolve) => begin = resolve);
  const registry = createRegistry();
  registry.callbackGauge({
    name: "slow",
    help: "Slow.",
    refresh: async (report) => {
      begin();
      await waiting;
      report(1);
    },
  });
  const server = await serveTelemetry({ port: 0, registry, timers });
  const slow = rawRequest(server.port, "GET /metrics").then(
    () => "answered",
    () => "closed",
  );
  await begun;
  let isStopped = false;
  const stopped = server.stop(3).then(() => isStopped = true);
  timers.advance(2.9);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isStopped, false);
  timers.advance(0.1);
  // Not for 10 seconds: runtimes then close idle connections. Turns, because in
  // a process that gets no time, none pass.
  for (let turns = 0; !isStopped; turns++) {
    assert.ok(turns < 400, "the stop closes the connection");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await stopped;
  assert.equal(await slow, "closed");
  assert.equal(server.running, false);
  finish();
});

test("TelemetryServer.stop() closes idle connections without waiting", {
  timeout,
}, async () => {
  const timers = new FakeTimers();
  const server = await start(timers);
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(socket, "data");
  const closed = once(socket, "close");
  await ended(server.stop(), timers);
  await closed;
  assert.equal(timers.pending, 0);
});

test("TelemetryServer.stop() ends feeds without waiting", {
  timeout,
}, async () => {
  const timers = new FakeTimers();
  const registry = createRegistry();
  const bus = createBus();
  const server = await serveTelemetry({ port: 0, registry, bus, timers });
  const feed = await fetch(`http://127.0.0.1:${server.port}/events`);
  assert.equal(bus.stats().subscribers, 1);
  const end = performance.now() + 60;
  while (performance.now() < end); // a feed is not a response that takes long
  await ended(server.stop(), timers, 0.5);
  await feed.text();
  assert.equal(bus.stats().subscribers, 0);
  assert.equal(timers.pending, 0);
});

test("a stopped server leaves no listener on its signal", {
  timeout,
}, async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  const timers = new FakeTimers();
  const server = await start(timers, { signal });
  assert.equal(listeners, 1);
  await ended(server.stop(), timers);
  assert.equal(listeners, 0);
  await server.start();
  assert.equal(listeners, 1);
  await ended(server.stop(), timers);
  assert.equal(listeners, 0);
});

test("signal stops a server that was started again", { timeout }, async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const timers = new FakeTimers();
  const server = await start(timers, { signal });
  await ended(server.stop(), timers);
  await server.start();
  assert.equal(server.running, true);
  controller.abort();
  assert.equal(server.running, false);
  await ended(server.stop(), timers);
});

test("serveTelemetry() stops immediately if its signal has aborted", {
  timeout,
}, async () => {
  const timers = new FakeTimers();
  const server = await start(timers, { signal: AbortSignal.abort() });
  assert.equal(server.running, false);
  await ended(server.stop(), timers);
  assert.equal(server.port, 0);
});

test("TelemetryServer.start() rejects while the server listens", {
  timeout,
}, async () => {
  const registry = createRegistry();
  await using server = await serveTelemetry({
    port: 0,
    registry,
    bus: createBus(),
  });
  await assert.rejects(server.start(), {
    name: "ServeError",
    fault: "already_started",
  });
  assert.equal(server.running, true);
});

test("TelemetryServer.stop() also ends a start that is not finished", {
  timeout,
}, async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const timers = new FakeTimers();
  const server = await start(timers, { signal });
  await ended(server.stop(), timers);
  const started = server.start();
  await ended(server.stop(), timers);
  await started;
  assert.deepEqual([server.running, server.port], [false, 0]);

  const again = server.start();
  controller.abort();
  await again;
  await ended(server.stop(), timers);
  assert.deepEqual([server.running, server.port], [false, 0]);
  await server.start(); // the signal has aborted
  assert.equal(server.running, false);
  await ended(server.stop(), timers);
});

test("hostname takes an IPv6 address in brackets", { timeout }, async () => {
  const registry = createRegistry();
  for (const hostname of ["[::1]", "::1"]) {
    const server = await serveTelemetry({ port: 0, hostname, registry });
    assert.equal(server.address, `http://localhost:${server.port}/metrics`);
    const url = `http://[::1]:${server.port}/health`;
    assert.equal((await (await fetch(url)).json()).status, "healthy");
    await server.stop();
  }
  assert.throws(
    () => serveTelemetry({ hostname: "", registry }),
    /hostname is ""; give an address, such as "127.0.0.1"/,
  );
});

test("unix refuses an empty path and NUL", () => {
  const registry = createRegistry();
  for (const unix of ["", "\0name", "/run/a\0b"]) {
    assert.throws(
      () => serveTelemetry({ unix, registry }),
      /unix is .*; give the path of a socket, such as "\/run\/app.sock"/,
    );
  }
});

test("TelemetryServer.stop() truncates no large body of a slow client", {
  timeout,
}, async () => {
  const registry = createRegistry();
  const large = registry.gauge({
    name: "large",
    help: "L.",
    labels: ["n"],
    maxSeries: 40_000,
  });
  const server = await serveTelemetry({ port: 0, registry });
  for (const series of [2000, 40_000]) { // a whole body, and a stream
    for (let i = 0; i < series; i++) large.at(`${i}-${"x".repeat(60)}`).set(1);
    const socket = connect(server.port, "127.0.0.1");
    const head =
      "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close";
    socket.write(`${head}\r\n\r\n`);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
      if (text.length > series * 60) return;
      socket.pause();
      setTimeout(() => socket.resume(), 5);
    });
    await once(socket, "data");
    const closed = once(socket, "close");
    await server.stop();
    await closed;
    assert.equal(text.match(/^large\{/gm)?.length, series);
    assert.ok(text.includes(`{n="${series - 1}-x`));
    await server.start();
  }
  await server.stop();
});
