// A streamed answer is an async generator. run(), time(), trackInFlight() and
// countErrors() took its work for done when the generator had been made.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import {
  activeSpan,
  createTracer,
  type SpanRecord,
} from "../../src/trace/mod.ts";

const boom = new Error("boom");
const clock = new FakeClock();

async function* tokens(error?: Error): AsyncGenerator<number> {
  for (let token = 0; token < 3; token++) {
    await Promise.resolve();
    clock.advance(1);
    yield token;
  }
  if (error !== undefined) throw error;
}

test("run() ends its span with the generator, whose body is in the span", async () => {
  const tracer = createTracer({ name: "t", clock });
  const ended: SpanRecord[] = [];
  tracer.onEnd((record) => void ended.push(record));
  const answer = tracer.run("complete", () =>
    (async function* () {
      for await (const token of tokens()) {
        tracer.run("token", () => {});
        yield token;
      }
    })());
  for await (const _ of answer) assert.equal(activeSpan(), undefined);
  const complete = ended.pop();
  assert.equal(complete?.name, "complete");
  assert.equal(complete.end - complete.start, 3);
  assert.equal(ended.length, 3);
  for (const { parentSpanId } of ended) {
    assert.equal(parentSpanId, complete.context.spanId);
  }
});

test("run() records the error of a generator", async () => {
  const tracer = createTracer({ name: "t", clock });
  const ended: SpanRecord[] = [];
  tracer.onEnd((record) => void ended.push(record));
  const failing = tracer.run("complete", () => tokens(boom));
  await assert.rejects(Array.fromAsync(failing), boom);
  assert.deepEqual(ended.map(({ status }) => status), [
    { code: "error", message: "boom" },
  ]);
});

test("time(), trackInFlight() and countErrors() measure a generator to its end", async () => {
  const registry = createRegistry({ clock });
  const times = [
    registry.histogram({ name: "a_seconds", help: "h.", unit: "seconds" }),
    registry.summary({ name: "b_seconds", help: "h.", unit: "seconds" }),
  ];
  for (const metric of times) {
    for await (const _ of metric.time(() => tokens())) {
      assert.equal(metric.sum, 0);
    }
    assert.equal(metric.sum, 3);
  }
  const last = registry.gauge({ name: "last_seconds", help: "h." });
  await Array.fromAsync(last.time(() => tokens()));
  assert.equal(last.value, 3);
  const inFlight = registry.gauge({ name: "in_flight", help: "h." });
  for await (const _ of inFlight.trackInFlight(() => tokens())) {
    assert.equal(inFlight.value, 1);
    break;
  }
  assert.equal(inFlight.value, 0);
  const errors = registry.counter({ name: "errors_total", help: "h." });
  const failing = errors.countErrors(() => tokens(boom));
  await assert.rejects(Array.fromAsync(failing), boom);
  assert.equal(errors.value, 1);
});
