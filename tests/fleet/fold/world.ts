/** Arbitrary histories of slots, with families of every type and rule. */
import * as fc from "../../support/property.ts";
import type { DescInit, NativeView } from "../../../src/model/mod.ts";
import { ABSENT, EXPIRED, HELD } from "../../../src/fleet/slot/slot.ts";
import { FakeSlot } from "./slots.ts";

/** A family that slots can have. */
export interface Spec {
  readonly init: Omit<DescInit, "help">;
  readonly bounds?: readonly number[];
  readonly isNative?: boolean;
}

const labelNames = ["a"];

/** Families without a name in common. */
export const SPECS: readonly Spec[] = [
  { init: { name: "c_total", type: "counter", labelNames } },
  { init: { name: "m_total", type: "counter", labelNames, merge: "max" } },
  { init: { name: "w_total", type: "counter", merge: "each-worker" } },
  { init: { name: "g", type: "gauge", labelNames } },
  { init: { name: "s", type: "gauge", labelNames, merge: "sum" } },
  { init: { name: "lo", type: "gauge", merge: "min" } },
  { init: { name: "new", type: "gauge", labelNames, merge: "last" } },
  { init: { name: "mm", type: "gauge", labelNames: ["member"] } },
  { init: { name: "i_info", type: "info", labelNames } },
  { init: { name: "target_info", type: "info", labelNames } },
  { init: { name: "h", type: "histogram", labelNames }, bounds: [1, 2] },
  { init: { name: "gh", type: "gaugehistogram", labelNames }, bounds: [1] },
  { init: { name: "q", type: "summary", labelNames } },
  { init: { name: "ql", type: "summary", labelNames, merge: "last" } },
  { init: { name: "process_x_total", type: "counter", labelNames } },
  { init: { name: "process_y", type: "gauge", labelNames, merge: "sum" } },
  { init: { name: "state", type: "stateset", labelNames: ["b", "state"] } },
];

/** Families that contradict those of `SPECS`, or each other. */
const RIVALS: readonly Spec[] = [
  { init: { name: "c_total", type: "counter", labelNames: ["b"] } },
  { init: { name: "c_total", type: "counter", labelNames, merge: "max" } },
  { init: { name: "h", type: "histogram", labelNames }, bounds: [1, 3] },
];

/** Families whose rows have native buckets, and some that clash with others. */
const HARD: readonly Spec[] = [
  { init: { name: "n", type: "histogram", labelNames }, isNative: true },
  {
    init: { name: "nb", type: "histogram", labelNames },
    bounds: [1],
    isNative: true,
  },
  { init: { name: "c", type: "histogram" }, bounds: [1] },
  { init: { name: "c.total", type: "gauge", labelNames: ["a.b", "c"] } },
];

export const ALL: readonly Spec[] = [...SPECS, ...RIVALS, ...HARD];
export const COMPARED: readonly Spec[] = [...SPECS, ...RIVALS];

/** One step of a history. */
export type Step =
  & { readonly slot: number; readonly settles: boolean }
  & (
    | { readonly does: "declare"; readonly spec: number }
    | {
      readonly does: "row";
      readonly spec: number;
      readonly label: number;
      readonly generation: number;
      readonly start: number;
    }
    | {
      readonly does: "count";
      readonly row: number;
      readonly value: number;
      readonly n: number;
    }
    | { readonly does: "state"; readonly row: number; readonly state: number }
    | { readonly does: "tombstone"; readonly row: number }
    | { readonly does: "exemplar"; readonly row: number; readonly time: number }
    | { readonly does: "rewrite" | "publish" | "leave" | "join" | "kill" }
  );

const anyRow = fc.nat({ max: 30 });

/** Returns arbitrary steps, with families of `specs`. */
export function anySteps(
  specs: readonly Spec[],
  maxLength = 60,
): fc.Arbitrary<Step[]> {
  const spec = fc.nat({ max: specs.length - 1 });
  const base = {
    slot: fc.nat({ max: 3 }),
    settles: fc.boolean(),
  };
  const of = <D extends string, R>(
    does: D,
    rest: { [K in keyof R]: fc.Arbitrary<R[K]> },
  ) => fc.record({ ...base, does: fc.constant(does), ...rest });
  return fc.array(
    fc.oneof(
      { weight: 1, arbitrary: of("declare", { spec }) },
      {
        weight: 8,
        arbitrary: of("row", {
          spec,
          label: fc.nat({ max: 30 }),
          generation: fc.constantFrom(0, 0, 0, 1),
          start: fc.constantFrom(0, 5, 9),
        }),
      },
      {
        weight: 8,
        arbitrary: of("count", {
          row: anyRow,
          value: fc.oneof(
            fc.integer({ min: -5, max: 5 }),
            fc.double({ min: -9, max: 9, noNaN: true }),
            fc.constantFrom(NaN, Infinity, -Infinity),
          ),
          n: fc.nat({ max: 3 }),
        }),
      },
      {
        weight: 3,
        arbitrary: of("state", {
          row: anyRow,
          state: fc.constantFrom(ABSENT, HELD, EXPIRED),
        }),
      },
      { weight: 1, arbitrary: of("tombstone", { row: anyRow }) },
      {
        weight: 2,
        arbitrary: of("exemplar", { row: anyRow, time: fc.nat({ max: 4 }) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          ...base,
          does: fc.constantFrom(
            "rewrite" as const,
            "publish" as const,
            "leave" as const,
            "join" as const,
            "kill" as const,
          ),
        }),
      },
    ),
    { maxLength },
  ) as fc.Arbitrary<Step[]>;
}

const LABELS = ["", "a", "b", '"', "🚀"];

/** Slots, and who of their owners is dead. */
export class World {
  readonly slots: FakeSlot[];
  readonly dead = new Set<number>();
  /** The slots that were rewritten since they were read. */
  readonly rewritten = new Set<number>();
  readonly #specs: readonly Spec[];
  readonly #numbers: Map<number, number>[];

  constructor(specs: readonly Spec[], size = 4) {
    this.#specs = specs;
    this.slots = Array.from(
      { length: size },
      (_, i) => new FakeSlot({ joinedAt: 10 - (i % 2), process: `p${i >> 1}` }),
    );
    this.#numbers = this.slots.map(() => new Map());
  }

  /** Does a step. */
  do(step: Step): void {
    const slot = this.slots[step.slot]!;
    slot.publishedAt++;
    if (step.does === "declare") this.#declare(step.slot, step.spec);
    else if (step.does === "row") this.#addRow(step);
    else if (step.does === "rewrite") {
      slot.rewrite();
      this.rewritten.add(step.slot);
    } else if (step.does === "leave") {
      slot.meta = { ...slot.meta, hasLeft: true };
    } else if (step.does === "join") {
      const { incarnation, joinedAt } = slot.meta;
      this.dead.delete(step.slot);
      slot.meta = {
        ...slot.meta,
        incarnation: incarnation + 1,
        joinedAt: joinedAt + 3,
        hasLeft: false,
        declared: [],
        process: `q${incarnation}`,
      };
    } else if (step.does === "kill") this.dead.add(step.slot);
    else if (step.does !== "publish" && slot.rows.length > 0) {
      this.#changeRow(slot, step);
    }
  }

  #declare(slot: number, spec: number): number {
    const { init, bounds = [], isNative = false } = this.#specs[spec]!;
    const of = this.slots[slot]!;
    const known = this.#numbers[slot]!.get(spec);
    if (known === undefined) {
      const number = of.family(init, bounds, isNative);
      this.#numbers[slot]!.set(spec, number);
      return number;
    }
    const declared = new Set([...of.meta.declared, known]);
    of.meta = { ...of.meta, declared: [...declared] };
    return known;
  }

  #addRow(step: Step & { does: "row" }): void {
    const slot = this.slots[step.slot]!;
    const family = this.#declare(step.slot, step.spec);
    const { desc } = slot.families[family]!;
    const values = desc.labelNames.map((_, i) =>
      LABELS[Math.floor(step.label / LABELS.length ** i) % LABELS.length]!
    );
    if (desc.type === "stateset") values[values.length - 1] ||= "x";
    const labels = JSON.stringify(values);
    const exists = slot.rows.some((row) =>
      row.family === family && row.labels === labels &&
      row.generation === step.generation
    );
    if (exists) return;
    const { generation, start } = step;
    const cells = desc.type === "info" ? [1] : [];
    const row = slot.row(family, values, cells, { generation, start });
    if (slot.families[family]!.isNative) slot.extra(row, [], nativeOf(0, 3));
  }

  #changeRow(slot: FakeSlot, step: Step): void {
    if (!("row" in step)) return;
    const number = step.row % slot.rows.length;
    const row = slot.rows[number]!;
    const { desc, bounds, isNative } = slot.families[row.family]!;
    if (step.does === "state") slot.states[number] = step.state;
    else if (step.does === "tombstone") {
      const { family, generation, labels } = row;
      slot.tombstones.push({ family, generation, labels });
    } else if (step.does === "exemplar" && !isNative) {
      const labels = { trace_id: `${step.slot}` };
      slot.extra(number, [{ labels, value: 1, timestamp: step.time }]);
    } else if (step.does === "count") {
      const { value, n } = step;
      const finite = Number.isFinite(value) ? Math.abs(value) : 1;
      const add = (by: number, cell = 0) => slot.cells[row.at + cell]! += by;
      const { type, merge } = desc;
      if (type === "counter") add(finite);
      else if (type === "stateset") slot.set(number, n % 2);
      else if (type === "summary") {
        add(n);
        add(value, 1);
      } else if (type === "histogram" || type === "gaugehistogram") {
        add(n, n % (bounds.length + 1));
        add(value, bounds.length + 1);
        if (isNative) {
          const cells = slot.cells.slice(row.at, row.at + bounds.length + 1);
          slot.extra(number, [], nativeOf(cells.reduce((a, b) => a + b), n));
        }
      } else if (type !== "info") slot.set(number, value + 0);
      const isTimed = merge === "last" && type !== "summary";
      if (isTimed) slot.set(number, slot.publishedAt - n, 1);
    }
  }
}

/** Returns native buckets with `count` observations. */
function nativeOf(count: number, schema: number): NativeView {
  const none = { offset: 0, size: 0, counts: new Float64Array(0), overflow: 0 };
  const zeroCount = count % 2;
  const counts = Float64Array.of(count - zeroCount);
  return {
    schema,
    zeroThreshold: 2 ** -128,
    zeroCount,
    positive: counts[0] === 0
      ? none
      : { offset: schema, size: 1, counts, overflow: 0 },
    negative: none,
  };
}
