/** Instruments of OpenTelemetry's API whose values are observed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { capture } from "../../src/model/mod.ts";
import type { OtelObservable } from "../../src/otel/mod.ts";
import { metricsHandler } from "../../src/http/mod.ts";
import { rejectionsOf, valueOf } from "../metrics/fixtures.ts";
import { linesOf, meters, openTextOf, refreshed } from "./meters.ts";

const failuresOf = (source: Parameters<typeof openTextOf>[0], name: string) =>
  Number(
    new RegExp(`source_failures_total\\{source="${name}"\\} (.*)`)
      .exec(openTextOf(source))?.[1] ?? 0,
  );

test("each pass calls the callbacks, and shows only what they report", () => {
  const { registry, meter } = meters();
  let now: Record<string, number> = { a: 1, b: 2 };
  let calls = 0;
  meter.createObservableGauge("x").addCallback((result) => {
    calls++;
    for (const [key, value] of Object.entries(now)) {
      result.observe(value, { key });
    }
  });
  assert.deepEqual(linesOf(registry), ['x{key="a"} 1', 'x{key="b"} 2']);
  now = { b: 3, c: 4 };
  assert.deepEqual(linesOf(registry).toSorted(), [
    'x{key="b"} 3',
    'x{key="c"} 4',
  ]);
  now = {};
  assert.deepEqual(linesOf(registry), []);
  now = { a: 5 };
  assert.deepEqual(linesOf(registry), ['x{key="a"} 5']);
  assert.equal(calls, 4);
});

test("of the same attributes, the last value counts", () => {
  const { registry, meter } = meters();
  meter.createObservableCounter("x").addCallback((result) => {
    result.observe(1, { a: 1, b: 2 });
    result.observe(2, { b: "2", a: "1" });
  });
  assert.deepEqual(linesOf(registry), ['x_total{a="1",b="2"} 2']);
});

test("attributes that the callback reuses are copied", () => {
  const { registry, meter } = meters();
  const attributes = { key: "a" };
  meter.createObservableGauge("x").addCallback((result) => {
    for (const key of ["a", "b"]) {
      attributes.key = key;
      result.observe(1, attributes);
    }
  });
  assert.deepEqual(linesOf(registry), ['x{key="a"} 1', 'x{key="b"} 1']);
});

test("a total that falls begins anew, with a new start", () => {
  const { registry, meter, clock } = meters();
  let total = 5;
  meter.createObservableCounter("x").addCallback((it) => it.observe(total));
  const startOf = () => {
    const { families } = capture(registry);
    return families.find(({ desc }) => desc.name === "x_total")!.starts[0];
  };
  const created = clock.unix();
  clock.advance(10);
  assert.equal(startOf(), created);
  total = 7;
  clock.advance(10);
  assert.equal(startOf(), created);
  total = 6;
  clock.advance(10);
  const fallen = clock.unix();
  assert.equal(startOf(), fallen);
  clock.advance(10);
  assert.equal(startOf(), fallen);
  assert.equal(valueOf(registry, "x_total"), 6);
});

test("a callback that is added twice runs once, until it is removed", () => {
  const { registry, meter } = meters();
  const gauge = meter.createObservableGauge("x");
  let calls = 0;
  const callback = (result: { observe(value: number): void }) =>
    result.observe(++calls);
  gauge.addCallback(callback);
  gauge.addCallback(callback);
  gauge.addCallback(undefined as never);
  assert.deepEqual(linesOf(registry), ["x 1"]);
  gauge.removeCallback(callback);
  gauge.removeCallback(callback);
  assert.deepEqual(linesOf(registry), []);
  assert.equal(calls, 1);
});

test("the callback of a batch runs once for all of its instruments", () => {
  const { registry, meter } = meters();
  const [a, b, c] = ["a", "b", "c"].map((name) =>
    meter.createObservableGauge(name)
  ) as [OtelObservable, OtelObservable, OtelObservable];
  let calls = 0;
  const callback: Parameters<typeof meter.addBatchObservableCallback>[0] = (
    result,
  ) => {
    calls++;
    result.observe(a, calls, { x: "1" });
    result.observe(b, 10 * calls);
    result.observe(c, 1); // not in the batch
    result.observe({} as never, 1);
  };
  meter.addBatchObservableCallback(callback, [a, b]);
  meter.addBatchObservableCallback(callback, [b, a, a]);
  meter.addBatchObservableCallback(callback, []);
  meter.addBatchObservableCallback(callback, "ab" as never);
  assert.deepEqual(linesOf(registry), ['a{x="1"} 1', "b 10"]);
  assert.deepEqual(linesOf(registry), ['a{x="1"} 2', "b 20"]);
  assert.equal(calls, 2);
  meter.removeBatchObservableCallback(callback, [a]);
  assert.deepEqual(linesOf(registry), ['a{x="1"} 3', "b 30"]);
  meter.removeBatchObservableCallback(callback, [a, b]);
  assert.deepEqual(linesOf(registry), []);
});

test("results of a batch that nobody takes go out of date", () => {
  const { registry, meter, clock } = meters();
  const a = meter.createObservableGauge("a");
  const b = meter.createObservableGauge("b");
  let calls = 0;
  meter.addBatchObservableCallback((result) => {
    result.observe(a, ++calls);
    result.observe(b, calls);
  }, [a, b]);
  const [first, second] = [...registry.parts];
  const lines = (part: typeof first) => linesOf(part!);
  assert.deepEqual(lines(first), ["a 1"]);
  clock.advance(60);
  assert.deepEqual(lines(second), ["b 2"]);
});

test("a callback that throws harms no other, and is counted", () => {
  const { registry, meter } = meters();
  const gauge = meter.createObservableGauge("x");
  gauge.addCallback((result) => {
    result.observe(1, { a: "lost" });
    throw new Error("callback");
  });
  gauge.addCallback((result) => result.observe(2, { a: "kept" }));
  assert.deepEqual(linesOf(registry), ['x{a="kept"} 2']);
  assert.deepEqual(linesOf(registry), ['x{a="kept"} 2']);
  assert.equal(failuresOf(registry, "x"), 3);
});

test("illegal values are dropped and counted", () => {
  for (const strict of [false, true]) {
    const { registry, meter } = meters({}, strict);
    meter.createObservableCounter("x").addCallback((result) => {
      for (const value of [NaN, -1, Infinity, "1", undefined]) {
        result.observe(value as number, { value: String(value) });
      }
      result.observe(1);
    });
    const lines = linesOf(registry);
    assert.deepEqual(lines, ["x_total 1"]);
    const { not_a_number, negative, infinite } = rejectionsOf(registry);
    assert.deepEqual([not_a_number, negative, infinite], [6, 2, 2]);
  }
});

test("whole numbers are truncated", () => {
  const { registry, meter } = meters();
  meter.createObservableGauge("x", { valueType: 0 })
    .addCallback((result) => result.observe(-1.5));
  assert.deepEqual(linesOf(registry), ["x -1"]);
});

test("series beyond maxSeries share the overflow series", () => {
  const { registry, meter } = meters({ maxSeries: 2 });
  let from = 0;
  meter.createObservableCounter("x").addCallback((result) => {
    for (let i = from; i < from + 4; i++) result.observe(10 + i, { i });
  });
  const first = [
    'x_total{i="0"} 10',
    'x_total{i="1"} 11',
    'x_total{i="overflow"} 25',
  ];
  assert.deepEqual(linesOf(registry), first);
  assert.deepEqual(linesOf(registry), first);
  from = 100;
  assert.deepEqual(linesOf(registry).toSorted(), [
    'x_total{i="100"} 110',
    'x_total{i="101"} 111',
    'x_total{i="overflow"} 225',
  ]);
});

test("instruments of several libraries share a metric", () => {
  const { registry, provider } = meters({ scope: true });
  for (const name of ["a", "b"]) {
    provider.getMeter(name).createObservableGauge("x")
      .addCallback((result) => result.observe(1));
  }
  assert.deepEqual(linesOf(registry), [
    'x{otel_scope_name="a"} 1',
    'x{otel_scope_name="b"} 1',
  ]);
});

test("asynchronous callbacks report before a pass", async () => {
  const { registry, meter, clock } = meters();
  let calls = 0;
  meter.createObservableGauge("x").addCallback(async (result) => {
    calls++;
    await Promise.resolve();
    result.observe(calls);
  });
  meter.createObservableGauge("y").addCallback((result) => result.observe(1));
  assert.deepEqual(await refreshed(registry), ["x 1", "y 1"]);
  assert.deepEqual(await refreshed(registry), ["x 2", "y 1"]);
  assert.deepEqual(linesOf(registry), ["x 2", "y 1"]); // nobody has waited
  clock.advance(60);
  assert.deepEqual(linesOf(registry), ["y 1"]);
});

test("passes at the same time share an asynchronous callback", async () => {
  const { registry, meter } = meters();
  let calls = 0;
  meter.createObservableGauge("x").addCallback(async (result) => {
    calls++;
    await Promise.resolve();
    result.observe(calls);
  });
  const passes = [refreshed(registry), refreshed(registry)];
  assert.deepEqual(await Promise.all(passes), [["x 1"], ["x 1"]]);
  assert.equal(calls, 1);
  assert.equal(failuresOf(registry, "x"), 0);
});

test("an asynchronous callback that rejects is counted", async () => {
  const { registry, meter } = meters();
  meter.createObservableGauge("x").addCallback(async (result) => {
    result.observe(1);
    await Promise.reject(new Error("callback"));
  });
  assert.deepEqual(await refreshed(registry), []);
  assert.deepEqual(await refreshed(registry), []);
  assert.equal(failuresOf(registry, "x"), 2);
});

test("a callback that never ends is waited for once", async () => {
  const { registry, meter } = meters();
  let calls = 0;
  const hanging = meter.createObservableGauge("hanging");
  hanging.addCallback((result) => {
    result.observe(++calls);
    return new Promise(() => {});
  });
  hanging.addCallback(async (result) => {
    await Promise.resolve();
    result.observe(7, { a: "other" });
  });
  meter.createObservableGauge("other").addCallback((it) => it.observe(1));
  const handler = metricsHandler(registry, { timeout: 0.05 });
  const scrape = async () => {
    const response = await handler(new Request("http://a.test/metrics"));
    const text = await response.text();
    return text.split("\n").filter((line) => /^(hanging|other)/.test(line));
  };
  assert.deepEqual(await scrape(), ["other 1"]);
  assert.deepEqual(await scrape(), ['hanging{a="other"} 7', "other 1"]);
  assert.deepEqual(await scrape(), ['hanging{a="other"} 7', "other 1"]);
  assert.equal(calls, 1);
});

test("what a callback reports after its pass is ignored", async () => {
  const { registry, meter } = meters();
  let late: ((value: number) => void) | undefined;
  meter.createObservableGauge("x").addCallback((result) => {
    result.observe(1);
    late = (value) => result.observe(value);
  });
  assert.deepEqual(await refreshed(registry), ["x 1"]);
  late?.(5);
  assert.deepEqual(linesOf(registry), ["x 1"]);
});

test("what an asynchronous callback reports after its end is ignored", async () => {
  const { registry, meter } = meters();
  let late: ((value: number) => void) | undefined;
  meter.createObservableGauge("x").addCallback(async (result) => {
    await Promise.resolve();
    result.observe(1);
    late = (value) => result.observe(value);
  });
  assert.deepEqual(await refreshed(registry), ["x 1"]);
  late?.(5);
  assert.deepEqual(linesOf(registry), ["x 1"]);
});

test("an asynchronous callback that rejects loses its earlier values", async () => {
  const { registry, meter } = meters();
  let fails = false;
  meter.createObservableGauge("x").addCallback(async (result) => {
    await Promise.resolve();
    if (fails) throw new Error("callback");
    result.observe(1);
  });
  assert.deepEqual(await refreshed(registry), ["x 1"]);
  fails = true;
  assert.deepEqual(await refreshed(registry), []);
});

test("a total that is reported twice has the start of its metric", () => {
  const { registry, meter, clock } = meters();
  meter.createObservableCounter("x").addCallback((result) => {
    result.observe(5, "ab" as never); // no attributes
    result.observe(4);
  });
  const created = clock.unix();
  for (let pass = 0; pass < 2; pass++) {
    clock.advance(10);
    const { families } = capture(registry);
    const [family] = families.filter(({ desc }) => desc.name === "x_total");
    assert.deepEqual([...family!.starts], [created]);
    assert.deepEqual([...family!.numbers], [4]);
  }
});

test("a callback may create instruments and record", () => {
  const { registry, meter } = meters();
  meter.createObservableGauge("x").addCallback((result) => {
    meter.createObservableGauge("y").addCallback((it) => it.observe(2));
    meter.createCounter("z").add(1, { a: "1" });
    result.observe(1);
  });
  assert.deepEqual(linesOf(registry), ["x 1"]);
  assert.deepEqual(linesOf(registry), ["x 1", "y 2", 'z_total{a="1"} 2']);
});

test("a callback that adds itself again runs once in a pass", async () => {
  const { registry, meter } = meters();
  const gauge = meter.createObservableGauge("a");
  let calls = 0;
  const callback = (result: { observe(value: number): void }) => {
    if (calls++ > 1000) throw new Error("it does not end");
    gauge.removeCallback(callback);
    gauge.addCallback(callback);
    result.observe(calls);
  };
  gauge.addCallback(callback);
  assert.deepEqual(linesOf(registry), ["a 1"]);
  await refreshed(registry);
  assert.ok(calls <= 4, String(calls));
});
