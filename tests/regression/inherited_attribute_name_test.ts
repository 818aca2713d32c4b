// Attributes are kept in a plain object. With a frozen Object.prototype an attribute
// named "constructor" threw, and names of a polluted one became attributes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { traced } from "../trace/fixtures.ts";

/** Runs `work` while Object.prototype has another property. */
function polluted(
  name: string,
  property: PropertyDescriptor,
  work: () => void,
): void {
  Object.defineProperty(Object.prototype, name, {
    ...property,
    configurable: true,
  });
  try {
    work();
  } finally {
    delete (Object.prototype as Record<string, unknown>)[name];
  }
}

test("an inherited property is no attribute", () => {
  const { tracer, spans } = traced();
  polluted("evil", { value: "x", enumerable: true }, () => {
    const span = tracer.start("work", { attributes: { a: 1 } });
    span.setAttributes({ b: 2 }).addEvent("e", { c: 3 });
    assert.equal(span.attribute("evil"), undefined);
    span.setAttributes(Object.create({ d: 4 })).end();
  });
  assert.deepEqual({ ...spans[0]?.attributes }, { a: 1, b: 2 });
  assert.deepEqual({ ...spans[0]?.events[0]?.attributes }, { c: 3 });
});

test("an attribute can have a name that Object.prototype protects", () => {
  const { tracer, spans } = traced();
  const properties: PropertyDescriptor[] = [
    { value: "frozen", writable: false },
    { set() {} },
    { get: () => "read-only" },
  ];
  for (const property of properties) {
    polluted("shape", property, () => {
      const span = tracer.start("work", { attributes: { shape: "round" } });
      span.addEvent("e", { shape: "flat" });
      assert.equal(span.attribute("shape"), "round");
      span.setAttribute("shape", "square").end();
    });
  }
  for (const { attributes, events } of spans) {
    assert.deepEqual(Object.entries(attributes), [["shape", "square"]]);
    assert.deepEqual(Object.entries(events[0]!.attributes), [[
      "shape",
      "flat",
    ]]);
  }
  assert.equal(spans.length, 3);
});
