// An unlabelled family has no labels by which to find its row. After its series
// had expired and a second declaration had made a new one, the handle of the
// first came back in another row: one family had the same series twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { capture } from "../../src/model/mod.ts";
import { rowsOf, setUp } from "../metrics/fixtures.ts";

test("two declarations of an unlabelled family share one series", () => {
  const { registry, clock } = setUp();
  const options = { name: "x_total", help: "X.", expireAfter: 60 } as const;
  const first = registry.counter(options);
  first.inc(5);
  capture(registry);
  clock.advance(60);
  capture(registry);
  const second = registry.counter(options);
  second.inc();
  first.inc();
  assert.equal(rowsOf(registry, "x_total").length, 1);
  assert.equal(first.value, second.value);
});

test("two declarations of an unlabelled state set share one series", () => {
  const { registry, clock } = setUp();
  const options = {
    name: "phase",
    help: "Phase.",
    states: ["on"],
    expireAfter: 60,
  } as const;
  const first = registry.stateSet(options);
  capture(registry);
  clock.advance(60);
  capture(registry);
  registry.stateSet(options).set("on");
  first.set(undefined);
  assert.deepEqual(rowsOf(registry, "phase"), [["on", 0]]);
});
