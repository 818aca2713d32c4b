import assert from "node:assert/strict";
import test from "node:test";
import { TraceBook } from "../../../page/parts/trace_book.ts";
import {
  MOST_ENTRIES,
  worstEntries,
} from "../../../page/views/overview/worst.ts";
import type { TraceSummary } from "../../../src/dashboard/protocol.ts";
import * as fc from "../../support/property.ts";

function trace(change: Partial<TraceSummary>): TraceSummary {
  return {
    id: "0".repeat(32),
    root: "GET /a",
    service: "shop",
    method: "GET",
    route: "/a",
    status: 200,
    start: 1000,
    ms: 100,
    failed: false,
    cause: "",
    spans: 1,
    ...change,
  };
}

const anyTrace = fc.record({
  id: fc.nat(1e9).map(String),
  method: fc.constantFrom("GET", "POST"),
  route: fc.constantFrom("/a", "/b", ""),
  cause: fc.constantFrom("timeout", "refused", ""),
  start: fc.integer({ min: 1000, max: 2000 }),
  ms: fc.integer({ min: 1, max: 5000 }),
  failed: fc.boolean(),
}).map(trace);

test("worstEntries() groups failures by route and cause", () => {
  const entries = worstEntries([
    trace({ id: "1", failed: true, cause: "timeout", start: 1000 }),
    trace({ id: "2", failed: true, cause: "timeout", start: 1010 }),
    trace({ id: "3", failed: true, cause: "refused" }),
    trace({ id: "4", ms: 900 }),
    trace({ id: "5", ms: 1200, route: "", method: "GET", root: "job" }),
  ]);

  assert.deepEqual(
    entries.map(({ name, cause, count, newest }) => [
      name,
      cause,
      count,
      newest.id,
    ]),
    [
      ["/a", "timeout", 2, "2"],
      ["/a", "refused", 1, "3"],
      ["job", "", 1, "5"],
      ["/a", "", 1, "4"],
    ],
  );
});

test("law: the list is bounded, failures first, slow ones in order", () => {
  fc.assert(fc.property(fc.array(anyTrace, { maxLength: 60 }), (any) => {
    const traces = [...new Map(any.map((each) => [each.id, each])).values()];
    const entries = worstEntries(traces);
    const slow = entries.filter(({ isFailed }) => !isFailed);
    const failed = entries.filter(({ isFailed }) => isFailed);

    assert.ok(entries.length <= MOST_ENTRIES);
    assert.deepEqual(entries, [...failed, ...slow]);
    assert.equal(new Set(entries.map(({ key }) => key)).size, entries.length);
    for (let i = 1; i < slow.length; i++) {
      assert.ok(slow[i - 1]!.newest.ms >= slow[i]!.newest.ms);
    }
    for (let i = 1; i < failed.length; i++) {
      assert.ok(failed[i - 1]!.count >= failed[i]!.count);
    }
    const all = traces.filter(({ failed }) => failed).length;
    const counted = failed.reduce((sum, { count }) => sum + count, 0);
    assert.ok(counted <= all);
  }));
});

test("TraceBook knows each trace once, and finds it by its end and route", () => {
  const book = new TraceBook();

  book.add([trace({ id: "1" }), trace({ id: "1" })], "feed");
  book.add([trace({ id: "1" })], "list");
  book.add([trace({ id: "1" })], "feed");
  book.add([trace({ id: "2", route: "/b" })], "feed");
  assert.deepEqual(
    book.within("", 1000.1, 1000.2).map(({ id }) => id),
    ["1", "2"],
  );
  assert.deepEqual(book.within("GET /b", 0, 2000).map(({ id }) => id), ["2"]);
  assert.deepEqual(book.within("", 1001, 2000), []);
  book.clear();
  assert.deepEqual(book.within("", 0, 2000), []);
});

test("TraceBook forgets the oldest, and keeps the failed and the listed", () => {
  const many = Array.from(
    { length: 700 },
    (_, i) => trace({ id: String(i), start: 1000 + i }),
  );
  const book = new TraceBook();
  book.add(many, "feed");
  const ids = book.within("", 0, 1e9).map(({ id }) => Number(id));

  assert.equal(ids.length, 400);
  assert.equal(Math.min(...ids), 300);

  book.add([trace({ id: "failed", start: 1, failed: true })], "feed");
  book.add([trace({ id: "listed", start: 2 })], "list");
  book.add(many, "feed");
  assert.deepEqual(
    book.within("", 0, 900).map(({ id }) => id),
    ["failed", "listed"],
  );
});
