/** Nothing outlives a disposed telemetry: no timer, listener or handle. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createRegistry, createTelemetry } from "../../mod.ts";
import { runtimeMetrics } from "../../src/runtime/mod.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { runArgs } from "../support/programs.ts";

const timeout = 120_000;

/**
 * Seconds within which a process without pending work must end. A leaked server
 * would keep it alive for ever; timers and sockets are listed.
 */
const PROMPTLY = 20;

test("createTelemetry() leaves no timer when it is disposed", {
  timeout,
}, async () => {
  const timers = new FakeTimers();
  const exports: string[] = [];
  const registry = createRegistry();
  const telemetry = createTelemetry({
    service: "leaks",
    registry,
    timers,
    collector: {
      endpoint: "http://localhost:4318",
      fetch: (url) => {
        exports.push(String(url));
        return Promise.resolve(new Response());
      },
    },
  });
  const runtime = runtimeMetrics({ eventLoop: { timers } });
  const added = registry.add(runtime);
  const app = telemetry.observe(() => new Response("hello"), {
    route: "/",
    events: "/events",
  });
  assert.equal(timers.pending, 1, "the event loop");
  const feed = await app(new Request("http://localhost/events"));
  const reader = feed.body!.getReader();
  await reader.read();
  assert.equal(timers.pending, 2, "the heartbeat");
  await (await app(new Request("http://localhost/"))).text();
  assert.equal(timers.pending, 3, "the export");
  const scrape = await app(new Request("http://localhost/metrics"));
  assert.match(await scrape.text(), /^http_requests_total/m);
  assert.equal(timers.pending, 3, "a scrape leaves none");
  assert.equal(timers.holding, 0, "none keeps the process alive");

  await telemetry.close(5);
  assert.equal(exports.length, 1);
  assert.equal(
    timers.pending,
    1,
    "the event loop, which the telemetry does not own",
  );
  added[Symbol.dispose]();
  runtime[Symbol.dispose]();
  assert.equal(timers.pending, 0);
  while (!(await reader.read()).done);
});

test("a process ends promptly after everything is disposed", {
  timeout,
}, async () => {
  const file = fileURLToPath(new URL("leaks_once.ts", import.meta.url));
  const child = spawn(process.execPath, runArgs(file));
  let output = "";
  let errors = "";
  let disposed = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    disposed = performance.now();
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => errors += text);
  const [code] = await once(child, "close");
  assert.equal(code, 0, errors);
  assert.deepEqual(JSON.parse(output), {
    timers: [],
    abortListeners: 0,
    signalListeners: 0,
    resources: [],
  });
  const seconds = (performance.now() - disposed) / 1000;
  assert.ok(seconds < PROMPTLY, `it took ${seconds} seconds to end`);
});
