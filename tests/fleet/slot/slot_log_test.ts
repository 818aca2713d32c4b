import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import { SlotReader } from "../../../src/fleet/slot/slot_reader.ts";
import { SlotWriter } from "../../../src/fleet/slot/slot_writer.ts";
import { MemoryDisk } from "./memory_files.ts";
import { family, ids, META, PATH } from "./slots.ts";

const PIECES = ["", "a", "é", "\ufffd", "\ufeff", "😀", '"', "\\", "\t", "\n"];

const anyLabel = fc.oneof(
  fc.array(fc.constantFrom(...PIECES)).map((texts) => texts.join("")),
  fc.string({ unit: "binary" }),
);

const anySeconds = fc.oneof(
  fc.nat(2e9).map((seconds) => seconds / 1000),
  fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 })
    .map((millis) => millis / 1000),
  fc.double({ min: 0, max: 1e11, noNaN: true }),
);

const anyRow = fc.record({
  labels: fc.tuple(anyLabel, anyLabel),
  start: anySeconds,
  generation: fc.nat(),
});

test("rows are read as they were written, whatever their labels and times are", () => {
  fc.assert(fc.property(fc.array(anyRow), (rows) => {
    const disk = new MemoryDisk();
    const writer = SlotWriter.open(disk.member(), PATH, ids());
    writer.addFamily(family("a_total", { labelNames: ["a", "b"] }));
    for (const { labels, start, generation } of rows) {
      writer.addRow({
        family: 0,
        labels: JSON.stringify(labels),
        start: start + 0,
        generation,
      });
    }
    writer.publish(META, 1);
    const reader = new SlotReader(disk.member(), PATH);
    assert.equal(reader.read(), "replaced");
    assert.deepEqual(reader.state!.rows, writer.rows);
  }));
});
