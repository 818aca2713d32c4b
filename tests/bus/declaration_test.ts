/** Wrong options of a bus, from callers without a type checker. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../src/bus/mod.ts";
import { loose } from "../metrics/fixtures.ts";

/** Values that `String` or `JSON.stringify` may refuse. */
const UNPRINTABLE = [5n, Symbol("x"), Object.create(null)];

test("createBus() and subscribe() refuse a misspelt option by name", () => {
  assert.throws(() => loose({ createBus }).createBus!({ capasity: 5 }), {
    name: "TypeError",
    message: 'Cannot make a bus: there is no option "capasity"; ' +
      "give any of capacity, epoch, clock",
  });
  const bus = createBus();
  assert.throws(() => loose(bus).subscribe!({ afer: 5 }), {
    name: "TypeError",
    message: 'Cannot subscribe: there is no option "afer"; ' +
      "give any of after, buffer, topics, signal",
  });
  assert.equal(bus.stats().subscribers, 0);
});

test("createBus() and subscribe() refuse options that are not an object", () => {
  const bus = createBus();
  for (const options of [null, 5, "a", () => {}]) {
    assert.throws(
      () => loose({ createBus }).createBus!(options),
      /^TypeError: Cannot make a bus: .* give an object/,
    );
    assert.throws(
      () => loose(bus).subscribe!(options),
      /^TypeError: Cannot subscribe: .* give an object/,
    );
  }
});

test("createBus() and subscribe() refuse unprintable values with a readable error", () => {
  const bus = createBus();
  for (const value of UNPRINTABLE) {
    for (const name of ["capacity", "epoch"]) {
      assert.throws(
        () => loose({ createBus }).createBus!({ [name]: value }),
        /^TypeError: Cannot make a bus: .*; give /,
      );
    }
    for (const name of ["after", "buffer"]) {
      assert.throws(
        () => loose(bus).subscribe!({ [name]: value }),
        /^TypeError: Cannot subscribe: .*; give /,
      );
    }
    assert.throws(
      () => loose(bus).subscribe!({ topics: [value] }),
      /^TypeError: Cannot subscribe: .*give a list of topics/,
    );
  }
  assert.equal(bus.stats().subscribers, 0);
});

test("subscribe() refuses an invalid signal, createBus() an invalid clock", () => {
  const bus = createBus();
  for (const signal of [null, "stop", 5]) {
    assert.throws(
      () => loose(bus).subscribe!({ signal }),
      /^TypeError: Cannot subscribe: .*AbortSignal/,
    );
  }
  assert.equal(bus.stats().subscribers, 0);
  for (const clock of [null, 5]) {
    assert.throws(
      () => loose({ createBus }).createBus!({ clock }),
      /^TypeError: Cannot make a bus: clock .*; give a clock with unix\(\) and mono\(\), such as systemClock$/,
    );
  }
});

test("createBus() and subscribe() use the default of an undefined option", () => {
  const bus = loose({ createBus }).createBus!({
    capacity: undefined,
    epoch: undefined,
    clock: undefined,
  }) as ReturnType<typeof createBus>;
  using _ = loose(bus).subscribe!({
    after: undefined,
    buffer: undefined,
    topics: undefined,
    signal: undefined,
  }) as Disposable;
  assert.equal(bus.stats().capacity, 1000);
});
