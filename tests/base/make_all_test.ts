import assert from "node:assert/strict";
import { test } from "node:test";
import { disposeAll, makeAll } from "../../src/base/internal.ts";

test("makeAll() returns what its makers made, in order", () => {
  const made = makeAll([() => ({ a: 1 }), () => ({ a: 2 })]);
  assert.deepEqual(made, [{ a: 1 }, { a: 2 }]);
});

test("makeAll() disposes of what was made before an error", () => {
  const disposed: string[] = [];
  const part = (name: string) => () => ({
    [Symbol.dispose]: () => void disposed.push(name),
  });
  const fail = () => {
    throw new Error("no third part");
  };
  assert.throws(
    () => makeAll<object>([part("a"), () => ({}), fail, part("b")]),
    { message: "no third part" },
  );
  assert.deepEqual(disposed, ["a"]);
});

test("disposeAll() skips parts that are not disposable", () => {
  let disposed = 0;
  disposeAll([{}, { [Symbol.dispose]: () => disposed++ }]);
  assert.equal(disposed, 1);
});
