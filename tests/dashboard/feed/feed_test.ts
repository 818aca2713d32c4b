import assert from "node:assert/strict";
import { test } from "node:test";
import type { Findings, Health } from "../../../src/dashboard/protocol.ts";
import {
  feedWorld,
  type Message,
  messagesIn,
  TestClient,
} from "./feed_world.ts";

const timeout = 120_000;

function namesOf(messages: readonly Message[]): string[] {
  return messages.map(({ event }) => event);
}

/** The read of each stream that has not settled. */
const pending = new WeakMap<
  object,
  Promise<ReadableStreamReadResult<Uint8Array>>
>();

/** Returns what a stream has buffered, without waiting for more. */
async function buffered(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<string> {
  let text = "";
  for (;;) {
    const late = new Promise<"late">((resolve) =>
      setImmediate(() => setImmediate(() => resolve("late")))
    );
    const read = pending.get(reader) ?? reader.read();
    pending.set(reader, read);
    const result = await Promise.race([read, late]);
    if (result === "late" || result.done) return text;
    pending.delete(reader);
    text += new TextDecoder().decode(result.value);
  }
}

test("a feed greets with hello, all families, the wanted series and findings", () => {
  const { feed, history, findings } = feedWorld();
  history.tick({
    families: [["a", "requests"], ["b", null]],
    added: [[1, "x"], [2, "y"]],
  });
  findings.value = { all: [], judged: { routes: 0, rules: 6 } };
  const messages = new TestClient(feed, "overview").read();
  assert.deepEqual(namesOf(messages), ["hello", "names", "findings"]);
  const [hello, names] = messages as [Message, Message];
  assert.equal(hello.id, "model:1");
  assert.deepEqual(
    names.event === "names" && [
      names.data.f.map(({ name }) => name),
      names.data.s.map(({ values }) => values),
    ],
    [["a", "b"], [["x"]]],
  );
});

test("a frame is sent with its names before and its removed series after", () => {
  const { feed, history } = feedWorld();
  history.tick({ families: [["a", "requests"]], added: [[1, "x"]] });
  const client = new TestClient(feed, "overview");
  client.read();
  history.tick({ added: [[1, "y"]], growth: new Map([[1, 2]]), gone: [1] });
  const messages = client.read();
  assert.deepEqual(namesOf(messages), ["names", "d", "gone"]);
  assert.deepEqual(messages[1], {
    event: "d",
    id: "model:2",
    data: { seq: 2, t: 1_700_000_002, step: 1, d: [[1, 2], [1, null]] },
  });
  assert.deepEqual(client.read(), []);
});

test("a frame without changes is sent, so that a client sees the time", () => {
  const { feed, history } = feedWorld();
  const client = new TestClient(feed, "f:9");
  client.read();
  history.tick();
  assert.deepEqual(client.read().map(({ data }) => data), [
    { seq: 1, t: 1_700_000_001, step: 1, d: [] },
  ]);
});

test("a client of another epoch, or of a frame to come, begins at the newest", () => {
  const { feed, history } = feedWorld();
  for (let i = 0; i < 5; i++) history.tick();
  for (
    const last of ["other:2", "model:999999", "model", "x", "model:-1", ""]
  ) {
    const client = new TestClient(feed, "overview");
    client.last = last;
    client.connect();
    assert.deepEqual(namesOf(client.read()).filter((n) => n === "d"), [], last);
    history.tick();
    assert.equal(client.read().length, 1, last);
  }
});

test("events are sent from the oldest kept one, once, with exact gaps", () => {
  const { feed, bus } = feedWorld(32, 4);
  for (let i = 1; i <= 3; i++) bus.publish("a", { i });
  const client = new TestClient(feed, "events");
  const ids = (messages: readonly Message[]) =>
    messages.flatMap<unknown>(({ event, data }) =>
      event === "ev" ? [data.id] : event === "evgap" ? [data] : []
    );
  assert.deepEqual(ids(client.read()), [1, 2, 3]);
  client.connect(); // cut
  bus.publish("a", 4);
  assert.deepEqual(ids(client.read()), [4]);
  for (let i = 5; i <= 10; i++) bus.publish("a", i);
  client.connect();
  assert.deepEqual(ids(client.read()), [
    { gap: "expired", from: 5, to: 6, missed: 2 },
    7,
    8,
    9,
    10,
  ]);
  // It turns to something else, and returns.
  const other = new TestClient(feed, "overview");
  other.last = client.last;
  other.connect();
  other.read();
  assert.equal(other.last, client.last);
});

test("topics are filtered on the server: what they leave out is no gap", () => {
  const { feed, bus } = feedWorld(32, 4);
  const client = new TestClient(feed, "events:b,c");
  for (const topic of ["a", "b", "a", "c"]) bus.publish(topic, 0);
  const events = client.read().filter(({ event }) => event.startsWith("ev"));
  assert.deepEqual(
    events.map(({ data }) => (data as { topic: string }).topic),
    ["b", "c"],
  );
});

test("hello is sent again each minute, behind the frames before it", () => {
  const { feed, history } = feedWorld();
  history.tick({});
  const client = new TestClient(feed, "overview");
  client.read();
  const all: Message[] = [];
  for (let i = 0; i < 120; i++) {
    history.tick({});
    all.push(...client.read());
  }
  const hellos = all.flatMap(({ event, id }, i) =>
    event === "hello" ? [[id, all[i - 1]!.id]] : []
  );
  assert.deepEqual(hellos, [["model:61", "model:61"], [
    "model:121",
    "model:121",
  ]]);
});

test("traces are sent while somebody reads, and to a client that resumes", () => {
  const { feed, listeners, open, trace } = feedWorld();
  assert.equal(listeners.size, 0);
  const { body } = open("want=overview");
  assert.equal(listeners.size, 1);
  const client = new TestClient(feed, "traces");
  client.read();
  trace("1");
  assert.deepEqual(client.read().map(({ data }) => data), [{ id: "1" }]);
  client.connect();
  trace("2");
  assert.deepEqual(namesOf(client.read()), ["hello", "trace"]);
  for (let i = 0; i < 300; i++) trace("3");
  assert.equal(client.read().length, 256);
  const blind = new TestClient(feed, "overview");
  trace("4");
  assert.deepEqual(namesOf(blind.read()), ["hello"]);
  void body!.cancel();
  assert.equal(listeners.size, 0);
});

test("findings and health are sent once after each change", async () => {
  const { findings, health, open } = feedWorld();
  const { body } = open("want=health");
  const reader = body!.getReader();
  assert.equal(health.followers, 1);
  assert.deepEqual(namesOf(messagesIn(await buffered(reader))), ["hello"]);
  const told = async () =>
    messagesIn(await buffered(reader)).map(({ event, data }) => [event, data]);
  findings.set(1 as unknown as Findings);
  assert.deepEqual(await told(), [["findings", 1]]);
  health.set(2 as unknown as Health);
  assert.deepEqual(await told(), [["health", 2]]);
  void reader.cancel();
  assert.deepEqual([findings.followers, health.followers], [0, 0]);
});

test("the history is looked at while a feed is open, and no timer remains", async () => {
  const { history, open, timers, feed } = feedWorld();
  assert.deepEqual([history.looks, timers.pending], [0, 0]);
  const first = open("want=overview");
  const second = open("want=overview");
  assert.deepEqual([history.looks, feed.clients, timers.pending], [1, 2, 1]);
  await first.body!.cancel();
  assert.deepEqual([history.looks, feed.clients], [1, 1]);
  await second.body!.cancel();
  assert.deepEqual([history.looks, feed.clients, timers.pending], [0, 0, 0]);
  open("want=overview", "HEAD");
  assert.deepEqual([history.looks, feed.clients], [0, 0]);
});

test("beyond maxFeeds, and after the end, the answer is 503", async () => {
  const { feed, open } = feedWorld(2);
  const [first] = [open(""), open("")];
  const third = open("");
  assert.equal(third.status, 503);
  assert.equal(third.headers.get("retry-after"), "5");
  assert.match(await third.text(), /^too many feeds are open: .*maxFeeds\n$/);
  await first!.body!.cancel();
  const fourth = open("");
  assert.equal(fourth.status, 200);
  feed.close();
  const text = await fourth.text(); // it ends
  assert.match(text, /^retry: /);
  assert.equal(await open("").text(), "the feed has ended\n");
});

test("a client that does not read gets merged frames or a gap later", {
  timeout,
}, async () => {
  const { feed, history, open, timers } = feedWorld();
  history.tick({
    families: [["a", "requests"]],
    added: Array.from({ length: 500 }, (_, i) => [1, `${i}`] as const),
  });
  const growth = new Map([...history.existing].map((id) => [id, 1]));
  const tick = async () => {
    history.tick({ growth });
    await new Promise((resolve) => setImmediate(resolve));
  };
  const reader = open("want=overview").body!.getReader();
  for (let i = 0; i < 400; i++) await tick();
  const messages = messagesIn(await buffered(reader));
  const columns = messages.flatMap(({ event, data }) =>
    event === "d" ? [data] : []
  );
  const size = JSON.stringify(columns[0]).length;
  const early = columns.filter(({ seq }) => seq < 200);
  // Only the frames of 64 KiB, and the one that went beyond, waited for it.
  assert.ok(early.length <= 65_536 / size + 2, `${early.length} of ${size}`);
  assert.equal(messages.filter(({ event }) => event === "gap").length, 1);
  assert.equal(columns.at(-1)!.seq, 401);

  for (let i = 0; i < 60; i++) {
    await tick();
    timers.advance(1);
  }
  assert.equal(feed.clients, 0);
  const text = await buffered(reader);
  assert.match(text, /\n\n$/); // it has ended between two messages
});

test("the ids of a merged column and of its client agree after a long silence", () => {
  const { feed, history } = feedWorld();
  history.tick({ families: [["a", "requests"]], added: [[1, "x"]] });
  const client = new TestClient(feed, "overview");
  client.read();
  for (let i = 0; i < 500; i++) history.tick({ growth: new Map([[1, 1]]) });
  const messages = client.read();
  const gaps = messages.filter(({ event }) => event === "gap");
  assert.equal(gaps.length, 1);
  const steps = messages.flatMap(({ event, data }) =>
    event === "d" ? [data.step] : []
  );
  assert.ok(steps.includes(10) && steps.at(-1) === 1);
  assert.equal(client.last, "model:501");
});

test("a fault while a message is written ends the feed between two messages", async () => {
  const { feed, history, open } = feedWorld();
  const response = open("want=overview");
  const text = response.text();
  await new Promise((resolve) => setImmediate(resolve));
  Object.assign(history, {
    names() {
      throw new Error("broken");
    },
  });
  history.tick({ families: [["a", "requests"]] });
  assert.match(await text, /^retry: 2000\n\n[^]*\n\n$/);
  assert.deepEqual([feed.clients, history.looks], [0, 0]);
});
