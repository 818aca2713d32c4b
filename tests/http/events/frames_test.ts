import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../../src/bus/mod.ts";
import * as fc from "../../support/property.ts";
import {
  type AnyEvent,
  EventFrames,
  eventJson,
  gapJson,
} from "../../../src/http/events/frames.ts";
import type { FeedItem, Topics } from "../events_fixtures.ts";

function itemOf(
  topic: string,
  data: unknown,
  time = 1_700_000_000.25,
): FeedItem {
  const event = { id: 7, topic, time, data } as unknown as AnyEvent;
  return JSON.parse(eventJson(event)) as FeedItem;
}

const HEAD = {
  id: 7,
  traceId: "",
  kind: "log",
  timestamp: "2023-11-14T22:13:20.250Z",
};

test("eventJson() writes request events flat, without empty fields", () => {
  const empty = {
    service: "",
    endpoint: undefined,
    transport: null,
    method: "",
    path: "",
    status: 0,
    durationMs: 0,
    message: "",
    error: "",
    meta: {},
  };
  assert.deepEqual(itemOf("log", empty), HEAD);
  const full = {
    traceId: "abc",
    service: "shop",
    status: 200,
    durationMs: 0.25,
    meta: { a: 0 },
    spanId: "",
    attempts: 0,
  };
  for (const kind of ["request.start", "request.end", "downstream", "log"]) {
    assert.deepEqual(itemOf(kind, full), { ...HEAD, ...full, kind });
  }
});

test("eventJson() writes the payload of other topics in data", () => {
  const kind = "joined";
  for (const data of [{ room: "a", status: 0 }, [1], "x", 0, null, false]) {
    assert.deepEqual(itemOf(kind, data), { ...HEAD, kind, data });
  }
  const traced = { traceId: "abc" };
  const all = { ...HEAD, kind, traceId: "abc", data: traced };
  assert.deepEqual(itemOf(kind, traced), all);
  assert.equal(itemOf(kind, { traceId: 7 }).traceId, "");
});

test("eventJson() does not let a payload override id, kind, timestamp or traceId", () => {
  const data = { id: 99, kind: "x", timestamp: "never", traceId: 5 };
  assert.deepEqual(itemOf("log", data), HEAD);
});

test("eventJson() reports a payload that JSON cannot represent", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const bad: readonly unknown[] = [
    { cycle },
    { big: 1n },
    {
      inner: {
        toJSON() {
          throw new Error("secret");
        },
      },
    },
    {
      get field() {
        throw new Error("secret");
      },
    },
    {
      get traceId() {
        throw new Error("secret");
      },
    },
  ];
  for (const data of bad) {
    for (const kind of ["log", "joined"]) {
      const { error, ...rest } = itemOf(kind, data);
      assert.equal(typeof error, "string");
      assert.doesNotMatch(error as string, /secret/);
      assert.deepEqual(rest, { ...HEAD, kind });
    }
  }
});

test("eventJson() ignores a toJSON method of the payload", () => {
  for (const value of [undefined, 5, "x", null, {}]) {
    const data = { service: "shop", toJSON: () => value };
    assert.deepEqual(itemOf("log", data), { ...HEAD, service: "shop" });
  }
});

test("eventJson() writes timestamps to the exact millisecond", () => {
  for (let ms = 1_763_690_000_000; ms < 1_763_690_001_000; ms++) {
    const { timestamp } = itemOf("log", {}, ms / 1000);
    assert.equal(timestamp, new Date(ms).toISOString());
  }
});

test("eventJson() writes a valid timestamp for any number", () => {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/;
  for (const time of [NaN, Infinity, -Infinity, 1e12, -1e12, 1e300]) {
    assert.match(itemOf("log", {}, time).timestamp, form, `${time}`);
  }
});

test("EventFrames caches the chunks of the last 16 keys", () => {
  const frames = new EventFrames(createBus<Topics>(), undefined, 65_536);
  const parts = [Uint8Array.of(1), Uint8Array.of(2, 3)];
  const first = frames.chunk(parts, "1-2");
  assert.deepEqual([...first], [1, 2, 3]);
  for (let i = 1; i < 16; i++) frames.chunk(parts, `${i}`);
  assert.equal(frames.chunk(parts, "1-2"), first);
  frames.chunk(parts, "one more");
  assert.notEqual(frames.chunk(parts, "1-2"), first);
  assert.notEqual(
    frames.chunk(parts, undefined),
    frames.chunk(parts, undefined),
  );
  assert.equal(frames.chunk([first], undefined), first);
});

test("gapJson() writes the range of missed events", () => {
  const gap = { gap: "lagged", from: 3, to: 9, missed: 5 } as const;
  assert.deepEqual(JSON.parse(gapJson(gap, 1_700_000_000.25)), {
    ...HEAD,
    ...gap,
    id: 9,
    kind: "gap",
  });
});

test("law: eventJson() writes any event as one object on one line", () => {
  fc.assert(fc.property(
    fc.oneof(fc.constantFrom("log", "request.end"), fc.string()),
    fc.anything({ withBigInt: true, withDate: true, withMap: true }),
    fc.double(),
    (topic, data, time) => {
      const event = { id: 7, topic, time, data } as unknown as AnyEvent;
      const json = eventJson(event);
      assert.doesNotMatch(json, /[\r\n]/);
      const { id, kind, traceId, timestamp } = JSON.parse(json) as FeedItem;
      assert.deepEqual([id, kind], [7, topic]);
      assert.equal(typeof traceId, "string");
      assert.match(timestamp, /Z$/);
    },
  ));
});
