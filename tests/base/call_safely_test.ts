import assert from "node:assert/strict";
import { test } from "node:test";
import { callSafely } from "../../src/base/internal.ts";

const boom = new Error("boom");
const throws = () => {
  throw boom;
};

/** Waits until everything that is queued has run. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

test("callSafely() returns the result, and undefined for an error", () => {
  assert.equal(callSafely((n: number) => n + 1, 1), 2);
  assert.equal(callSafely(throws, 1), undefined);
});

test("callSafely() reports errors and rejections once", async () => {
  const faults: unknown[] = [];
  const onFault = (error: unknown) => faults.push(error);
  callSafely(throws, 1, onFault);
  callSafely(() => Promise.reject(boom), 1, onFault);
  callSafely(() => ({ then: throws }), 1, onFault);
  callSafely(() => Promise.resolve(1), 1, onFault);
  await turn();
  assert.deepEqual(faults, [boom, boom, boom]);
});

test("callSafely() survives a listener that fails, and a `then` that throws", async () => {
  const hostile = Object.defineProperty({}, "then", { get: throws });
  assert.equal(callSafely(() => hostile, 1), hostile);
  callSafely(throws, 1, throws);
  callSafely(throws, 1, () => Promise.reject(boom));
  callSafely(() => Promise.reject(boom), 1, () => Promise.reject(boom));
  callSafely(() => Promise.reject(boom), 1);
  await turn(); // an unhandled rejection would fail the test run
});
