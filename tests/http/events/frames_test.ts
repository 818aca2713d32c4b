import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import {
  type AnyEvent,
  eventJson,
  gapJson,
} from "../../../src/http/events/frames.ts";
import type { FeedItem } from "../events_fixtures.ts";

function told(topic: string, data: unknown, time = 1_700_000_000.25): FeedItem {
  const event = { id: 7, topic, time, data } as unknown as AnyEvent;
  return JSON.parse(eventJson(event)) as FeedItem;
}

const head = {
  id: 7,
  traceId: "",
  kind: "log",
  timestamp: "2023-11-14T22:13:20.250Z",
};

test("an event of a request is flat, and says nothing that is empty", () => {
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
  assert.deepEqual(told("log", empty), head);
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
    assert.deepEqual(told(kind, full), { ...head, ...full, kind });
  }
});

test("an event of another topic carries its payload in data", () => {
  const kind = "joined";
  for (const data of [{ room: "a", status: 0 }, [1], "x", 0, null, false]) {
    assert.deepEqual(told(kind, data), { ...head, kind, data });
  }
  const traced = { traceId: "abc" };
  const all = { ...head, kind, traceId: "abc", data: traced };
  assert.deepEqual(told(kind, traced), all);
  assert.equal(told(kind, { traceId: 7 }).traceId, "");
});

test("no field of a payload takes the place of the event's own", () => {
  const data = { id: 99, kind: "x", timestamp: "never", traceId: 5 };
  assert.deepEqual(told("log", data), head);
});

test("a payload that JSON cannot say is said to be one", () => {
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
      const { error, ...rest } = told(kind, data);
      assert.equal(typeof error, "string");
      assert.doesNotMatch(error as string, /secret/);
      assert.deepEqual(rest, { ...head, kind });
    }
  }
});

test("a payload with a toJSON of its own does not replace the event", () => {
  for (const value of [undefined, 5, "x", null, {}]) {
    const data = { service: "shop", toJSON: () => value };
    assert.deepEqual(told("log", data), { ...head, service: "shop" });
  }
});

test("a timestamp is exact to the millisecond, whatever the fraction", () => {
  for (let ms = 1_763_690_000_000; ms < 1_763_690_001_000; ms++) {
    const { timestamp } = told("log", {}, ms / 1000);
    assert.equal(timestamp, new Date(ms).toISOString());
  }
});

test("a moment that RFC 3339 cannot say still is a timestamp of it", () => {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/;
  for (const time of [NaN, Infinity, -Infinity, 1e12, -1e12, 1e300]) {
    assert.match(told("log", {}, time).timestamp, form, `${time}`);
  }
});

test("a gap tells what is missing", () => {
  const gap = { gap: "lagged", from: 3, to: 9, missed: 5 } as const;
  assert.deepEqual(JSON.parse(gapJson(gap, 1_700_000_000.25)), {
    ...head,
    ...gap,
    id: 9,
    kind: "gap",
  });
});

test("law: any event is one object on one line, and keeps its head", () => {
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
