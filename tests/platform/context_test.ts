import assert from "node:assert/strict";
import { test } from "node:test";
import { synchronousStore } from "../../src/platform/internal.ts";

test("synchronousStore() restores the outer value after nested work", () => {
  const store = synchronousStore<string>();
  const seen: (string | undefined)[] = [];
  store.run("outer", () => {
    store.run("inner", () => void seen.push(store.get()));
    seen.push(store.get());
  });
  seen.push(store.get());
  assert.deepEqual(seen, ["inner", "outer", undefined]);
});

test("synchronousStore() restores the outer value after an error", () => {
  const store = synchronousStore<string>();
  const fail = () => {
    throw new Error("broken");
  };
  store.run("outer", () => {
    assert.throws(() => store.run("inner", fail), /broken/);
    assert.equal(store.get(), "outer");
  });
  assert.equal(store.get(), undefined);
});
