/** The checks of reference 002: pluggable collectors of a gateway. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, FamilyConflictError } from "../../mod.ts";
import {
  type ChannelRecords,
  channels,
} from "../../src/recorders/presets/channels.ts";
import { assertLines, countOf } from "./lines.ts";

/** Calls each function of a backend once. */
function callAll(backend: ChannelRecords): void {
  backend.messageReceived("wechat", "inbound", "text");
  backend.messageSent("wechat", "outbound", "text");
  backend.messageDuration("wechat", 0.1);
  backend.channelStatus("wechat", "wechat", true);
  backend.channelError("wechat", "wechat", "timeout");
  backend.sessionsActive(10);
  backend.sessionDuration(60);
  backend.middlewareDuration("auth", 0.01);
  backend.retry("send", 3, true);
}

const NAMES = [
  "messageReceived",
  "messageSent",
  "messageDuration",
  "channelStatus",
  "channelError",
  "sessionsActive",
  "sessionDuration",
  "middlewareDuration",
  "retry",
] as const;

/** Returns a custom backend and a list of its calls. */
function listing(): { calls: string[]; backend: Partial<ChannelRecords> } {
  const calls: string[] = [];
  const backend = Object.fromEntries(
    NAMES.map((name) => [
      name,
      (...args: unknown[]) => void calls.push(`${name} ${args.join()}`),
    ]),
  ) as Partial<ChannelRecords>;
  return { calls, backend };
}

test("002.1 nothing is recorded before a backend is set", () => {
  assert.equal(channels.global.current, channels.noop());
  callAll(channels.global.record);
  assert.equal(channels.global.failures, 0);
});

test("002.2 received messages are counted by channel, direction and type", () => {
  const registry = createRegistry();
  const gateway = channels.on(registry);
  gateway.messageReceived("wechat", "inbound", "text");
  gateway.messageReceived("wechat", "inbound", "text");
  gateway.messageReceived("dingtalk", "outbound", "image");
  const name = "gort_messages_received_total";
  assertLines(
    registry,
    `${name}{channel="wechat",direction="inbound",type="text"} 2`,
    `${name}{channel="dingtalk",direction="outbound",type="image"} 1`,
  );
});

test("002.3 sent messages are counted by channel, direction and type", () => {
  const registry = createRegistry();
  const gateway = channels.on(registry);
  gateway.messageSent("wechat", "outbound", "text");
  gateway.messageSent("wechat", "outbound", "text");
  assertLines(
    registry,
    'gort_messages_sent_total{channel="wechat",direction="outbound",type="text"} 2',
  );
});

test("002.4 durations are observed in seconds", () => {
  const registry = createRegistry();
  const gateway = channels.on(registry);
  gateway.messageDuration("wechat", 0.1);
  gateway.messageDuration("wechat", 0.2);
  const name = "gort_message_duration_seconds";
  assertLines(
    registry,
    `${name}_bucket{channel="wechat",le="0.1"} 1`,
    `${name}_bucket{channel="wechat",le="0.25"} 2`,
    `${name}_count{channel="wechat"} 2`,
  );
});

test("002.5 a channel is running or not, until it is removed", () => {
  const registry = createRegistry();
  const gateway = channels.on(registry);
  gateway.channelStatus("wechat", "wechat", true);
  gateway.channelStatus("dingtalk", "dingtalk", false);
  assertLines(
    registry,
    'gort_channel_status{channel="wechat",type="wechat"} 1',
    'gort_channel_status{channel="dingtalk",type="dingtalk"} 0',
  );
  gateway.channelRemoved("dingtalk");
  assert.equal(countOf(registry, "gort_channel_status{"), 1);
});

test("002.6 errors are counted by type", () => {
  const registry = createRegistry();
  const gateway = channels.on(registry);
  gateway.channelError("wechat", "wechat", "timeout");
  gateway.channelError("wechat", "wechat", "timeout");
  gateway.channelError("wechat", "wechat", "rate_limit");
  const at = 'channel="wechat",type="wechat"';
  assertLines(
    registry,
    `gort_channel_errors_total{${at},error_type="timeout"} 2`,
    `gort_channel_errors_total{${at},error_type="rate_limit"} 1`,
  );
});

test("002.7 the number of open sessions is set, not added", () => {
  const registry = createRegistry();
  const gateway = channels.on(registry);
  gateway.sessionsActive(10);
  gateway.sessionsActive(5);
  assertLines(registry, "gort_sessions_active 5");
});

test("002.8 retries count attempts; invalid numbers are counted as rejected", () => {
  const registry = createRegistry();
  const gateway = channels.on(registry);
  gateway.retry("send", 3, true);
  gateway.retry("send", 5, false);
  gateway.retry("receive", 2, true);
  gateway.retry("send", -1, true);
  const name = "gort_retry_attempts_total";
  assertLines(
    registry,
    `${name}{operation="send",success="true"} 3`,
    `${name}{operation="send",success="false"} 5`,
    `${name}{operation="receive",success="true"} 2`,
    'barograph_rejected_observations_total{reason="negative"} 1',
  );
});

test("002.9 session durations have buckets up to hours", () => {
  const registry = createRegistry();
  const gateway = channels.on(registry);
  gateway.sessionDuration(60);
  gateway.sessionDuration(120);
  const name = "gort_session_duration_seconds";
  assertLines(
    registry,
    `${name}_bucket{le="10.0"} 0`,
    `${name}_bucket{le="60.0"} 1`,
    `${name}_bucket{le="+Inf"} 2`,
    `${name}_sum 180`,
  );
});

test("002.10 totals are a snapshot that later records do not change", async () => {
  const stats = channels.stats();
  const start = stats.read();
  assert.equal(start.messagesReceived, 0);
  await Promise.all(Array.from({ length: 100 }, async (_, n) => {
    await (n % 2 === 0 ? null : new Promise((done) => setTimeout(done)));
    callAll(stats);
  }));
  const read = stats.read();
  stats.messageReceived("wechat", "inbound", "text");
  stats.retry("send", -5, true);
  stats.channelRemoved("wechat");
  assert.equal(read.messagesReceived, 100);
  assert.equal(read.messagesSent, 100);
  assert.equal(read.channelErrors, 100);
  assert.equal(read.sessionsActive, 10);
  assert.equal(read.retryAttempts, 300);
  assert.deepEqual(read.sessionDuration, { count: 100, sum: 6000 });
  assert.equal("channelStatus" in read, false, "states have no sum");
  assert.equal(start.messagesReceived, 0);
  assert.equal(stats.read().messagesReceived, 101);
  assert.equal(stats.read().retryAttempts, 300);
});

test("002.11 the global backend is replaced atomically", () => {
  const [first, second] = [channels.stats(), channels.stats()];
  const { global } = channels;
  try {
    for (let n = 0; n < 100; n++) {
      if (n === 0) global.use(first);
      if (n === 37) global.use(second);
      global.record.messageReceived("wechat", "inbound", "text");
    }
    global.use(null);
    global.record.messageReceived("wechat", "inbound", "text");
  } finally {
    global.use(null);
  }
  assert.equal(first.read().messagesReceived, 37);
  assert.equal(second.read().messagesReceived, 63);
  assert.equal(global.current, channels.noop());
});

test("002.12 a custom object is a backend, even if it throws", async () => {
  const { calls, backend } = listing();
  const { global } = channels;
  const before = global.failures;
  try {
    global.use(backend);
    callAll(global.record);
    assert.deepEqual(calls.map((call) => call.split(" ")[0]), [...NAMES]);
    assert.equal(calls[0], "messageReceived wechat,inbound,text");
    global.use({
      messageReceived: () => {
        throw new Error("backend");
      },
      messageSent: (() => Promise.reject(new Error("backend"))) as () => void,
    });
    callAll(global.record);
    await new Promise((done) => setTimeout(done));
    assert.equal(global.failures - before, 2);
  } finally {
    global.use(null);
  }
});

test("002.13 each of several backends is called once, even if another one throws", () => {
  const registry = createRegistry();
  const [a, b] = [listing(), listing()];
  const bad: Partial<ChannelRecords> = {
    messageReceived: () => {
      throw new Error("backend");
    },
  };
  const all = channels.tee(a.backend, bad, channels.on(registry), b.backend);
  callAll(all);
  assert.equal(a.calls.length, NAMES.length);
  assert.deepEqual(b.calls, a.calls);
  assert.equal(all.failures, 1);
  assertLines(registry, "gort_sessions_active 10");
});

test("002.14 two backends on one registry share the metrics, or conflict by name", () => {
  const registry = createRegistry();
  channels.on(registry).sessionsActive(7);
  channels.on(registry);
  assertLines(registry, "gort_sessions_active 7");
  assert.throws(
    () => channels.on(registry, { buckets: { sessionDuration: [1] } }),
    (error) =>
      error instanceof FamilyConflictError &&
      error.message.includes("gort_session_duration_seconds"),
  );
  const other = createRegistry();
  channels.on(other);
  assertLines(other, "gort_sessions_active 0");
});
