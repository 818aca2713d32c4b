/** Words about traces, and the rank of a span in its histogram. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bucketOf,
  comparedLabels,
  counted,
  rankWords,
} from "../../../page/views/traces/counted.ts";
import { newerTraces, withNewer } from "../../../page/views/traces/newer.ts";
import {
  errorOf,
  nameOf,
  sentenceOf,
  servicesOf,
  sinceWords,
  tookWords,
} from "../../../page/views/traces/words.ts";
import { bucketRange } from "../../../page/core/quantiles.ts";
import {
  type FamilyInfo,
  type History,
  type Trace,
  type TraceList,
  ZERO_BUCKET,
} from "../../../src/dashboard/protocol.ts";
import * as fc from "../../support/property.ts";
import { spanOf } from "./spans.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

function traceOf(init: Partial<Trace>): Trace {
  return {
    id: "1",
    root: "GET /search",
    service: "shop",
    method: "GET",
    route: "/search",
    status: 200,
    start: 1000,
    ms: 100,
    failed: false,
    cause: "",
    spans: init.all?.length ?? 0,
    all: [],
    lost: 0,
    ...init,
  };
}

test("sentenceOf() says the cause of a failure, or where the time went", () => {
  const sentence = (init: Partial<Trace>) => sentenceOf(traceOf(init));
  const failure = { failed: true, cause: "payments: no answer" };
  assert.equal(sentence(failure), "payments: no answer.");
  assert.equal(sentence({ failed: true }), "");
  const root = spanOf({ name: "GET /search", ownMs: 10 });
  const query = spanOf({ id: "1", parent: "0", name: "db.search", ownMs: 45 });
  assert.equal(
    sentence({ all: [root, query, query] }),
    "90 % of the time is spent in db.search.",
  );
  const own = { ...root, ownMs: 900 };
  assert.equal(
    sentence({ all: [own, query] }),
    "95 % of the time is its own, in no span below it.",
  );
  const even = [1, 2, 3].map((id) =>
    spanOf({ id: `${id}`, name: `${id}`, ownMs: 1 })
  );
  assert.equal(sentence({ all: even }), "");
  assert.equal(sentence({ all: [root] }), "");
  assert.equal(sentence({ all: [] }), "");
});

test("spans say when they began, how long they took, and how they failed", () => {
  assert.equal(plain(sinceWords(757)), "+757 ms");
  assert.equal(plain(sinceWords(-2)), "−2.0 ms");
  const took = (ms: number, ownMs: number) =>
    plain(tookWords(spanOf({ ms, ownMs })));
  assert.equal(took(503, 503), "503 ms, all of it own time");
  assert.equal(took(503, 0), "503 ms, none of it own time");
  assert.equal(took(1500, 12), "1.50 s, 12 ms of it own time");
  assert.equal(took(0, 0), "0 s");
  assert.equal(errorOf(spanOf()), null);
  const attributes = { "error.type": "503" };
  assert.deepEqual(
    errorOf(spanOf({ failed: true, error: "no", attributes })),
    { type: "503", message: "no" },
  );
  const exception = {
    name: "exception",
    ms: 1,
    attributes: { "exception.type": "Late", "exception.message": "too late" },
  };
  assert.deepEqual(
    errorOf(spanOf({ failed: true, attributes, events: [exception] })),
    { type: "Late", message: "too late" },
  );
  assert.deepEqual(errorOf(spanOf({ failed: true, error: "failed" })), {
    type: "failed",
    message: "",
  });
});

test("nameOf() and servicesOf() name a trace and its services", () => {
  const name = (method: string, route: string) =>
    nameOf({ method, route, root: "job" });
  assert.deepEqual(name("GET", "/a"), { method: "GET", rest: "/a" });
  assert.deepEqual(name("GET", ""), { method: "GET", rest: "(no route)" });
  assert.deepEqual(name("", ""), { method: "", rest: "job" });
  const spans = ["a", "b", "b"].map((service) => spanOf({ service }));
  assert.deepEqual(servicesOf(spans), [["b", 2], ["a", 1]]);
});

const FAMILY: FamilyInfo = {
  id: 3,
  name: "calls_seconds",
  type: "histogram",
  help: "",
  unit: "seconds",
  labels: ["peer", "outcome"],
  bounds: [0.1, 0.5, 1],
  native: false,
  quantiles: null,
  series: 2,
  limit: null,
  role: "calls",
};

function historyOf(...d: History["families"][0]["series"][0]["d"][]): History {
  return {
    epoch: "e",
    seq: 1,
    from: 0,
    step: 10,
    columns: 90,
    gaps: [],
    names: {
      f: [FAMILY],
      s: d.map((_, index) => ({
        id: index + 1,
        family: 3,
        values: [["pay", "2xx"], ["pay", "error"], ["stock", "2xx"]][index]!,
      })),
    },
    families: [{
      id: 3,
      series: d.map((d, index) => ({ id: index + 1, base: 0, total: 0, d })),
    }],
  };
}

test("counted() sums all outcomes of the series with the labels", () => {
  const history = historyOf(
    [[0, 1.5, 0, 40, 1, 10], [7, 0.5, 0, 20]],
    [[7, 0.6, 2, 5, 3, 5]],
    [[7, 9, 3, 1000]],
  );
  const labels = comparedLabels({ peer: "pay", outcome: "error" }, []);
  assert.deepEqual(labels, [["peer", "pay"]]);
  const found = counted(history, FAMILY, labels, 0.503)!;
  assert.deepEqual([...found.counts].sort(), [[0, 60], [1, 10], [2, 5], [
    3,
    5,
  ]]);
  assert.equal(found.total, 80);
  assert.equal(found.bucket, 2);
  assert.equal(rankWords(found), "Slower than 87 % of 80 calls.");
  assert.match(rankWords(counted(history, FAMILY, labels, 0.01)!), /^As fast/);
  assert.equal(counted(history, FAMILY, [["peer", "none"]], 1), undefined);
});

test("rankWords() claims no more than buckets tell", () => {
  const rank = (faster: number, same: number, total = 200) =>
    rankWords({ faster, same, total, counts: new Map(), bucket: 0 });
  assert.equal(
    rank(0, 0.4),
    "As fast as any: 40 % of 200 calls are in its bucket.",
  );
  assert.equal(rank(0, 0), "Faster than all of 200 calls.");
  assert.equal(rank(0.999, 0.001), "Slower than 99 % of 200 calls.");
  assert.equal(rank(1, 0), "Slower than all of 200 calls.");
  assert.equal(rank(0.004, 0.2), "Slower than less than 1 % of 200 calls.");
});

test("law: bucketOf() is the bucket whose range has the value", () => {
  const native = { native: true, bounds: null };
  const classic = { native: false, bounds: [0.005, 0.1, 2.5] };
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 1e4, noNaN: true }),
      fc.constantFrom(native, classic),
      (value, family) => {
        const { from, to } = bucketRange(family, bucketOf(family, value));
        // The bounds of native buckets are rounded.
        assert.ok(value >= from * (1 - 1e-12) && value <= to * (1 + 1e-12));
      },
    ),
    { numRuns: 500 },
  );
  assert.equal(bucketOf(native, 0), ZERO_BUCKET);
});

test("newerTraces() continues the lists of the latest and the failed ones", () => {
  const feed = [1, 2, 3, 4, 5].map((number) =>
    traceOf({
      id: String(number),
      failed: number % 2 === 0,
      route: number === 5 ? "/other" : "/search",
    })
  );
  const ids = (
    last: string,
    list: "latest" | "slowest" | "failed",
    route = "",
  ) => newerTraces(feed, last, list, route).map(({ id }) => id);
  assert.deepEqual(ids("2", "latest"), ["5", "4", "3"]);
  assert.deepEqual(ids("2", "latest", "GET /search"), ["4", "3"]);
  assert.deepEqual(ids("1", "failed"), ["4", "2"]);
  assert.deepEqual(ids("5", "latest"), []);
  assert.deepEqual(ids("gone", "latest").length, 5);
  assert.deepEqual(ids("1", "slowest"), []);
});

test("withNewer() lists each trace once, as it is now, at most 100 of them", () => {
  const answer: TraceList = {
    epoch: "e",
    list: "latest",
    traces: Array.from({ length: 100 }, (_, i) => traceOf({ id: `old${i}` })),
    counts: { latest: 100, slowest: 7, failed: 0 },
    lost: 0,
    bytes: 0,
  };
  const again = traceOf({ id: "old3", spans: 9 });
  const next = withNewer(answer, [traceOf({ id: "new" }), again]);
  assert.equal(next.traces.length, 100);
  assert.deepEqual(next.traces.slice(0, 3).map(({ id }) => id), [
    "new",
    "old3",
    "old0",
  ]);
  assert.equal(next.traces[1], again);
  assert.deepEqual(next.counts, { latest: 100, slowest: 7, failed: 0 });
});
