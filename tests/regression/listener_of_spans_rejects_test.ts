// A listener of spans, a sampler or a function of attributes may be asynchronous.
// Where one rejected, nobody handled the rejection, and the process ended.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTracer, type Sampler } from "../../src/trace/mod.ts";

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

function rejects(): Promise<never> {
  return Promise.reject(new Error("the log cannot be reached"));
}

test("listeners, samplers and attribute functions can reject", async () => {
  const tracer = createTracer();
  tracer.onStart(rejects);
  tracer.onEnd(rejects);
  tracer.onEnd(() => {
    const promise = rejects();
    return { then: promise.then.bind(promise) } as never;
  });
  const attributes = rejects as never;
  assert.equal(tracer.run("work", () => 42, { attributes }), 42);
  const sampled = createTracer({ sampler: rejects as unknown as Sampler });
  sampled.onEnd(() => {});
  assert.equal(sampled.run("work", () => 42), 42);
  await turn(); // an unhandled rejection would end the test here
  assert.deepEqual(
    [tracer.stats().failures, sampled.stats().failures],
    [4, 1],
  );
  assert.deepEqual([tracer.stats().ended, sampled.stats().unsampled], [1, 1]);
});

test("a source of random bytes that throws is replaced by the system's", () => {
  const tracer = createTracer({
    random: () => {
      throw new Error("no entropy");
    },
  });
  tracer.onEnd(() => {});
  const ids = [1, 2, 3].map(() => tracer.start("work").context.traceId);
  assert.equal(new Set(ids).size, 3);
  assert.ok(tracer.stats().failures > 0);
});
