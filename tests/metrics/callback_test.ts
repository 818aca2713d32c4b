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

test("read is called in each pass, and its reports are exposed", () => {
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

test("a callback series that is not reported again is no longer exposed", () => {
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

test("an unlabelled callback that reports nothing has no series", () => {
  const { registry } = setUp();
  let present = true;
  registry.callbackGauge({
    name: "size",
    help: "Size.",
    read: (report) => present ? report(5) : undefined,
  });
  assert.equal(valueOf(registry, "size"), 5);
  present = false;
  assert.deepEqual(rowsOf(registry, "size"), []);
  present = true;
  assert.equal(valueOf(registry, "size"), 5);
});

test("of two reports of the same labels the later one counts", () => {
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

test("a callback gauge takes NaN, infinities and negative values", () => {
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

test("a callback counter drops and counts illegal totals", () => {
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

test("a callback counter may fall, because it reports a foreign total", () => {
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

test("a read that throws is left out of the pass and called again in the next", () => {
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

test("the overflow series of a callback sums its reports, from zero in each pass", () => {
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

test("an illegal label value in a report goes to the overflow series", () => {
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

test("refresh is awaited before the pass, which exposes its reports", async () => {
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

test("reports of a late refresh are ignored", async () => {
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

test("a failed refresh exposes nothing, not even earlier reports", async () => {
  const { registry } = setUp();
  registry.callbackGauge({
    ...DEPTH,
    refresh: (report) => {
      report(1, { queue: "mail" });
      return Promise.reject(new Error("then no answer"));
    },
  });
  const failed = await refreshParts(registry, new AbortController().signal);
  assert.equal(failed.size, 1);
  assert.deepEqual(rowsOf(registry, "depth"), []);
});

test("a report after the end of its refresh is ignored", async () => {
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

test("declaring a callback again replaces its functions", () => {
  const { registry } = setUp();
  registry.callbackGauge({ name: "x", help: "X.", read: (r) => r(1) });
  registry.callbackGauge({ name: "x", help: "X.", read: (r) => r(2) });
  assert.equal(valueOf(registry, "x"), 2);
  assert.deepEqual(namesOf(registry), ["x"]);
});

test("disposing of a callback removes it and releases its name", () => {
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

test("a callback needs exactly one of read and refresh", () => {
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

test("a callback may read and record in the same registry", () => {
  const { registry } = setUp();
  const asked = registry.counter({ name: "asked_total", help: "Asked." });
  registry.callbackGauge({
    name: "x",
    help: "X.",
    read(report): void {
      asked.inc();
      report(asked.value);
    },
  });
  assert.equal(valueOf(registry, "x"), 1);
  capture(registry);
  assert.equal(asked.value, 2);
});
