// `read: async (report) => …` compiles. Values reported after its first await
// were silently never exposed, and its rejection reached the runtime.
import assert from "node:assert/strict";
import { test } from "node:test";

import { failuresOf, namesOf, setUp, turn } from "../metrics/fixtures.ts";

test("a read() that returns a promise fails, and the error suggests refresh()", async () => {
  const { registry } = setUp();
  registry.callbackGauge({
    name: "x",
    help: "X.",
    read: async (report) => {
      await Promise.resolve();
      report(1);
      throw new Error("an unhandled rejection");
    },
  });
  const [part] = registry.parts;
  const silent = {
    family: () => true,
    number: () => {},
    histogram: () => {},
    summary: () => {},
  };
  assert.throws(() => part!.collect(silent), {
    name: "TypeError",
    message: /"x".*read.*at once.*refresh/,
  });
  assert.deepEqual(namesOf(registry), []);
  assert.deepEqual(failuresOf(registry), { x: 2 });
  await turn(); // an unhandled rejection would end the test here
});

test("a callback with read() has no refresh()", () => {
  const { registry } = setUp();
  registry.callbackGauge({ name: "x", help: "X.", read: (r) => r(1) });
  const [part] = registry.parts;
  assert.equal(part!.refresh, undefined);
});
