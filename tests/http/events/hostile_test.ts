/** Hostile requests to a feed: it never throws and never answers 5xx. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import { feedOf, open, request, type SseFrame } from "../events_fixtures.ts";

async function firstOf(
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<SseFrame> {
  const { bus, events } = feedOf({}, 10);
  for (let i = 1; i <= 5; i++) bus.publish("a", i);
  const reader = await open(events, query, headers);
  const [first] = await reader.take(1);
  await reader.cancel();
  assert.equal(bus.stats().subscribers, 0);
  return first!;
}

test("a malformed since= is ignored: the client gets all buffered events", async () => {
  for (
    const since of [
      "abc",
      "NaN",
      "-1",
      "-5000",
      "1.5",
      "1e3",
      "0x10",
      "",
      " ",
      ":",
      "life:",
      "life:-1",
      "life:x",
      ":3",
      "%00",
      "\u{1f600}",
      "9".repeat(10_000),
      `${"x".repeat(10_000)}:3`,
    ]
  ) {
    const query = `?since=${encodeURIComponent(since)}`;
    const { item } = await firstOf(query);
    assert.ok(item.id === 1 || item.gap === "restarted", since.slice(0, 40));
  }
});

test("an id beyond the newest belongs to an earlier epoch", async () => {
  for (const since of ["6", "5000", "9".repeat(15), "9".repeat(19)]) {
    assert.equal((await firstOf(`?since=${since}`)).item.gap, "restarted");
  }
});

test("a malformed Last-Event-ID is ignored, and still overrides since=", async () => {
  for (const id of ["abc", "life:x", "x".repeat(10_000)]) {
    const { item } = await firstOf("?since=3", { "last-event-id": id });
    assert.equal(item.id, 1, id.slice(0, 40));
  }
});

test("a topic that is too long selects nothing, not even its prefix", async () => {
  const { bus, events } = feedOf();
  bus.publish("a".repeat(64), 1);
  bus.publish("selected", 2);
  const long = "a".repeat(5000);
  const reader = await open(events, `?topics=selected,${long}`);
  assert.deepEqual(await reader.ids(1), [2]);
  await reader.cancel();
});

test("a list of topics of any length is answered without a 5xx", async () => {
  const { events } = feedOf();
  for (
    const query of [
      `?topics=${"a,".repeat(100_000)}`,
      `?topics=${"a".repeat(100_000)}`,
      `?${"topics=a&".repeat(10_000)}`,
      "?topics=%",
      "?topics",
      "?&&&===",
    ]
  ) {
    const response = await events(request(query));
    assert.ok(response.status < 500, query.slice(0, 20));
    await response.body?.cancel();
  }
  assert.equal(events.clients, 0);
});

test("law: no query and no header makes a feed throw or answer 5xx", async () => {
  const { bus, events } = feedOf({}, 10);
  for (let i = 0; i < 20; i++) bus.publish("a", i);
  const text = fc.string({ unit: "binary", maxLength: 200 });
  const header = fc.stringMatching(/^[\x20-\x7e]{0,200}$/);
  await fc.assert(fc.asyncProperty(
    fc.record({ since: text, topics: text }, { requiredKeys: [] }),
    fc.record({
      "last-event-id": header,
      "origin": header,
      "host": header,
    }, { requiredKeys: [] }),
    async (query, headers) => {
      const encoded = new URLSearchParams(query as Record<string, string>);
      const response = await events(
        request(`?${encoded}`, headers as Record<string, string>),
      );
      assert.ok(response.status === 200 || response.status === 403);
      await response.body?.cancel();
      assert.equal(events.clients, 0);
    },
  ));
});
