import assert from "node:assert/strict";
import test from "node:test";
import {
  evidenceFamilies,
  evidenceOf,
} from "../../../page/views/overview/evidence.ts";
import {
  Courses,
  FIGURES,
  figuresNow,
  FORMATS,
  readPast,
  shareTrack,
  sourcesOf,
  usualsOf,
  usualWords,
} from "../../../page/views/overview/figures.ts";
import { statusRows } from "../../../page/views/routes/statuses.ts";
import type { Axis, Series } from "../../../page/core/data.ts";
import type {
  FamilyInfo,
  Finding,
  History,
  Role,
} from "../../../src/dashboard/protocol.ts";
import { LABELS, REQUESTS } from "./request_family.ts";

const CPU: FamilyInfo = {
  ...REQUESTS,
  id: 2,
  name: "process_cpu_seconds_total",
  type: "counter",
  labels: [],
  bounds: null,
  role: "cpu",
};

/** An hour in columns of ten seconds. */
const AXIS: Axis = { from: 7200, step: 10, columns: 360, to: 10_800, gaps: [] };

function requests(
  route: string,
  status: string,
  grown: (column: number) => number,
  bucket = 0,
): Series {
  const values = Float64Array.from({ length: 360 }, (_, i) => grown(i));
  return {
    info: { id: 1, family: 1, values: ["GET", route, status] },
    values,
    sums: values.map((value) => value * 0.05),
    buckets: new Map([[bucket, values]]),
    total: 0,
  };
}

const ALL = [
  requests("/a", "2xx", () => 100),
  requests("/a", "5xx", (column) => column > 300 ? 25 : 0, 2),
  requests("/b", "2xx", () => 300, 1),
];

const cpu: Series = {
  info: { id: 9, family: 2, values: [] },
  values: new Float64Array(360).fill(1.8),
  total: 0,
};

const store = {
  axis: AXIS,
  family: () => undefined,
  role: (role: Role) =>
    ({ requests: REQUESTS, cpu: CPU } as Partial<Record<Role, FamilyInfo>>)[
      role
    ],
  series: (family: number) => family === 1 ? ALL : [cpu],
};

test("figuresNow() has the last minute, and NaN for what is not measured", () => {
  const now = figuresNow(sourcesOf(store, LABELS, ""));

  assert.equal(now.requests, 42.5);
  assert.ok(Math.abs(now.errors - 25 / 425) < 1e-12);
  assert.ok(Math.abs(now.cpu - 0.18) < 1e-12);
  assert.equal(now.memory, NaN);
  assert.equal(now.inFlight, NaN);
  assert.equal(now.p99, 1, "above the last bound it is that bound");
});

test("sourcesOf() has one route, or none of an unknown one", () => {
  const only = figuresNow(sourcesOf(store, LABELS, "GET /a"));

  assert.equal(only.requests, 12.5);
  assert.equal(only.errors, 0.2);
  const none = figuresNow(sourcesOf(store, LABELS, "GET /c"));
  assert.equal(none.errors, NaN);
});

test("Courses has a track for each figure that is measured", () => {
  const tracks = new Courses().read(sourcesOf(store, LABELS, ""), 60);
  const measured = FIGURES.filter((name) => tracks[name] !== null);

  assert.deepEqual(measured, [
    "requests",
    "errors",
    "p50",
    "p95",
    "p99",
    "cpu",
  ]);
  assert.equal(tracks.requests?.values.at(-1), 42.5);
  assert.equal(tracks.errors?.values[0], 0);
});

test("shareTrack() has no share where nothing was asked", () => {
  const track = (values: number[]) => ({
    from: 0,
    step: 1,
    values: Float64Array.from(values),
  });

  assert.deepEqual(
    [...shareTrack(track([1, NaN, 0]), track([2, 4, 0])).values],
    [0.5, 0, NaN],
  );
});

test("usualsOf() leaves an incident out of the usual of errors", () => {
  const usuals = usualsOf(sourcesOf(store, LABELS, ""), new Set());

  assert.deepEqual(usuals.errors, { low: 0, high: 0 });
  assert.equal(usuals.requests?.low, 40);
  assert.equal(usuals.memory, null);
});

test("usualsOf() leaves an incident out of the usual of its figures", () => {
  const sources = sourcesOf(store, LABELS, "");
  const calm = usualsOf(sources, new Set(["requests"])).requests!;
  const whole = usualsOf(sources, new Set()).requests!;

  assert.equal(calm.low, whole.low);
  assert.ok(calm.high < whole.high);
});

test("usualWords() is brief, and says a unit once where it can", () => {
  const spaced = (text: string) => text.replaceAll("\u00a0", " ");
  const told = (low: number, high: number, name: typeof FIGURES[number]) =>
    spaced(usualWords({ low, high }, FORMATS[name]));

  assert.equal(told(36.1, 45.9, "requests"), "36 – 46");
  assert.equal(told(0.351, 9.96, "requests"), "0.35 – 10");
  assert.equal(told(0.217, 0.718, "p95"), "217 – 718 ms");
  assert.equal(told(0.436, 1.57, "p99"), "0.44 – 1.6 s");
  assert.equal(told(0.17, 1.757, "p99"), "0.17 – 1.8 s");
  assert.equal(told(0.0021, 1.57, "p99"), "2.1 ms – 1.6 s");
  assert.equal(told(0.0004, 0.0021, "p50"), "0.4 – 2.1 ms");
  assert.equal(told(30, 125, "p50"), "30 s – 2 min 5 s");
  assert.equal(told(412 * 1024, 1.94 * 2 ** 20, "memory"), "0.39 – 1.9 MiB");
  assert.equal(told(96 * 2 ** 20, 96.2 * 2 ** 20, "memory"), "96 MiB");
  assert.equal(told(0, 0, "errors"), "0 %");
  assert.equal(told(0, 0.0004, "errors"), "< 0.1 %");
  assert.equal(told(0, 0.022, "errors"), "0 – 2.2 %");
  assert.equal(told(0.003, 0.003, "errors"), "0.3 %");
  assert.equal(usualWords(null, FORMATS.p50), "");
});

test("readPast() reads a history like the store does", () => {
  const history: History = {
    epoch: "e",
    seq: 1,
    from: 7200,
    step: 10,
    columns: 4,
    gaps: [{ from: 7220, to: 7230, why: "asleep" }],
    names: { f: [], s: [{ id: 5, family: 2, values: [] }] },
    families: [{ id: 2, series: [{ id: 5, base: 0, total: 3, d: [[1, 3]] }] }],
  };
  const past = readPast(history, new Map([[2, CPU]]));

  assert.deepEqual([...past.series.get(2)![0]!.values], [0, 3, NaN, 0]);
  assert.equal(past.axis.to, 7240);
});

const FINDING: Finding = {
  id: "failing:GET /a",
  rule: "failing",
  subject: { method: "GET", route: "/a" },
  family: REQUESTS.name,
  since: 10_000,
  isSinceExact: true,
  opened: 10_000,
  until: null,
  window: 30,
  k: 1,
  n: 2,
  usual: null,
  limit: null,
  above: null,
  threshold: "",
  cause: "",
};

test("evidenceOf() is the course of what a finding says", () => {
  const failed = evidenceOf(FINDING, store, LABELS);
  assert.equal(failed?.values[0], 0);
  assert.equal(failed?.values.at(-1), 2.5);
  const slow = evidenceOf(
    {
      ...FINDING,
      rule: "slow",
      above: 0.1,
      subject: { method: "GET", route: "/b" },
    },
    store,
    LABELS,
  );
  assert.equal(slow?.values.at(-1), 30, "those in the bucket above the bound");
  const unknown = { ...FINDING, subject: { method: "GET", route: "/c" } };
  assert.equal(evidenceOf(unknown, store, LABELS), null);
  assert.equal(
    evidenceOf({ ...FINDING, rule: "source", family: null }, store, LABELS),
    null,
  );
});

test("evidenceOf() has no failures before the first, and no failures of slow", () => {
  const late = {
    ...store,
    series: () => [
      requests("/a", "2xx", (column) => column < 100 ? NaN : 100, 2),
      requests("/a", "5xx", (column) => column < 300 ? NaN : 25, 2),
    ],
  };
  const failed = evidenceOf(FINDING, late, LABELS)!;
  const at = (column: number) =>
    failed.values[Math.floor(column * 10 / failed.step)];

  assert.deepEqual([at(50), at(200), at(350)], [NaN, 0, 2.5]);
  const slow = { ...FINDING, rule: "slow", above: 0.1 } as const;
  assert.equal(evidenceOf(slow, late, LABELS)!.values.at(-1), 10);
});

test("evidenceOf() an overflow is its part of all overflows", () => {
  const overflows: FamilyInfo = { ...CPU, id: 3, labels: ["family"] };
  const of = (family: string, grown: number): Series => ({
    info: { id: 1, family: 3, values: [family] },
    values: new Float64Array(360).fill(grown),
    total: 0,
  });
  const finding = { rule: "overflow", family: "shop", above: null } as Finding;
  const track = evidenceOf(finding, {
    axis: AXIS,
    family: () => undefined,
    role: (role) => role === "overflows" ? overflows : undefined,
    series: () => [of("shop", 20), of("other", 50)],
  }, LABELS);

  assert.equal(track?.values[0], 2);
});

test("evidenceFamilies() leaves out what is loaded anyway or is large", () => {
  const families: Record<string, FamilyInfo> = {
    lost: { ...CPU, id: 7, role: null, series: 3 },
    large: { ...CPU, id: 8, role: null, series: 1000 },
    cpu: CPU,
  };
  const finding = (family: string | null, rule: Finding["rule"] = "loss") =>
    ({ family, rule }) as Finding;
  const ids = evidenceFamilies(
    [
      finding("lost"),
      finding("lost"),
      finding("large"),
      finding("cpu"),
      finding(null),
      finding("unknown"),
      finding("lost", "overflow"),
    ],
    { family: (name) => families[name] },
  );

  assert.deepEqual(ids, [7]);
});

test("statusRows() has the share of each status, in order", () => {
  const window = { first: 350, end: 360, seconds: 100 };
  const rows = statusRows(ALL, REQUESTS, "status", AXIS, window, 10);

  assert.deepEqual(
    rows.map(({ status, isFailure, rate }) => [status, isFailure, rate]),
    [["2xx", false, 40], ["5xx", true, 2.5]],
  );
  assert.ok(Math.abs(rows[1]!.share - 2.5 / 42.5) < 1e-12);
});
