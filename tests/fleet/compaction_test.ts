/** When the file of a slot is written anew. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Compaction } from "../../src/fleet/compaction.ts";
import type { Publisher } from "../../src/fleet/publisher/publisher.ts";
import type { SlotWriter } from "../../src/fleet/slot/slot_writer.ts";

/** A slot of which the first rows are used. */
class Slot {
  rows = 0;
  used = 0;
  searches = 0;
  readonly #compaction: Compaction;

  constructor() {
    const lines = (): unknown[] => Array(this.rows);
    const writer = {
      families: [],
      tombstones: [],
      get rows() {
        return lines();
      },
      compact: (keeps: (row: number) => boolean) => {
        this.rows = [...lines().keys()].filter(keeps).length;
        return new Int32Array(0);
      },
    };
    const publisher = {
      used: () => {
        this.searches++;
        return new Set(Array(this.used).keys());
      },
      renumber: () => {},
    };
    this.#compaction = new Compaction(
      writer as unknown as SlotWriter,
      publisher as unknown as Publisher,
    );
  }

  look(): boolean {
    return this.#compaction.run(() => []);
  }
}

test("a slot is searched for unused rows when it has grown, or once a minute", () => {
  const slot = new Slot();
  slot.rows = slot.used = 1023;
  slot.look();
  assert.equal(slot.searches, 0);
  slot.rows = slot.used = 100_000;
  for (let second = 0; second < 60; second++) slot.look();
  assert.equal(slot.searches, 1);
  slot.look();
  assert.equal(slot.searches, 2);
  slot.rows = slot.used = 106_000;
  slot.look();
  assert.equal(slot.searches, 2);
  slot.rows = slot.used = 107_000;
  slot.look();
  assert.equal(slot.searches, 3);
});

test("a slot has at most some more unused rows than used ones, however fast they grow", () => {
  for (const used of [0, 100, 5000]) {
    for (const perSecond of [1, 10, 1000]) {
      const slot = new Slot();
      slot.rows = slot.used = used;
      for (let second = 0; second < 8_000 / perSecond; second++) {
        slot.rows += perSecond;
        slot.look();
        const limit = 1.1 * (1024 + 2 * used) + perSecond + 1;
        assert.ok(slot.rows <= limit, `${slot.rows} of ${used}, ${perSecond}`);
      }
    }
  }
});

test("gauges that were removed leave the file within a minute", () => {
  const slot = new Slot();
  slot.rows = slot.used = 10_000;
  assert.equal(slot.look(), false);
  slot.used = 10;
  const looks = Array.from({ length: 60 }, () => slot.look());
  assert.deepEqual(looks.filter((isAnew) => isAnew), [true]);
  assert.equal(slot.rows, 10);
});
