// A label set had expired, was recorded anew through a second handle and expired
// again. The first handle then brought the first total back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf, setUp } from "../metrics/fixtures.ts";

test("a held series continues from the last total of its label set", () => {
  const { registry, clock } = setUp();
  const hits = registry.counter({
    name: "hits_total",
    help: "Hits.",
    labels: ["page"],
    maxSeries: 1,
    expireAfter: 60,
  });
  const expire = () => {
    rowsOf(registry, "hits_total");
    clock.advance(100);
    assert.deepEqual(rowsOf(registry, "hits_total"), []);
  };
  for (const overflowing of [false, true]) {
    const series = () => {
      if (overflowing) hits.at("first").inc();
      return hits.at("a");
    };
    const older = series();
    older.inc(100);
    expire();
    const newer = series();
    newer.inc(3);
    expire();
    assert.equal(older.value, 3);
    older.inc();
    assert.equal(older.value, 4);
    assert.equal(newer.value, 4);
    newer.inc();
    const label = overflowing ? "overflow" : "a";
    assert.deepEqual(rowsOf(registry, "hits_total"), [[label, 5]]);
    hits.clear();
    assert.equal(older.value, 0);
  }
});

test("a series that expires again and again makes one weak reference", () => {
  const { registry, clock } = setUp();
  const held = registry.counter({
    name: "hits_total",
    help: "Hits.",
    labels: ["page"],
    expireAfter: 60,
  }).at("a");
  const { WeakRef } = globalThis;
  let made = 0;
  globalThis.WeakRef = class<T extends WeakKey> extends WeakRef<T> {
    constructor(target: T) {
      super(target);
      made++;
    }
  };
  try {
    for (let i = 1; i <= 100; i++) {
      held.inc();
      assert.deepEqual(rowsOf(registry, "hits_total"), [["a", i]]);
      clock.advance(100);
      assert.deepEqual(rowsOf(registry, "hits_total"), []);
    }
  } finally {
    globalThis.WeakRef = WeakRef;
  }
  assert.equal(made, 1);
});
