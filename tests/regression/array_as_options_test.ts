// A list in place of the options, such as createTracer([]), was read as an object
// without options, so that every option silently had its default. The same held
// for options that take an object, such as labels.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../src/bus/mod.ts";
import { readyHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { createTracer } from "../../src/trace/mod.ts";

test("factories refuse an array in place of their options", () => {
  assert.throws(() => createBus([] as object), {
    name: "TypeError",
    message: "Cannot make a bus: the options are an array; " +
      "give an object with any of capacity, epoch, clock",
  });
  assert.throws(() => createTracer([1] as object), /options are an array/);
});

test("factories refuse an array in place of an object option", () => {
  assert.throws(() => readyHandler({ checks: [] as never }), {
    name: "TypeError",
    message: "Cannot report readiness: checks is an array; " +
      "give an object, such as { database: () => true }",
  });
  assert.throws(
    () => createRegistry().scope({ labels: ["zone"] as never }),
    /labels is an array; give values by name/,
  );
});

test("factories read inherited options", () => {
  const options = Object.create({ capacity: 7 });
  assert.equal(createBus(options).stats().capacity, 7);
});
