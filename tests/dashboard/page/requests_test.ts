import assert from "node:assert/strict";
import test from "node:test";
import {
  failuresOf,
  figuresOf,
  groupRequests,
  isFailure,
  joinGroups,
  lastWindow,
  sampledSeconds,
  windowOf,
} from "../../../page/parts/requests.ts";
import {
  failingRoutes,
  failureNotes,
  figureWindow,
  routeRows,
} from "../../../page/parts/route_rows.ts";
import { rateTrack } from "../../../page/charts/tracks.ts";
import type { Axis, Series } from "../../../page/core/data.ts";
import type { Finding } from "../../../src/dashboard/protocol.ts";
import * as fc from "../../support/property.ts";
import { LABELS, REQUESTS } from "./request_family.ts";

/** A series with the same growth of one bucket in each column. */
function seriesOf(
  values: readonly string[],
  grown: readonly number[],
  bucket = 0,
): Series {
  const columns = Float64Array.from(grown);
  return {
    info: { id: 1, family: 1, values },
    values: columns,
    sums: columns.map((value) => value * 0.05),
    buckets: new Map([[bucket, columns.map((value) => value || 0)]]),
    total: 0,
  };
}

function axisOf(columns: number, step = 1): Axis {
  return { from: 7200, step, columns, to: 7200 + columns * step, gaps: [] };
}

test("failuresOf() is zero where something was asked, not where nothing is known", () => {
  const ok = seriesOf(["GET", "/a", "2xx"], [NaN, 4, 0, NaN, NaN, 4]);
  const failed = seriesOf(["GET", "/a", "5xx"], [NaN, NaN, NaN, NaN, 2, 3]);
  const track = (part: Parameters<typeof failuresOf>[0]) => [
    ...rateTrack(axisOf(6), failuresOf(part)).values,
  ];

  assert.deepEqual(
    track({ series: [ok, failed], failed: [failed] }),
    [NaN, 0, 0, NaN, 2, 3],
  );
  assert.deepEqual(
    track({ series: [ok], failed: [] }),
    [NaN, 0, 0, NaN, NaN, 0],
  );
  assert.deepEqual(track({ series: [], failed: [] }), Array(6).fill(NaN));
});

test("groupRequests() joins statuses of a route and knows its failures", () => {
  const groups = groupRequests(
    [
      seriesOf(["GET", "/a", "2xx"], [1]),
      seriesOf(["GET", "/a", "5xx"], [1]),
      seriesOf(["GET", "", "2xx"], [1]),
      seriesOf(["overflow", "overflow", "overflow"], [1]),
    ],
    REQUESTS,
    LABELS,
  );

  assert.deepEqual(
    groups.map(({ key, method, name, isOverflow, series, failed }) => [
      key,
      method,
      name,
      isOverflow,
      series.length,
      failed.length,
    ]),
    [
      ["GET /a", "GET", "/a", false, 2, 1],
      ["GET", "GET", "", false, 1, 0],
      ["overflow overflow", "overflow", "overflow", true, 1, 0],
    ],
  );
});

test("groupRequests() groups calls by the called service", () => {
  const [group] = groupRequests(
    [seriesOf(["POST", "payments", "503"], [1])],
    { labels: ["method", "peer", "code"] },
    { method: "method", route: null, status: "code", peer: "peer" },
  );

  assert.equal(group?.key, "POST payments");
  assert.equal(group?.failed.length, 1);
});

test("isFailure() knows classes and codes", () => {
  assert.deepEqual(
    ["2xx", "404", "5xx", "503", "error", ""].map(isFailure),
    [false, false, true, true, true, false],
  );
});

test("windows are whole columns", () => {
  const axis = { ...axisOf(90, 10), to: 7200 + 894 };

  assert.deepEqual(lastWindow(axis, 60), { first: 84, end: 90 });
  assert.deepEqual(lastWindow({ ...axis, to: 7200 + 30 }, 60), {
    first: 0,
    end: 3,
  });
  assert.deepEqual(windowOf(axis, 7205, 7230), { first: 0, end: 3 });
  assert.deepEqual(windowOf(axis, 0, 1e9), { first: 0, end: 90 });
});

test("sampledSeconds() leaves out gaps and what is still to come", () => {
  const axis = { ...axisOf(3, 10), to: 7200 + 25 };
  const series = [seriesOf([], [1, NaN, 1]), seriesOf([], [NaN, NaN, 0])];

  assert.equal(sampledSeconds(axis, { first: 0, end: 3 }, series), 15);
});

test("figuresOf() has no quantile and no share without requests", () => {
  const nothing = seriesOf(["GET", "/a", "2xx"], [0, 0]);
  const figures = figuresOf(
    { series: [nothing], failed: [] },
    REQUESTS,
    { first: 0, end: 2 },
    2,
  );

  assert.equal(figures.rate, 0);
  assert.equal(figures.errors, NaN);
  assert.equal(figures.p99, NaN);
});

test("law: figures of a window add up, whatever the groups are", () => {
  const anySeries = fc.record({
    values: fc.tuple(
      fc.constantFrom("GET", "POST"),
      fc.constantFrom("/a", "/b", ""),
      fc.constantFrom("2xx", "4xx", "5xx", "error"),
    ),
    grown: fc.array(fc.integer({ min: 0, max: 50 }), {
      minLength: 20,
      maxLength: 20,
    }),
    bucket: fc.integer({ min: 0, max: 2 }),
  }).map(({ values, grown, bucket }) => seriesOf(values, grown, bucket));
  fc.assert(fc.property(
    fc.array(anySeries, { maxLength: 12 }),
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: 0, max: 20 }),
    (series, a, b) => {
      const window = { first: Math.min(a, b), end: Math.max(a, b) };
      const seconds = window.end - window.first;
      const groups = groupRequests(series, REQUESTS, LABELS);
      const all = figuresOf(joinGroups(groups), REQUESTS, window, seconds);
      const rows = groups.map((group) =>
        figuresOf(group, REQUESTS, window, seconds)
      );

      assert.equal(all.count, rows.reduce((sum, { count }) => sum + count, 0));
      assert.equal(
        all.failedCount,
        rows.reduce((sum, { failedCount }) => sum + failedCount, 0),
      );
      assert.ok(all.failedCount <= all.count);
      if (all.count === 0) return;
      assert.ok(all.errors >= 0 && all.errors <= 1);
      assert.ok(all.p50 <= all.p95 && all.p95 <= all.p99);
      assert.ok(Math.abs(all.busy * seconds - all.count * 0.05) < 1e-6);
    },
  ));
});

const finding = (change: Partial<Finding>): Finding => ({
  id: "failing:GET /a",
  rule: "failing",
  subject: { method: "GET", route: "/a" },
  family: REQUESTS.name,
  since: 7230,
  isSinceExact: true,
  opened: 7240,
  until: null,
  window: 30,
  k: 10,
  n: 50,
  usual: 0.01,
  limit: 0.03,
  above: null,
  threshold: "",
  cause: "",
  ...change,
});

test("routeRows() marks routes that fail now", () => {
  const series = [
    seriesOf(["GET", "/a", "5xx"], [1, 1]),
    seriesOf(["GET", "/b", "2xx"], [1, 1]),
  ];
  const groups = groupRequests(series, REQUESTS, LABELS);
  const window = figureWindow(axisOf(2), series, null);
  const findings = [
    finding({}),
    finding({ subject: { method: "GET", route: "/b" }, until: 7300 }),
    finding({ rule: "slow", subject: { method: "GET", route: "/b" } }),
  ];
  const failing = failingRoutes(findings, LABELS);

  assert.deepEqual(
    routeRows(groups, REQUESTS, window, failing)
      .map(({ group, isFailing }) => [group.key, isFailing]),
    [["GET /a", true], ["GET /b", false]],
  );
});

test("figureWindow() is the last minute, or the selection", () => {
  const axis = axisOf(300);
  const series = [seriesOf([], new Array(300).fill(1))];

  assert.deepEqual(figureWindow(axis, series, null), {
    first: 240,
    end: 300,
    seconds: 60,
    name: "last minute",
  });
  assert.deepEqual(figureWindow(axis, series, { from: 7210, to: 7215 }), {
    first: 10,
    end: 15,
    seconds: 5,
    name: "02:00:10 to 02:00:15",
  });
});

test("failureNotes() names where failures of a route began", () => {
  const findings = [finding({}), finding({ rule: "slow" })];

  assert.deepEqual(failureNotes(findings, LABELS, ""), [
    { time: 7230, text: "GET /a fails", colour: "bad" },
  ]);
  assert.deepEqual(failureNotes(findings, LABELS, "GET /b"), []);
});
