import assert from "node:assert/strict";
import { test } from "node:test";
import { capture } from "../../src/model/mod.ts";
import { refreshParts } from "../../src/model/internal.ts";
import {
  failuresOf,
  loose,
  namesOf,
  overflowsOf,
  rejectionsOf,
  rowsOf,
  setUp,
  turn,
  valueOf,
} from "./fixtures.ts";

const DEPTH = { name: "depth", help: "Depth.", labels: ["queue"] } as const;

test("callbackGauge() calls read in each pass and exposes its reports", () => {
  const { registry } = setUp();
  let size = 0;
  registry.callbackGauge({
    name: "size",
    help: "Size.",
    read: (report) => report(++size),
  });
  assert.equal(size, 0);
  assert.equal(valueOf(registry, "size"), 1);
  assert.equal(valueOf(registry, "size"), 2);
  assert.equal(size, 2);
});

test("callbackGauge() exposes a series only if it is reported again", () => {
  const { registry } = setUp();
  let queues: string[] = ["mail", "sms"];
  registry.callbackGauge({
    ...DEPTH,
    read(report): void {
      queues.forEach((queue, i) => report(i, { queue }));
    },
  });
  assert.deepEqual(rowsOf(registry, "depth"), [["mail", 0], ["sms", 1]]);
  queues = ["push", "sms"];
  assert.deepEqual(
    rowsOf(registry, "depth").toSorted(),
    [["push", 0], ["sms", 1]],
  );
  queues = [];
  assert.deepEqual(rowsOf(registry, "depth"), []);
  queues = ["mail"];
  assert.deepEqual(rowsOf(registry, "depth"), [["mail", 0]]);
});

test("callbackGauge() without labels has no series if nothing is reported", () => {
  const { registry } = setUp();
  let isPresent = true;
  registry.callbackGauge({
    name: "size",
    help: "Size.",
    read: (report) => isPresent ? report(5) : undefined,
  });
  assert.equal(valueOf(registry, "size"), 5);
  isPresent = false;
  assert.deepEqual(rowsOf(registry, "size"), []);
  isPresent = true;
  assert.equal(valueOf(registry, "size"), 5);
});

test("callbackGauge() takes the later of two reports of the same labels", () => {
  const { registry } = setUp();
  registry.callbackGauge({
    ...DEPTH,
    read(report): void {
      report(1, { queue: "mail" });
      report(2, { queue: "mail" });
    },
  });
  assert.deepEqual(rowsOf(registry, "depth"), [["mail", 2]]);
  assert.deepEqual(rowsOf(registry, "depth"), [["mail", 2]]);
});

test("callbackGauge() accepts NaN, infinities and negative values", () => {
  const { registry } = setUp();
  registry.callbackGauge({
    ...DEPTH,
    read(report): void {
      report(NaN, { queue: "a" });
      report(-Infinity, { queue: "b" });
      report(-3, { queue: "c" });
    },
  });
  assert.deepEqual(rowsOf(registry, "depth"), [
    ["a", NaN],
    ["b", -Infinity],
    ["c", -3],
  ]);
  assert.deepEqual(rejectionsOf(registry), {});
});

test("callbackCounter() drops and counts illegal totals", () => {
  const { registry } = setUp();
  registry.callbackCounter({
    name: "bytes_total",
    help: "Bytes.",
    labels: ["of"],
    read(report): void {
      report(5, { of: "good" });
      report(NaN, { of: "a" });
      report(-1, { of: "b" });
      report(Infinity, { of: "c" });
    },
  });
  assert.deepEqual(rowsOf(registry, "bytes_total"), [["good", 5]]);
  assert.deepEqual(rejectionsOf(registry), {
    not_a_number: 2, // two passes
    negative: 2,
    infinite: 2,
  });
});

test("callbackCounter() accepts a lower total, which other code counts", () => {
  const { registry } = setUp();
  let total = 10;
  registry.callbackCounter({
    name: "x_total",
    help: "X.",
    read: (report) => report(total),
  });
  assert.equal(valueOf(registry, "x_total"), 10);
  total = 3;
  assert.equal(valueOf(registry, "x_total"), 3);
});

test("callbackGauge() is left out of a pass whose read throws, and is read again", () => {
  const { registry } = setUp();
  let broken = true;
  registry.callbackGauge({
    ...DEPTH,
    read(report): void {
      report(1, { queue: "mail" });
      if (broken) throw new Error("no answer");
    },
  });
  registry.gauge({ name: "other", help: "O." });
  assert.deepEqual(namesOf(registry), ["other"]);
  assert.deepEqual(failuresOf(registry), { depth: 2 });
  broken = false;
  assert.deepEqual(rowsOf(registry, "depth"), [["mail", 1]]);
});

test("callbackGauge() sums overflowing reports, from zero in each pass", () => {
  const { registry } = setUp();
  registry.callbackGauge({
    ...DEPTH,
    maxSeries: 2,
    read(report): void {
      for (let i = 1; i <= 5; i++) report(i, { queue: i });
    },
  });
  const expected = [["1", 1], ["2", 2], ["overflow", 12]];
  assert.deepEqual(rowsOf(registry, "depth"), expected);
  assert.deepEqual(rowsOf(registry, "depth"), expected);
  assert.ok(overflowsOf(registry).depth! >= 3);
});

test("callbackGauge() reports an illegal label value in the overflow series", () => {
  const { registry } = setUp();
  registry.callbackGauge({
    ...DEPTH,
    values: { queue: ["mail"] },
    read(report): void {
      report(1, { queue: "mail" });
      loose({ report }).report!(2, { queue: "sms" });
    },
  });
  assert.deepEqual(rowsOf(registry, "depth"), [["mail", 1], ["overflow", 2]]);
});

test("callbackGauge() exposes the reports of refresh in the next pass", async () => {
  const { registry } = setUp();
  let size = 0;
  registry.callbackGauge({
    name: "size",
    help: "Size.",
    refresh: async (report) => {
      await turn();
      report(++size);
    },
  });

  assert.deepEqual(rowsOf(registry, "size"), []);
  const { signal } = new AbortController();
  assert.equal((await refreshParts(registry, signal)).size, 0);
  assert.equal(valueOf(registry, "size"), 1);
  await refreshParts(registry, signal);
  assert.equal(valueOf(registry, "size"), 2);
});

test("callbackGauge() ignores reports of a late refresh", async () => {
  const { registry } = setUp();
  let answer = (): void => {};
  registry.callbackGauge({
    name: "size",
    help: "Size.",
    refresh: async (report) => {
      await new Promise<void>((resolve) => answer = resolve);
      report(99);
    },
  });
  const controller = new AbortController();
  const done = refreshParts(registry, controller.signal);
  controller.abort();
  assert.equal((await done).size, 1);
  answer();
  await turn();
  assert.deepEqual(rowsOf(registry, "size"), []);
  assert.deepEqual(failuresOf(registry), { size: 1 });
});

test("callbackGauge() exposes no report of a failed refresh", async () => {
  const { registry } = setUp();
  registry.callbackGauge({
    ...DEPTH,
    refresh: (report) => {
      report(1, { queue: "mail" });
      return Promise.reject(new Error("no answer"));
    },
  });
  const failed = await refreshParts(registry, new AbortController().signal);
  assert.equal(failed.size, 1);
  assert.deepEqual(rowsOf(registry, "depth"), []);
});

test("callbackGauge() ignores a report after the end of its refresh", async () => {
  const { registry } = setUp();
  let late = (_: number): void => {};
  registry.callbackGauge({
    name: "size",
    help: "Size.",
    refresh: (report) => {
      late = report;
      report(1);
      return Promise.resolve();
    },
  });
  await refreshParts(registry, new AbortController().signal);
  late(99);
  assert.equal(valueOf(registry, "size"), 1);
});

test("callbackGauge() replaces the functions of an earlier declaration", () => {
  const { registry } = setUp();
  registry.callbackGauge({ name: "x", help: "X.", read: (r) => r(1) });
  registry.callbackGauge({ name: "x", help: "X.", read: (r) => r(2) });
  assert.equal(valueOf(registry, "x"), 2);
  assert.deepEqual(namesOf(registry), ["x"]);
});

test("callbackGauge() is removed and frees its name when it is disposed", () => {
  const { registry } = setUp();
  const callback = registry.callbackGauge({
    name: "x",
    help: "X.",
    read: (r) => r(1),
  });
  callback[Symbol.dispose]();
  assert.deepEqual(namesOf(registry), []);
  registry.gauge({ name: "x", help: "X." });
  assert.deepEqual(namesOf(registry), ["x"]);
});

test("callbackGauge() refuses neither and both of read and refresh", () => {
  const { registry } = setUp();
  const message = 'Cannot declare "x": give either read: (report) => …, ' +
    "which answers at once, or refresh: async (report, signal) => …";
  const functions = { read: () => {}, refresh: () => Promise.resolve() };
  for (const readers of [{}, functions]) {
    assert.throws(
      () =>
        loose(registry).callbackGauge!({ name: "x", help: "X.", ...readers }),
      { name: "TypeError", message },
    );
  }
  assert.throws(
    () => loose(registry).callbackGauge!({ name: "x", help: "X.", read: 5 }),
    /"x": read is of type number; give \(report\) => …/,
  );
  assert.deepEqual(namesOf(registry), []);
});

test("callbackGauge() can read and record in its own registry", () => {
  const { registry } = setUp();
  const reads = registry.counter({ name: "reads_total", help: "Reads." });
  registry.callbackGauge({
    name: "x",
    help: "X.",
    read(report): void {
      reads.inc();
      report(reads.value);
    },
  });
  assert.equal(valueOf(registry, "x"), 1);
  capture(registry);
  assert.equal(reads.value, 2);
});
