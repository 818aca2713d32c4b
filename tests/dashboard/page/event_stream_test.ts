import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EventStreamReader,
  type StreamEvent,
} from "../../../page/core/event_stream.ts";
import * as fc from "../../support/property.ts";

function read(...texts: readonly string[]): StreamEvent[] {
  const events: StreamEvent[] = [];
  const reader = new EventStreamReader((event) => events.push(event));
  for (const text of texts) reader.push(text);
  return events;
}

const word = fc.stringMatching(/^[a-z é€😀{}":,]*$/);

test("law: a stream cut anywhere, with any ends of lines, has its events", () => {
  const anyEvent = fc.record({
    event: fc.constantFrom("d", "names", ""),
    lines: fc.array(word, { minLength: 1, maxLength: 3 }),
    id: fc.constantFrom("", "e:1", "e:2"),
    comment: fc.boolean(),
  });
  fc.assert(fc.property(
    fc.array(anyEvent, { maxLength: 5 }),
    fc.constantFrom("\n", "\r", "\r\n"),
    fc.array(fc.nat(), { maxLength: 8 }),
    (events, end, cuts) => {
      const lines = events.flatMap(({ comment, event, id, lines }) => [
        ...(comment ? [": x"] : []),
        ...(id === "" ? [] : [`id: ${id}`]),
        ...(event === "" ? [] : [`event: ${event}`]),
        ...lines.map((line) => `data: ${line}`),
        "",
      ]);
      const text = lines.map((line) => line + end).join("");
      const places = cuts.map((cut) => cut % (text.length + 1)).sort((a, b) =>
        a - b
      );
      const parts = [0, ...places].map((place, i) =>
        text.slice(place, places[i] ?? text.length)
      );
      let newest = "";
      assert.deepEqual(
        read(...parts),
        events.map(({ event, id, lines }) => ({
          event: event || "message",
          data: lines.join("\n"),
          id: newest = id || newest,
        })),
      );
    },
  ));
});

test("an event that is not complete is not read", () => {
  assert.deepEqual(read("data: a\n"), []);
});

test("an event without data is none, but its id counts", () => {
  assert.deepEqual(read("id: 5\n\ndata: a\n\n"), [
    { event: "message", data: "a", id: "5" },
  ]);
});

test("a byte order mark, colons and missing values are read as the standard says", () => {
  assert.deepEqual(read("\ufeffdata:a:b\ndata\nfoo: x\n\n"), [
    { event: "message", data: "a:b\n", id: "" },
  ]);
});

test("an endless event is an error", () => {
  const part = "x".repeat(1 << 20);
  assert.throws(
    () => read("data: ", ...Array.from({ length: 17 }, () => part)),
    RangeError,
  );
});
