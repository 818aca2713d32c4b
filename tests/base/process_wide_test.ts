import assert from "node:assert/strict";
import { test } from "node:test";
import { processWide } from "../../src/base/internal.ts";

test("processWide() creates a value once, under a key of the global object", () => {
  const key = Symbol("test");
  const create = () => ({});
  const first = processWide(key, create);
  assert.equal(processWide(key, create), first);
  assert.equal(Reflect.get(globalThis, key), first);
  Reflect.deleteProperty(globalThis, key);
});

test("processWide() keeps its values if the global object is frozen", () => {
  const { isExtensible } = Object;
  const key = Symbol("test");
  Object.isExtensible = (value) => value !== globalThis && isExtensible(value);
  try {
    const first = processWide(key, () => ({}));
    assert.equal(processWide(key, () => ({})), first);
    assert.equal(Reflect.get(globalThis, key), undefined);
  } finally {
    Object.isExtensible = isExtensible;
  }
});
