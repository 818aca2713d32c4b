// Attributes are kept in a plain object, so attribute("constructor") returned a
// function of Object.prototype for an attribute that was never set.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTracer } from "../../src/trace/mod.ts";

test("Span.attribute() returns only attributes that were set", () => {
  const tracer = createTracer();
  using _ = tracer.onEnd(() => {});
  using span = tracer.start("work");
  for (const name of ["constructor", "toString", "__proto__"]) {
    assert.equal(span.attribute(name), undefined);
  }
  span.setAttribute("constructor", "mason");
  assert.equal(span.attribute("constructor"), "mason");
});
