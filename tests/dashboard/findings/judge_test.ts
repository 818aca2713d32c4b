/** Order, causes, words and bounds of all findings together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsOf } from "../../../src/dashboard/findings/cells.ts";
import { Judge, PERIOD } from "../../../src/dashboard/findings/judge.ts";
import {
  isFailure,
  requestSeries,
} from "../../../src/dashboard/findings/requests.ts";
import { percent, span } from "../../../src/dashboard/findings/words.ts";
import { ZERO_BUCKET } from "../../../src/dashboard/protocol.ts";

const cells = cellsOf({
  bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  native: false,
});

/** Judges traffic in which everything goes wrong after `calm` slots of 10 s. */
function trouble(judge: Judge, calm: number, slots: number) {
  const events: string[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const isBad = slot >= calm;
    for (const half of [2 * slot, 2 * slot + 1]) {
      for (const [route, failures, bucket] of TRAFFIC) {
        const name = { key: route, subject: { route }, family: "f" };
        const observe = (isFailed: boolean, requests: number) =>
          judge.routes.observe(half, name, cells, {
            isFailed,
            buckets: [[isBad ? bucket : 2, requests]],
          });
        observe(false, 50 - (isBad ? failures : 0));
        if (isBad && failures > 0) observe(true, failures);
      }
    }
    if (isBad) {
      judge.observeLoop(slot, "deno_eventloop_delay_seconds", 0.25, 4);
      judge.losses.spans.observe(slot, 100, 50);
      judge.observeOverflow(slot, "searches_total", 9);
    }
    judge.observeSource(slot, "disk", isBad ? "no disk" : undefined);
    judge.observeSizes(slot, [
      { name: "carts_total", series: isBad ? 820 + slot : 10, limit: 1000 },
      { name: "free_total", series: slot * 1000, limit: null },
    ]);
    const { opened, closed } = judge.judge(
      (slot + 1) * PERIOD,
      (time) => 1e9 + time,
    );
    events.push(...opened.map(({ id }) => `+${id}`));
    events.push(...closed.map(({ id }) => `-${id}`));
  }
  return events;
}

/** Routes, failures of 50 in 5 s, bucket of all answers. */
const TRAFFIC = [
  ["/slow", 0, 6],
  ["/slower", 0, 6],
  ["/fails", 5, 2],
  ["/fails-more", 20, 2],
  ["/calm", 0, 2],
] as const;

test("Judge orders findings: users, slowness, capacity, telemetry", () => {
  const judge = new Judge();
  trouble(judge, 120, 132);
  assert.deepEqual(judge.findings.all.map(({ id }) => id), [
    "failing:/fails-more",
    "failing:/fails",
    "slow:/slow",
    "slow:/slower",
    "loop",
    "source:disk",
    "loss:spans",
    "overflow:searches_total",
    "filling:carts_total",
  ]);
  assert.deepEqual(judge.findings.judged, { routes: 5, rules: 6 });
  for (const { since, opened, until, threshold } of judge.findings.all) {
    assert.ok(Math.abs(since - (1e9 + 1200)) <= 10, `${since}`);
    assert.ok(opened >= since && until === null);
    assert.match(threshold, /^[A-Z].*\.$/);
  }
});

test("Judge reports closed findings after open ones, for 10 minutes", () => {
  const judge = new Judge();
  const name = { key: "/", subject: {}, family: "f" };
  const play = (from: number, to: number, isFailed: boolean) => {
    for (let slot = from; slot < to; slot++) {
      judge.routes.observe(2 * slot + 1, name, undefined, {
        isFailed,
        buckets: [[0, 20]],
      });
      if (slot > 90) judge.losses.logs.observe(slot, 100, 100);
      judge.judge((slot + 1) * PERIOD, (time) => time);
    }
    return judge.findings.all.map(({ id, until }) => [id, until !== null]);
  };
  play(0, 80, false);
  assert.deepEqual(play(80, 90, true), [["failing:/", false]]);
  assert.deepEqual(play(90, 100, false), [["loss:logs", false], [
    "failing:/",
    true,
  ]]);
  assert.deepEqual(play(100, 160, false), [["loss:logs", false]]);
});

test("Judge has one finding for a timeout: its route fails", () => {
  const judge = new Judge();
  const name = { key: "/", subject: {}, family: "f" };
  const opened: string[] = [];
  const play = (from: number, to: number, failures: number, bucket: number) => {
    for (let slot = from; slot < to; slot++) {
      const observe = (isFailed: boolean, bucket: number, requests: number) =>
        judge.routes.observe(2 * slot + 1, name, cells, {
          isFailed,
          buckets: [[bucket, requests]],
        });
      observe(false, bucket, 50 - failures);
      if (failures > 0) observe(true, 8, failures);
      const judged = judge.judge((slot + 1) * PERIOD, (time) => time);
      opened.push(...judged.opened.map(({ id }) => id));
    }
  };
  play(0, 360, 1, 2); // Timeouts of the past are no usual slowness.
  play(360, 390, 30, 2);
  assert.deepEqual(opened, ["failing:/"]);
  play(390, 400, 30, 6); // Requests that do not fail are slow as well.
  assert.deepEqual(opened, ["failing:/", "slow:/"]);
  const { k, n, usual } = judge.findings.all.find(({ rule }) =>
    rule === "slow"
  )!;
  assert.ok(k === n || k % 20 === 0, `${k} of ${n}`);
  assert.equal(n % 20, 0);
  assert.ok(usual! < 0.001, `${usual}`);
});

test("Judge has one finding for a family that fills up and is full then", () => {
  const judge = new Judge();
  const ids: string[][] = [];
  const events: string[] = [];
  for (let slot = 0; slot < 10; slot++) {
    const series = Math.min(1000, 820 + 30 * slot);
    if (slot >= 6) judge.observeOverflow(slot, "searches_total", 9);
    judge.observeSizes(slot, [{ name: "searches_total", series, limit: 1000 }]);
    const { opened, closed } = judge.judge((slot + 1) * PERIOD, (t) => t);
    events.push(...opened.map(({ id }) => `+${id}`));
    events.push(...closed.map(({ id }) => `-${id}`));
    ids.push(judge.findings.all.map(({ id }) => id));
  }
  const [filling, full] = [["filling:searches_total"], [
    "overflow:searches_total",
  ]];
  assert.deepEqual([ids[2], ids[3], ids[5]], [[], filling, filling]);
  assert.deepEqual([ids[6], ids[9]], [full, full]);
  assert.deepEqual(events, [
    "+filling:searches_total",
    "+overflow:searches_total",
    "-filling:searches_total",
  ]);
});

test("Judge publishes each opening and closing once", () => {
  const events = trouble(new Judge(), 120, 132);
  assert.equal(events.length, 9);
  assert.equal(new Set(events).size, 9);
});

test("Judge keeps the last cause that was known, and survives a bad one", () => {
  let call = 0;
  const causes = ["first", "", "second"];
  const judge = new Judge(({ rule }) => {
    if (rule !== "failing") throw new Error("no cause");
    return causes[call++] ?? (undefined as unknown as string);
  });
  const seen: string[] = [];
  for (let slot = 0; slot < 8; slot++) {
    judge.routes.observe(
      2 * slot,
      {
        key: "/",
        subject: {},
        family: "f",
      },
      undefined,
      { isFailed: true, buckets: [[0, 20]] },
    );
    judge.observeLoop(slot, "loop", 0.5, 9);
    judge.judge((slot + 1) * PERIOD, (time) => time);
    const [failing] = judge.findings.all;
    if (failing !== undefined) seen.push(failing.cause);
  }
  assert.deepEqual(seen.slice(0, 4), ["first", "first", "second", "second"]);
  assert.ok(judge.findings.all.some(({ id }) => id === "loop"));
});

test("Judge forgets the cause of a finding before", () => {
  let isKnown = true;
  const judge = new Judge(() => isKnown ? "a reason" : "");
  const name = { key: "/", subject: {}, family: "f" };
  const play = (from: number, to: number, isFailed: boolean) => {
    for (let slot = from; slot < to; slot++) {
      judge.routes.observe(2 * slot, name, undefined, {
        isFailed,
        buckets: [[0, 20]],
      });
      judge.judge((slot + 1) * PERIOD, (time) => time);
    }
    return judge.findings.all.map((
      { cause, until },
    ) => [cause, until === null]);
  };
  assert.deepEqual(play(0, 10, true), [["a reason", true]]);
  isKnown = false;
  assert.deepEqual(play(10, 20, false), [["a reason", false]]);
  assert.deepEqual(play(20, 40, true), [["", true]]);
});

test("Judge holds a bounded number of sources and families", () => {
  const judge = new Judge();
  for (let slot = 0; slot < 4; slot++) {
    for (let i = 0; i < 3000; i++) {
      judge.observeSource(slot, `source ${i}`, "down");
      judge.observeOverflow(slot, `family ${i}`, 1);
    }
    judge.judge((slot + 1) * PERIOD, (time) => time);
  }
  assert.equal(judge.findings.all.length, 2000);
});

test("Judge says how many routes it has left out, while they are used", () => {
  const judge = new Judge();
  const visit = (slot: number, number: number) => {
    for (let route = 0; route < number; route++) {
      const name = { key: `/${route}`, subject: {}, family: "f" };
      judge.routes.observe(2 * slot, name, undefined, {
        isFailed: false,
        buckets: [[0, 1]],
      });
    }
    judge.judge((slot + 1) * PERIOD, (time) => time);
    return judge.findings.judged;
  };
  assert.deepEqual(visit(0, 250), { routes: 200, rules: 6, leftOut: 50 });
  assert.deepEqual(visit(5, 100), { routes: 200, rules: 6, leftOut: 50 });
  assert.deepEqual(visit(8, 100), { routes: 200, rules: 6 });
});

test("Judge ends a nearly full family that is gone", () => {
  const judge = new Judge();
  const sizes = [[890], [930], [940], [], []];
  sizes.forEach((series, slot) => {
    judge.observeSizes(
      slot,
      series.map((series) => ({ name: "a", series, limit: 1000 })),
    );
    judge.judge((slot + 1) * PERIOD, (time) => time);
    const [finding] = judge.findings.all;
    if (slot === 2) assert.equal(finding?.until, null);
    if (slot === 4) assert.equal(finding?.until, 40);
  });
});

test("isFailure() knows classes, codes and errors, and no 4xx", () => {
  for (
    const [status, error] of [
      ["5xx"],
      ["503"],
      ["500", "TypeError"],
      ["error"],
      ["", "TypeError"],
    ]
  ) {
    assert.equal(isFailure(status!, error ?? ""), true, `${status}`);
  }
  for (
    const [status, error] of [["2xx"], ["404"], ["4xx"], ["499", "499"], [""], [
      "1xx",
    ]]
  ) {
    assert.equal(isFailure(status!, error ?? ""), false, `${status}`);
  }
});

test("requestSeries() reads the labels of both naming schemes", () => {
  const classic = requestSeries(
    { name: "f", labels: ["method", "route", "status_class"] },
    { method: "method", route: "route", status: "status_class", peer: null },
    ["GET", "/a", "5xx"],
  );
  assert.deepEqual(classic, {
    name: {
      key: "GET /a",
      subject: { method: "GET", route: "/a" },
      family: "f",
    },
    isFailed: true,
  });
  const without = requestSeries(
    { name: "f", labels: ["http_response_status_code", "error_type"] },
    {
      method: null,
      route: null,
      status: "http_response_status_code",
      peer: null,
    },
    ["", "TypeError"],
  );
  assert.deepEqual(without, {
    name: { key: "", subject: {}, family: "f" },
    isFailed: true,
  });
});

test("cellsOf() keeps bounds, thins out many, and merges native buckets", () => {
  assert.equal(cellsOf({ bounds: null, native: false }), undefined);
  assert.equal(cellsOf({ bounds: [], native: false }), undefined);
  const few = cellsOf({ bounds: [1, 2, 5], native: false })!;
  assert.deepEqual(few.bounds, [1, 2, 5]);
  assert.deepEqual([0, 1, 2, 3].map(few.cellOf), [0, 1, 2, 3]);

  const bounds = Array.from({ length: 100 }, (_, i) => i + 1);
  const many = cellsOf({ bounds, native: false })!;
  assert.ok(many.bounds.length <= 40);
  assert.equal(many.bounds.at(-1), 100);
  for (let bucket = 0; bucket <= 100; bucket++) {
    const cell = many.cellOf(bucket);
    // The cell covers the bucket: no observation seems faster than it was.
    assert.ok((many.bounds[cell] ?? Infinity) >= (bounds[bucket] ?? Infinity));
    assert.ok((many.bounds[cell - 1] ?? 0) <= (bounds[bucket - 1] ?? 0));
  }

  const native = cellsOf({ bounds: null, native: true })!;
  assert.equal(native.cellOf(ZERO_BUCKET), 0);
  for (let bucket = -60; bucket <= 40; bucket++) {
    const upper = 2 ** (bucket / 4);
    const cell = native.cellOf(bucket);
    assert.ok((native.bounds[cell] ?? Infinity) >= upper * (1 - 1e-12));
    const lower = native.bounds[cell - 1] ?? 0;
    assert.ok(lower <= 2 ** ((bucket - 1) / 4) * (1 + 1e-12) || bucket > 24);
  }
});

test("words of thresholds", () => {
  assert.deepEqual(
    [0, 0.0004, 0.003, 0.02, 0.1234, 1].map(percent),
    ["0 %", "< 0.1 %", "0.3 %", "2 %", "12 %", "100 %"],
  );
  assert.deepEqual(
    [0.025, 0.75, 1, 30, 60, 90, 120, 600].map(span),
    ["25 ms", "750 ms", "1 s", "30 s", "1 min", "90 s", "2 min", "10 min"],
  );
});
