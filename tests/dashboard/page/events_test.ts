/** The tail of events: words, filters, marks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allTopics,
  countAfter,
  marked,
  tailRows,
  topicsOn,
  withTopic,
} from "../../../page/views/events/tail.ts";
import { type EventRow, rowOf } from "../../../page/views/events/words.ts";
import type { EventMessage } from "../../../src/dashboard/protocol.ts";
import * as fc from "../../support/property.ts";

function eventOf(topic: string, data: unknown, id = 1): EventMessage {
  return { id, topic, time: 1000, data };
}

function event(topic: string, data: unknown): EventRow {
  const row = rowOf(eventOf(topic, data));
  assert.equal(row.kind, "event");
  return row as EventRow;
}

const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, " ");

test("rowOf() says what happened, by topic", () => {
  const texts: [string, unknown, string, boolean][] = [
    [
      "request.start",
      { endpoint: "GET /pets/:id", path: "/pets/7" },
      "GET /pets/:id /pets/7",
      false,
    ],
    ["request.end", { endpoint: "GET /", status: 200 }, "GET / 200", false],
    ["request.end", { endpoint: "GET /", status: 503 }, "GET / 503", true],
    [
      "request.end",
      { endpoint: "GET /", status: 500, error: "boom\n  at x" },
      "GET / 500: boom ⏎ at x",
      true,
    ],
    [
      "downstream",
      { message: "POST pay", error: "timeout" },
      "POST pay: timeout",
      true,
    ],
    ["span", { message: "db.get" }, "db.get", false],
    ["log", { severity: "warn", message: "cut" }, "warn: cut", false],
    [
      "log",
      { severity: "error", message: "no", meta: { a: 1 } },
      'error: no {"a":1}',
      true,
    ],
    ["source.failed", { source: "pg", error: "gone" }, "pg: gone", true],
    ["scrape.failed", { outcome: "aborted" }, "scrape aborted", true],
    ["cart.cut", { items: 41, traceId: "4bf9" }, '{"items":41}', false],
    ["cart.list", [1, 2], "[1,2]", false],
    ["note", "words alone", "words alone", false],
    ["nothing", undefined, "", false],
  ];
  for (const [topic, data, text, isBad] of texts) {
    assert.equal(event(topic, data).text, text);
    assert.equal(event(topic, data).isBad, isBad, topic);
  }
});

test("rowOf() words findings that open and close", () => {
  const finding = {
    rule: "failing",
    subject: { method: "POST", route: "/orders" },
    k: 41,
    n: 203,
    window: 120,
    since: 1000,
    until: 1360,
    cause: "payments: timeout",
  };
  assert.equal(
    plain(event("finding.opened", finding).text),
    "POST /orders fails: 41 of 203 in 2 min; payments: timeout",
  );
  assert.equal(
    plain(event("finding.closed", finding).text),
    "POST /orders no longer fails, after 6 min",
  );
  assert.equal(
    event("finding.opened", {
      rule: "overflow",
      subject: {},
      family: "a_total",
      limit: null,
    }).text,
    "a_total is full",
  );
  assert.equal(
    plain(
      event("finding.opened", {
        rule: "overflow",
        subject: {},
        family: "a_total",
        k: 964,
        n: 1000,
        limit: 0.9,
      }).text,
    ),
    "a_total is nearly full: 964 of 1 000 series",
  );
  assert.equal(
    event("finding.opened", { rule: "loop" }).text,
    "The event loop is late",
  );
});

test("rowOf() counts what is missing, and says why", () => {
  const gap = rowOf({ gap: "lagged", from: 48161, to: 48374, missed: 214 });
  assert.deepEqual([plain((gap as { text: string }).text), gap.kind], [
    "214 events are not here, ids 48 161 to 48 374",
    "gap",
  ]);
  assert.match((gap as { why: string }).why, /slower/);
});

test("topics that repeat others are off until they are chosen", () => {
  const all = allTopics(["zoo", "cart", "log"]);
  assert.deepEqual(all.slice(-2), ["cart", "zoo"]);
  const on = topicsOn(undefined, all);
  assert.ok(on.has("zoo") && on.has("request.end"));
  assert.ok(!on.has("span") && !on.has("request.start"));
  assert.deepEqual(topicsOn("a,b", all), new Set(["a", "b"]));
});

test("law: a second click on a topic undoes the first", () => {
  const all = allTopics(["cart"]);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...all), { maxLength: 30 }),
      (clicks) => {
        let parameter = "";
        for (const topic of [...clicks, ...clicks.toReversed()]) {
          parameter = withTopic(topicsOn(parameter, all), topic, all);
        }
        assert.equal(parameter, "");
      },
    ),
    { numRuns: 200 },
  );
});

test("tailRows() filters by topic, route and text, and keeps gaps", () => {
  const items = [
    eventOf("request.end", { endpoint: "GET /a", status: 200 }, 1),
    { gap: "lagged", from: 2, to: 3, missed: 2 },
    eventOf("downstream", { message: "POST Pay", endpoint: "GET /b" }, 4),
    eventOf("span", { message: "db", traceId: "4bf9" }, 5),
  ];
  const topics = new Set(["request.end", "downstream", "span"]);
  const keys = (filter: object) =>
    tailRows(items, { topics, text: "", route: "", ...filter })
      .map(({ key }) => key);
  assert.equal(keys({}).length, 4);
  assert.deepEqual(keys({ topics: new Set(["span"]) }), ["g2-3-lagged", "e5"]);
  assert.deepEqual(keys({ text: "pay" }), ["g2-3-lagged", "e4"]);
  assert.deepEqual(keys({ text: "4bf" }), ["g2-3-lagged", "e5"]);
  assert.deepEqual(keys({ route: "GET /a" }), ["e1", "g2-3-lagged"]);
  const all = tailRows(items, { topics, text: "", route: "" });
  assert.equal(all[0], tailRows(items, { topics, text: "", route: "" })[0]);
  assert.equal(countAfter(all, "e1"), 2);
  assert.equal(countAfter(all, "e5"), 0);
});

test("law: marked() keeps the text, and every second part is a hit", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "B", "ß", "İ", " ") }),
      fc.string({ unit: fc.constantFrom("a", "b", "ß"), maxLength: 2 }),
      (text, query) => {
        const parts = marked(text, query);
        assert.equal(parts.join(""), text);
        parts.forEach((part, i) => {
          if (i % 2 === 1) assert.equal(part.toLowerCase(), query);
        });
      },
    ),
    { numRuns: 500 },
  );
});

test("law: any data of an event becomes a row with a bounded text", () => {
  const topic = fc.constantFrom("request.end", "log", "finding.opened", "own");
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record({
      subject: fc.jsonValue(),
      meta: fc.jsonValue(),
      status: fc.jsonValue(),
      message: fc.jsonValue(),
      error: fc.jsonValue(),
      durationMs: fc.jsonValue(),
    }),
  );
  fc.assert(
    fc.property(topic, value, (topic, data) => {
      const { text, search } = event(topic, data);
      assert.ok(text.length <= 500 && !text.includes("\n"));
      assert.ok(search.startsWith(topic));
    }),
    { numRuns: 300 },
  );
});
