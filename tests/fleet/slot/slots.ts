/** Makes contents of slots for tests. */
import { type DescInit, familyDesc } from "../../../src/model/mod.ts";
import {
  type SlotFamily,
  type SlotMeta,
  type SlotRow,
  type SlotState,
  widthOf,
} from "../../../src/fleet/slot/slot.ts";

export const PATH = "/fleet/s0";

export const META: SlotMeta = {
  incarnation: 1,
  joinedAt: 1000,
  process: "host:1",
  run: "",
  hasLeft: false,
  declared: [],
};

/** Returns a family; a counter unless `init` says another type. */
export function family(
  name: string,
  init: Partial<DescInit> = {},
  parts: Partial<SlotFamily> = {},
): SlotFamily {
  const desc = familyDesc({
    name,
    type: "counter",
    help: "Counts something.",
    labelNames: ["a"],
    ...init,
  }, "utf-8");
  return { desc, bounds: [], isNative: false, ...parts };
}

/** Returns a row of the first generation. */
export function row(
  family: number,
  ...labels: readonly string[]
): Omit<SlotRow, "at"> {
  return { family, generation: 0, start: 0, labels: JSON.stringify(labels) };
}

/** Returns a source of numbers for ids of files. */
export function ids(): { random(): number } {
  let last = 0;
  return { random: () => ++last / 1024 };
}

/** Returns a copy of a state without unused elements at the end of arrays. */
export function contentsOf(state: SlotState): SlotState {
  const { families, rows, cells, states } = state;
  const last = rows.at(-1);
  const end = last ? last.at + widthOf(families[last.family]!) : 0;
  return {
    ...state,
    families: [...families],
    rows: [...rows],
    tombstones: [...state.tombstones],
    cells: cells.slice(0, end),
    states: states.slice(0, rows.length),
    extras: new Map(state.extras),
  };
}

/** Writes numbers at positions of a file. */
export function withNumbers(
  bytes: Uint8Array,
  numbers: Readonly<Record<number, number>>,
): Uint8Array {
  const view = new DataView(bytes.buffer);
  for (const [at, value] of Object.entries(numbers)) {
    view.setFloat64(Number(at), value, true);
  }
  return bytes;
}
