/** A fold of slots that are written to files and read from them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, prometheusText } from "../../../src/encode/mod.ts";
import { extraText } from "../../../src/fleet/slot/extra.ts";
import { Fold } from "../../../src/fleet/fold/fold.ts";
import { HELD } from "../../../src/fleet/slot/slot.ts";
import { SlotReader } from "../../../src/fleet/slot/slot_reader.ts";
import { SlotWriter } from "../../../src/fleet/slot/slot_writer.ts";
import * as fc from "../../support/property.ts";
import { MemoryDisk } from "../slot/memory_files.ts";
import { family, ids, META, row } from "../slot/slots.ts";
import { sourceOf } from "./lines.ts";

const SLOTS = [0, 1, 2];

/** A member: it reads all slots, and folds them. */
class Member {
  readonly fold = new Fold({ maxMembers: SLOTS.length });
  readonly #readers: readonly SlotReader[];

  constructor(disk: MemoryDisk) {
    this.#readers = SLOTS.map((slot) =>
      new SlotReader(disk.member(), `s${slot}`)
    );
  }

  /** Returns the exposition. */
  body(): string {
    for (const slot of SLOTS) {
      const reader = this.#readers[slot]!;
      const change = reader.read();
      this.fold.take(slot, reader, change);
    }
    this.fold.settle();
    const bytes = expose(sourceOf(this.fold), prometheusText);
    return new TextDecoder().decode(bytes);
  }
}

const anyStep = fc.record({
  slot: fc.constantFrom(...SLOTS),
  label: fc.nat({ max: 60 }),
  by: fc.double({ min: 0, max: 9, noNaN: true }),
  exemplar: fc.boolean(),
  compacts: fc.constantFrom(false, false, false, true),
  reads: fc.boolean(),
});

test("members that read the files of slots write the same bytes", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 120 }), (steps) => {
      const disk = new MemoryDisk();
      const random = ids();
      const writers = SLOTS.map((slot) =>
        SlotWriter.open(disk.member(), `s${slot}`, random)
      );
      const numbers = SLOTS.map(() => new Map<number, number>());
      const totals = new Map<number, number[]>();
      const known = new Member(disk);
      for (const { slot, label, by, exemplar, compacts, reads } of steps) {
        const writer = writers[slot]!;
        if (writer.families.length === 0) {
          writer.addFamily(family("jobs_total"));
        }
        let number = numbers[slot]!.get(label);
        if (number === undefined) {
          number = writer.addRow(row(0, `${label}`));
          numbers[slot]!.set(label, number);
          writer.states[number] = HELD;
        }
        writer.cells[writer.rows[number]!.at]! += by;
        const total = totals.get(label) ?? SLOTS.map(() => 0);
        total[slot]! += by;
        totals.set(label, total);
        if (exemplar) {
          const labels = { trace_id: "t" };
          const text = extraText({
            exemplars: [{ labels, value: by, timestamp: 1 }],
            native: undefined,
          });
          writer.setExtra(number, text);
        }
        writer.publish({ ...META, declared: [0] }, 1);
        if (compacts) {
          const moved = writer.compact(() => true, () => true);
          for (const [key, old] of numbers[slot]!) {
            numbers[slot]!.set(key, moved[old]!);
          }
        }
        if (reads) known.body();
      }
      const body = known.body();
      assert.equal(body, new Member(disk).body());
      for (const [label, total] of totals) {
        const sum = total.reduce((a, b) => a + b);
        assert.ok(body.includes(`"${label}"} ${sum}\n`), `${label} ${sum}`);
      }
    }),
    { numRuns: 100 },
  );
});
