import assert from "node:assert/strict";
import test from "node:test";
import {
  MOST_FINDINGS,
  shownFindings,
} from "../../../page/views/overview/shown_findings.ts";
import {
  countWords,
  plainSentence,
  shareWords,
  wordFinding,
  type WordingContext,
} from "../../../page/views/overview/wording.ts";
import type { Finding } from "../../../src/dashboard/protocol.ts";
import * as fc from "../../support/property.ts";

const NOW = 14 * 3600 + 27 * 60;

const CONTEXT: WordingContext = {
  hello: {
    requests: {
      method: "method",
      route: "route",
      status: "status",
      peer: null,
    },
    has: { fleet: false, events: true, traces: true, health: true },
  },
  now: NOW,
  limitOf: (family) => family === "shop_searches_total" ? 1000 : null,
};

const FAILING: Finding = {
  id: "failing:POST /orders/:payment",
  rule: "failing",
  subject: { method: "POST", route: "/orders/:payment" },
  family: "http_request_duration_seconds",
  since: NOW - 372,
  isSinceExact: true,
  opened: NOW - 350,
  until: null,
  window: 120,
  k: 82,
  n: 402,
  usual: 0.004,
  limit: 0.02,
  above: null,
  threshold: "At least 5 requests failed",
  cause: "payments: timeout, in 25 of 26 failed traces",
};

const spaced = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

function sentence(change: Partial<Finding>, context = CONTEXT): string {
  return spaced(plainSentence(wordFinding({ ...FAILING, ...change }, context)));
}

test("wordFinding() says where, how much and since when", () => {
  const worded = wordFinding(FAILING, CONTEXT);

  assert.equal(
    plainSentence(worded),
    "POST /orders/:payment fails for 1 in 5 requests",
  );
  assert.deepEqual(worded.sentence.map(({ kind }) => kind), [
    "name",
    "text",
    "number",
    "text",
  ]);
  assert.equal(
    spaced(worded.cause),
    "payments: timeout, in 25 of 26 failed traces. Usually 0.4 % fail.",
  );
  assert.equal(worded.since, "since 14:20");
  assert.equal(spaced(worded.passed), "6 min ago");
  assert.deepEqual(worded.proof, {
    label: "Failed traces",
    to: {
      view: "traces",
      path: [],
      route: "POST /orders/:payment",
      rest: { list: "failed" },
    },
  });
  assert.equal(worded.threshold, FAILING.threshold);
});

test("wordFinding() leads to the route where no traces are kept", () => {
  const has = { ...CONTEXT.hello.has, traces: false };
  const { proof } = wordFinding(FAILING, {
    ...CONTEXT,
    hello: { ...CONTEXT.hello, has },
  });

  assert.equal(proof.to.view, "routes");
});

test("wordFinding() tells what is over in the past, and until when", () => {
  const over = { ...FAILING, until: NOW - 60 };
  const worded = wordFinding(over, CONTEXT);

  assert.equal(
    plainSentence(worded),
    "POST /orders/:payment failed for 1 in 5 requests",
  );
  assert.equal(worded.since, "until 14:26");
  assert.equal(worded.passed, "since 14:20");
  assert.equal(worded.isOpen, false);
});

test("wordFinding() does not claim a begin that is not known", () => {
  const roughly = { ...FAILING, isSinceExact: false };

  assert.equal(wordFinding(roughly, CONTEXT).since, "since about 14:20");
  assert.deepEqual(
    (({ since, passed }) => [since, passed])(
      wordFinding({ ...roughly, since: NOW - 3500 }, CONTEXT),
    ),
    ["for an hour", "or longer"],
  );
});

test("each rule has its sentence", () => {
  assert.equal(
    sentence({ rule: "slow", above: 1, k: 100, n: 402 }),
    "POST /orders/:payment takes more than 1 s for 1 in 4 requests",
  );
  assert.equal(
    sentence({ rule: "loop", above: 0.1, k: 3, n: 60 }),
    "The event loop is more than 100 ms late for 5 % of the time",
  );
  assert.equal(
    sentence({ rule: "loop", above: 0.05, k: 60, n: 60 }),
    "The event loop is more than 50 ms late for nearly all of the time",
  );
  assert.equal(
    sentence({ rule: "loop", above: 1, k: 3, n: 600 }),
    "The event loop has been more than 1 s late 3 times in 10 min",
  );
  const full = { rule: "overflow", family: "shop_searches_total" } as const;
  assert.equal(
    sentence({ ...full, k: 214, n: 214, limit: null }),
    "shop_searches_total is full at 1 000 series: new label sets share one series",
  );
  assert.equal(
    sentence({ ...full, k: 930, n: 1000, limit: 0.9 }),
    "shop_searches_total is nearly full: 930 of 1 000 series",
  );
  assert.equal(
    sentence({ ...full, k: 1000, n: 1000, limit: 0.9 }),
    "shop_searches_total is full: 1 000 of 1 000 series",
  );
  assert.equal(
    sentence({ rule: "loss", k: 5, n: 100 }),
    "1 in 20 spans is lost",
  );
  assert.equal(
    sentence({ rule: "slow", above: 0.5, k: 98, n: 100 }),
    "POST /orders/:payment takes more than 500 ms for nearly all requests",
  );
  assert.equal(
    sentence({ rule: "loss", k: 100, n: 100 }),
    "All spans are lost",
  );
  assert.equal(
    sentence({ rule: "loss", subject: { items: "logs" }, k: 3, n: 10 }),
    "3 in 10 log events are lost",
  );
  assert.equal(
    sentence({ rule: "loss", k: 50, n: 99 }),
    "Half of the spans are lost",
  );
  assert.equal(
    sentence({ rule: "loss", subject: { items: "points" }, k: 99, n: 100 }),
    "Nearly all metric points are lost",
  );
  assert.equal(
    sentence({ rule: "source", subject: { source: "pool" } }),
    "The source pool fails to report its metrics",
  );
});

test("what is over has its sentence in the past", () => {
  const over = { until: NOW - 60 };
  assert.equal(
    sentence({ ...over, rule: "slow", above: 0.5, k: 99, n: 100 }),
    "POST /orders/:payment took more than 500 ms for nearly all requests",
  );
  assert.equal(
    sentence({ ...over, rule: "loop", above: 1, k: 1, n: 600 }),
    "The event loop was more than 1 s late once in 10 min",
  );
  const family = { ...over, rule: "overflow", family: "carts" } as const;
  assert.equal(
    sentence({ ...family, limit: null }),
    "carts was full: new label sets shared one series",
  );
  assert.equal(
    sentence({ ...family, k: 930, n: 1000, limit: 0.9 }),
    "carts was nearly full: 930 of 1 000 series",
  );
});

test("a cause compares with the usual, and counts", () => {
  const cause = (change: Partial<Finding>) =>
    spaced(wordFinding({ ...FAILING, cause: "", ...change }, CONTEXT).cause);
  assert.equal(cause({ usual: null }), "");
  assert.equal(cause({ usual: 0.0005 }), "Usually hardly any fail.");
  assert.equal(
    cause({ rule: "slow", usual: 0.03 }),
    "Usually 3 % take that long.",
  );
  const full = { rule: "overflow", limit: null, window: 600 } as const;
  assert.equal(
    cause({ ...full, k: 1, n: 1 }),
    "It refused 1 look-up of new label sets in 10 min.",
  );
  assert.equal(
    cause({ ...full, k: 2140, n: 2140 }),
    "It refused 2 140 look-ups of new label sets in 10 min.",
  );
});

test("law: every finding has a sentence, a time and a proof", () => {
  const anyFinding = fc.record({
    rule: fc.constantFrom<Finding["rule"]>(
      "failing",
      "slow",
      "loop",
      "overflow",
      "loss",
      "source",
    ),
    subject: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
    family: fc.option(fc.string()),
    k: fc.nat(1000),
    n: fc.nat(1000),
    usual: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    above: fc.option(fc.double({ min: 1e-6, max: 1e3, noNaN: true })),
    until: fc.option(fc.integer({ min: NOW - 600, max: NOW })),
    isSinceExact: fc.boolean(),
    cause: fc.string(),
  });
  fc.assert(fc.property(anyFinding, (change) => {
    const worded = wordFinding({ ...FAILING, ...change }, CONTEXT);

    assert.ok(plainSentence(worded).trim().length > 5);
    assert.doesNotMatch(plainSentence(worded), /NaN|undefined|null/);
    assert.match(worded.since, /^(since|until|for an hour)/);
    assert.ok(worded.proof.label.length > 0);
    assert.ok(worded.proof.to.view !== undefined);
  }));
});

test("shareWords() says shares as people picture them", () => {
  assert.deepEqual(
    [
      ...[[1, 1], [999, 1000], [95, 100], [949, 1000], [90, 100]],
      ...[[3, 4], [2, 3], [1, 2], [20, 100], [1, 40], [1, 500]],
    ].map(([k, n]) => spaced(shareWords(k!, n!))),
    [
      "all",
      "nearly all",
      "nearly all",
      "9 in 10",
      "9 in 10",
      "3 in 4",
      "2 in 3",
      "half of the",
      "1 in 5",
      "1 in 40",
      "0.2 % of",
    ],
  );
});

test("law: worded shares are off by a tenth, or four hundredths", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 100_000 }),
    fc.double({ min: 0.005, max: 1, noNaN: true }),
    (n, share) => {
      const k = Math.ceil(n * share);
      const told = shareWords(k, n);
      const [, a, b] = told.match(/^(\d+) in (\d+)$/) ?? [];
      const read = told === "all"
        ? 1
        : told === "nearly all"
        ? 0.975
        : told === "half of the"
        ? 0.5
        : Number(a) / Number(b);
      const real = Math.min(1, k / n);
      assert.ok(told === "all" ? k >= n : a !== b || a === undefined, told);

      assert.ok(Math.abs(read - real) <= Math.max(0.04, real * 0.1), told);
    },
  ));
});

test("shownFindings() has the open ones first, at most five", () => {
  const all = Array.from({ length: 7 }, (_, i) => ({
    ...FAILING,
    id: String(i),
    until: i === 0 ? NOW : null,
  }));
  const { shown, more, open } = shownFindings(all);

  assert.equal(shown.length, MOST_FINDINGS);
  assert.deepEqual(shown.map(({ id }) => id), ["1", "2", "3", "4", "5"]);
  assert.equal(more, 2);
  assert.equal(open, 6);
  assert.deepEqual([0, 1, 3].map(countWords), [
    "Nothing needs a look.",
    "1 thing needs a look",
    "3 things need a look",
  ]);
});

test("shownFindings() does not call a full family nearly full", () => {
  const overflow = { ...FAILING, rule: "overflow" } as const;
  const filling = (family: string) => ({ ...overflow, id: family, family });
  const { shown, more, open } = shownFindings([
    filling("a_total"),
    filling("b_total"),
    { ...overflow, id: "full", family: "a_total", limit: null },
  ]);

  assert.deepEqual(shown.map(({ id }) => id), ["b_total", "full"]);
  assert.deepEqual([more, open], [0, 2]);
});
