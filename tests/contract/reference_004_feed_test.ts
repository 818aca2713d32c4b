/** The feed checks of reference 004: events over SSE and WebSocket. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, createTelemetry } from "../../mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import { eventsHandler } from "../../src/http/mod.ts";
import { exposeBus } from "../../src/bridge/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";
import {
  feedOf,
  open,
  SseReader,
  type Topics,
  until,
} from "../http/events_fixtures.ts";
import { openRaw } from "../runtimes/events_client.ts";
import { withServer } from "../runtimes/events_server.ts";
import { handshake, Listener } from "../runtimes/events_websocket.ts";
import { needsSockets } from "../runtimes/server.ts";
import type { AppHandler } from "../runtimes/server.ts";

const timeout = 120_000;
const PATH = "/__nexus/events";

/** Serves events at the path of the reference, and 404 elsewhere. */
function mounted(events: AppHandler): AppHandler {
  return (request, extra) =>
    new URL(request.url).pathname === PATH
      ? events(request, extra)
      : new Response("nothing here", { status: 404 });
}

test("004.9 JSON of a minimal event has exactly keys id, traceId, kind, timestamp; status 0 and duration 0 are absent", async () => {
  const { bus, events } = feedOf();
  const reader = await open(events);
  bus.publish("log", {});
  bus.publish("request.end", {
    traceId: "",
    service: "",
    endpoint: "",
    transport: "",
    method: "",
    path: "",
    status: 0,
    durationMs: 0,
    message: "",
    error: "",
    meta: {},
  });
  bus.publish("request.end", { traceId: "1z", status: 200, durationMs: 0.4 });
  const items = (await reader.take(3)).map((frame) => frame.item);
  const minimal = ["id", "traceId", "kind", "timestamp"];
  assert.deepEqual(Object.keys(items[0]!), minimal);
  assert.deepEqual(Object.keys(items[1]!), minimal);
  assert.deepEqual(
    Object.keys(items[2]!),
    [...minimal, "status", "durationMs"],
  );
  assert.deepEqual(items.map(({ id }) => id), [1, 2, 3]);
  assert.deepEqual(items.map(({ traceId }) => traceId), ["", "", "1z"]);
  for (const { timestamp } of items) {
    assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
  }
  await reader.cancel();
});

test(
  "004.13 WebSocket /__nexus/events?since=2 after 4 events gives 3, 4, then live 5; since=abc gives all",
  { timeout, ...needsSockets() },
  async () => {
    const { bus, events } = feedOf();
    for (let i = 1; i <= 4; i++) bus.publish("log", { message: `${i}` });
    await withServer(mounted(events), async ({ url }) => {
      const since = new Listener(`${url}${PATH}?since=2`);
      assert.deepEqual(await since.ids(2), [3, 4]);
      const all = new Listener(`${url}${PATH}?since=abc`);
      assert.deepEqual(await all.ids(4), [1, 2, 3, 4]);
      bus.publish("log", { message: "5" });
      const [live] = await since.take(1);
      assert.deepEqual(
        Object.keys(live!),
        ["id", "traceId", "kind", "timestamp", "message"],
      );
      assert.equal(live!.id, 5);
      assert.deepEqual(await all.ids(1), [5]);
      for (const { socket } of [since, all]) socket.close();
      await until(() => bus.stats().subscribers === 0);
    });
  },
);

test(
  "004.13 WebSocket of a telemetry's requests: 3, 4 after since=2, then live 5, 6",
  { timeout, ...needsSockets() },
  async () => {
    const telemetry = createTelemetry({ registry: createRegistry() });
    const app = telemetry.observe(
      (_request: Request, _extra?: unknown) => new Response("pets"),
      { events: PATH },
    );
    await withServer(app, async ({ url }) => {
      const pets = async (newest: number) => {
        await (await fetch(`${url}/pets`)).text();
        await until(() => telemetry.bus.newest === newest);
      };
      await pets(2);
      await pets(4);
      const client = new Listener(`${url}${PATH}?since=2`);
      const events = await client.take(2);
      assert.deepEqual(events.map(({ id }) => id), [3, 4]);
      const kinds = ["request.start", "request.end"];
      assert.deepEqual(events.map(({ kind }) => kind), kinds);
      assert.equal(events[0]!.traceId, events[1]!.traceId);
      await pets(6);
      assert.deepEqual(await client.ids(2), [5, 6]);
      await telemetry.close();
      assert.equal((await client.closed).code, 1001);
    });
  },
);

test(
  "004.13 WebSocket /__nexus/events without a bus gives 404",
  { timeout },
  async () => {
    await using telemetry = createTelemetry({ registry: createRegistry() });
    const app = telemetry.observe((_request: Request, _extra?: unknown) => {
      return new Response("nothing here", { status: 404 });
    });
    await withServer(app, async ({ port }) => {
      const { status, text, socket } = await handshake(port, PATH);
      assert.equal(status, 404);
      assert.match(text, /\r\nnothing here/);
      socket.destroy();
      const sse = await openRaw(port, { path: PATH });
      assert.equal(sse.status, 404);
      sse.socket.destroy();
    });
  },
);

test(
  "004.14 SSE with Last-Event-ID gives the same sequence as WebSocket",
  { timeout, ...needsSockets() },
  async () => {
    const { bus, events } = feedOf();
    for (let i = 1; i <= 4; i++) bus.publish("log", { message: `${i}` });
    await withServer(mounted(events), async ({ port, url }) => {
      const webSocket = new Listener(`${url}${PATH}?since=2`);
      for (const last of ["2", bus.position(2)]) {
        const headers = { "last-event-id": last };
        const { body, socket } = await openRaw(port, { path: PATH, headers });
        const reader = new SseReader(body);
        assert.deepEqual(await reader.ids(2), [3, 4]);
        socket.destroy();
      }
      const headers = { "last-event-id": bus.position(2) };
      const { body, socket } = await openRaw(port, { path: PATH, headers });
      const reader = new SseReader(body);
      for (let i = 5; i <= 9; i++) bus.publish("log", { message: `${i}` });
      const frames = await reader.take(7);
      const [first, ...rest] = await webSocket.take(7);
      const { epoch, ...plain } = first!;
      assert.equal(epoch, bus.epoch);
      assert.deepEqual(
        frames.map(({ item }) => item) as unknown,
        [plain, ...rest],
      );
      const ids = frames.map(({ id }) => id);
      assert.deepEqual(ids, [3, 4, 5, 6, 7, 8, 9].map((id) => `life:${id}`));
      socket.destroy();
      webSocket.socket.close();
      await until(() => events.clients === 0);
    });
  },
);

test(
  "004.14 SSE: heartbeat comments keep it open; client abort returns the subscriber gauge to 0",
  { timeout },
  async () => {
    const registry = createRegistry();
    const bus = createBus<Topics>();
    using _exposed = exposeBus(registry, bus);
    using events = eventsHandler(bus, { heartbeat: 0.05 });
    const subscribers = () => valueOf(registry, "barograph_event_subscribers");
    await withServer(mounted(events), async ({ url }) => {
      assert.equal(subscribers(), 0);
      const abort = new AbortController();
      const { signal } = abort;
      const response = await fetch(`${url}${PATH}`, { signal });
      const reader = new SseReader(response.body!);
      const first = reader.next();
      await until(() => reader.comments >= 5);
      assert.equal(subscribers(), 1);
      bus.publish("log", { message: "still there" });
      assert.equal((await first)!.item["message"], "still there");
      abort.abort();
      await until(() => subscribers() === 0);
      assert.equal(events.clients, 0);
    });
  },
);
