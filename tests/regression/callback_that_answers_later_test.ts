// `read: async (report) => …` compiles, and what it reported after its first
// await was never exposed, in silence; its rejection went to the runtime.
import assert from "node:assert/strict";
import { test } from "node:test";
import { needsRefresh } from "../../src/model/internal.ts";
import { failuresOf, namesOf, setUp, turn } from "../metrics/fixtures.ts";

test("a read that returns a promise is a failure that says what to do", async () => {
  const { registry } = setUp();
  registry.callbackGauge({
    name: "x",
    help: "X.",
    read: async (report) => {
      await Promise.resolve();
      report(1);
      throw new Error("unhandled, unless someone looks");
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
  await turn(); // its rejection would be reported here
});

test("a callback with read has nothing to refresh", () => {
  const { registry } = setUp();
  registry.callbackGauge({ name: "x", help: "X.", read: (r) => r(1) });
  assert.equal(needsRefresh(registry), false);
});
