// Work that returned one generator again and again wrapped it once more each time,
// until reading it overflowed the stack. One that nobody read stayed in flight.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { createTracer } from "../../src/trace/mod.ts";

function* counting(): Generator<number, string> {
  let next = 0;
  while (next < 3) yield next++;
  return "end";
}

test("a generator that work returns 20 000 times can be read", () => {
  const registry = createRegistry();
  const seconds = registry.histogram({ name: "s", help: "S." });
  const busy = registry.gauge({ name: "g", help: "G." });
  const tracer = createTracer({ name: "t" });
  const ids = counting();
  for (let i = 0; i < 20_000; i++) {
    assert.equal(seconds.time(() => busy.trackInFlight(() => ids)), ids);
    if (i % 1000 === 0) tracer.run("ids", () => ids);
  }
  assert.deepEqual([...ids], [0, 1, 2]);
  assert.deepEqual(ids.next(), { done: true, value: undefined });
  assert.equal(busy.value, 0);
  assert.equal(seconds.count, 20_000);
});

test("a generator whose methods cannot be replaced ends all its tasks", () => {
  const busy = createRegistry().gauge({ name: "g", help: "G." });
  const sealed = counting();
  Object.defineProperty(sealed, "return", {
    value: sealed.return,
    configurable: false,
  });
  for (let i = 0; i < 20_000; i++) busy.trackInFlight(() => sealed);
  assert.equal(busy.value, 0);
  assert.deepEqual([...sealed], [0, 1, 2]);
});

test("a task that throws at the end of a generator leaves out no other", () => {
  const strict = createRegistry({ strict: true });
  const errors = strict.counter({ name: "c_total", help: "C." });
  errors.inc(Number.MAX_VALUE);
  const busy = strict.gauge({ name: "g", help: "G." });
  const failing = busy.trackInFlight(() =>
    errors.countErrors(function* () {
      yield 1;
      throw new Error("mine");
    })
  );
  try {
    for (const _ of failing);
  } catch { /* either error */ }
  assert.equal(busy.value, 0);
});

test("trackInFlight() counts a generator from its first read", async () => {
  const busy = createRegistry().gauge({ name: "g", help: "G." });
  busy.trackInFlight(counting);
  assert.equal(busy.value, 0, "nobody reads it");
  const stopped = busy.trackInFlight(counting);
  stopped.return("stop");
  assert.equal(busy.value, 0, "its body never ran");
  const read = busy.trackInFlight(counting);
  read.next();
  assert.equal(busy.value, 1);
  read.return("stop");
  assert.equal(busy.value, 0);
  const failed = busy.trackInFlight(counting);
  assert.throws(() => failed.throw(new Error("stop")), /stop/);
  assert.equal(busy.value, 0);
  const later = busy.trackInFlight(() =>
    Promise.resolve((async function* () {
      yield busy.value;
    })())
  );
  assert.equal(busy.value, 1);
  const answer = await later;
  assert.equal(busy.value, 0);
  assert.deepEqual(await Array.fromAsync(answer), [1]);
  assert.equal(busy.value, 0);
});
