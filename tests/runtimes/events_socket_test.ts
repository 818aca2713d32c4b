/** WebSocket feeds on real sockets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { feedOf, until } from "../http/events_fixtures.ts";
import { serveFeed, withServer } from "./events_server.ts";
import { handshake, Listener, UPGRADE } from "./events_websocket.ts";
import { needsSockets, RUNTIME } from "./server.ts";
import { rawRequest } from "./wire.ts";

const timeout = 120_000;

test(
  `a WebSocket client gets the buffered events after its last one, then new events (${RUNTIME})`,
  { timeout, ...needsSockets() },
  async () => {
    const { bus, events } = feedOf();
    for (let i = 1; i <= 4; i++) bus.publish("n", { i });
    await withServer(events, async ({ url }) => {
      const client = new Listener(`${url}/events?since=2`);
      assert.deepEqual(await client.ids(2), [3, 4]);
      bus.publish("request.end", { traceId: "t", status: 200, error: "" });
      const [live] = await client.take(1);
      const { timestamp, ...rest } = live!;
      assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.deepEqual(
        rest as unknown,
        { id: 5, traceId: "t", kind: "request.end", status: 200 },
      );
      const epochs = client.frames.map(({ epoch }) => epoch);
      assert.deepEqual(epochs, ["life", undefined, undefined]);
      client.socket.close();
      await until(() => events.clients === 0);
      assert.equal(bus.stats().subscribers, 0);
    });
  },
);

test(
  `a WebSocket client resumes at any position (${RUNTIME})`,
  { timeout, ...needsSockets() },
  async () => {
    const { bus, events } = feedOf({}, 4);
    for (let i = 1; i <= 6; i++) bus.publish("n", { i });
    const idsFrom = (from: number, gap?: string) => [
      ...gap === undefined ? [] : [gap],
      ...[3, 4, 5, 6].filter((id) => id >= from),
    ];
    const positions: Readonly<Record<string, (number | string)[]>> = {
      "": idsFrom(3, "expired"),
      "?since=": idsFrom(3, "expired"),
      "?since=abc": idsFrom(3, "expired"),
      "?since=NaN": idsFrom(3, "expired"),
      "?since=-1": idsFrom(3, "expired"),
      "?since=0": idsFrom(3, "expired"),
      "?since=2": idsFrom(3),
      "?since=5": idsFrom(6),
      "?since=7": idsFrom(3, "restarted"),
      "?since=99999999999999999999": idsFrom(3, "restarted"),
      "?since=life:4": idsFrom(5),
      "?since=other:4": idsFrom(3, "restarted"),
      [`?since=${"9".repeat(3000)}`]: idsFrom(3, "expired"),
      "?since=%00%ff": idsFrom(3, "expired"),
    };
    await withServer(events, async ({ url }) => {
      for (const [query, expected] of Object.entries(positions)) {
        const client = new Listener(`${url}/events${query}`);
        const frames = await client.take(expected.length);
        const seen = frames.map(({ id, gap }) => gap ?? id);
        assert.deepEqual(seen, expected, query.slice(0, 40));
        assert.equal(frames[0]!.epoch, "life");
        client.socket.close();
      }
      await until(() => events.clients === 0);
      assert.equal(bus.stats().subscribers, 0);
    });
  },
);

test(
  `a WebSocket from a page of another origin gets 403 (${RUNTIME})`,
  { timeout },
  async () => {
    const { bus, events } = feedOf();
    bus.publish("secret", 1);
    await withServer(events, async ({ port, url }) => {
      const hostile = ["https://evil.example", "null", `${url}.evil.example`];
      for (const origin of hostile) {
        const { status, text, socket } = await handshake(port, "/", { origin });
        assert.equal(status, 403);
        assert.doesNotMatch(text, /secret/);
        socket.destroy();
      }
      assert.equal(events.clients, 0);
      const { status, socket } = await handshake(port, "/", { origin: url });
      assert.equal(status, RUNTIME === "node" ? 426 : 101);
      socket.destroy();
      await until(() => events.clients === 0);
    });
  },
);

// Deno needs only the request.
if (RUNTIME === "bun") {
  test(
    "Bun.serve without WebSocket handlers answers 426 with advice",
    { timeout },
    async () => {
      const { bus, events } = feedOf();
      const check = async (port: number) => {
        const { status, text, socket } = await handshake(port);
        assert.equal(status, 426);
        assert.match(text, /upgrade: websocket/i);
        assert.match(text, /events\(request, server\)/);
        assert.match(text, /websocket: eventSockets/);
        assert.equal(events.clients, 0);
        assert.equal(bus.stats().subscribers, 0);
        socket.destroy();
      };
      const alone = (request: Request) => events(request);
      await withServer(alone, ({ port }) => check(port));
      const server = serveFeed(events, null as unknown as undefined);
      await check(server.port);
      await server.stop();
    },
  );
}

test(
  `a malformed handshake opens no feed (${RUNTIME})`,
  { timeout },
  async () => {
    const { bus, events } = feedOf();
    await withServer(events, async ({ port }) => {
      const { "sec-websocket-key": _, ...keyless } = UPGRADE;
      for (
        const [line, headers] of [
          ["GET /", { ...keyless, connection: "close, upgrade" }],
          ["POST /", { ...UPGRADE, connection: "close, upgrade" }],
        ] as const
      ) {
        const { status } = await rawRequest(port, line, headers);
        assert.ok(status >= 400 && status < 500, `${line}: ${status}`);
      }
      assert.equal(events.clients, 0);
      assert.equal(bus.stats().subscribers, 0);
    });
  },
);

test(
  `WebSocket clients get a close code that says the reason (${RUNTIME})`,
  { timeout, ...needsSockets() },
  async () => {
    const { bus, events } = feedOf();
    bus.publish("last", 1);
    const server = serveFeed(events);
    const client = new Listener(server.url);
    await client.take(1);
    events.close();
    const reason = "the feed has ended";
    assert.deepEqual(await client.closed, { code: 1001, reason });
    const late = new Listener(server.url);
    await assert.rejects(late.opened);
    assert.equal(bus.stats().subscribers, 0);
    const start = performance.now();
    await server.shutdown();
    assert.ok(performance.now() - start < 20_000);

    const other = feedOf();
    await withServer(other.events, async ({ url }) => {
      const client = new Listener(url);
      await client.opened;
      other.bus.publish("last", 1);
      other.bus.close();
      assert.deepEqual(await client.closed, { code: 1001, reason });
      assert.equal(client.frames.length, 1);
    });
  },
);
