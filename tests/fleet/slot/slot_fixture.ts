/** A slot on a disk in memory, with its writer and a reader. */
import assert from "node:assert/strict";
import { SlotReader } from "../../../src/fleet/slot/slot_reader.ts";
import { SlotWriter } from "../../../src/fleet/slot/slot_writer.ts";
import { HELD, type SlotState } from "../../../src/fleet/slot/slot.ts";
import { MemoryDisk, type OnCall } from "./memory_files.ts";
import { contentsOf, family, ids, PATH, row } from "./slots.ts";

export interface Slot {
  readonly disk: MemoryDisk;
  readonly writer: SlotWriter;
  readonly reader: SlotReader;
}

export const RANDOM = ids();

export function open(disk: MemoryDisk, onCall?: OnCall): SlotWriter {
  return SlotWriter.open(disk.member(onCall), PATH, RANDOM);
}

export function slot(onCall?: OnCall): Slot {
  const disk = new MemoryDisk();
  const writer = open(disk, onCall);
  return { disk, writer, reader: new SlotReader(disk.member(), PATH) };
}

/** Returns what a reader that knows nothing reads. */
export function stateOf(disk: MemoryDisk): SlotState {
  const reader = new SlotReader(disk.member(), PATH);
  assert.equal(reader.read(), "replaced");
  return reader.state!;
}

/** Checks that a reader knows the same as one that knew nothing before. */
export function checkAgainstFresh(
  { state }: SlotReader,
  disk: MemoryDisk,
): void {
  assert.deepEqual(contentsOf(state!), contentsOf(stateOf(disk)));
}

/** Adds a counter and rows with values. */
export function count(writer: SlotWriter, ...values: readonly number[]): void {
  const number = writer.addFamily(family("jobs_total"));
  values.forEach((value, at) => set(writer, row(number, String(at)), value));
}

export function set(
  writer: SlotWriter,
  added: ReturnType<typeof row>,
  value: number,
): number {
  const number = writer.addRow(added);
  writer.cells[writer.rows[number]!.at] = value;
  writer.states[number] = HELD;
  return number;
}

/** Returns the values of all rows by their labels. */
export function valuesOf({ rows, cells }: SlotState): Record<string, number> {
  return Object.fromEntries(
    rows.map(({ labels, at }) => [JSON.parse(labels).join(), cells[at]]),
  );
}
