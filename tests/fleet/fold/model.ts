/** The values of a fold, row by row: slow, and simple enough to be believed. */
import {
  EXPIRED,
  HELD,
  signatureOf,
  type SlotFamily,
  type SlotRow,
} from "../../../src/fleet/slot/slot.ts";
import type { Snapshot } from "../../../src/model/mod.ts";
import type { FakeSlot } from "./slots.ts";

/** Cells by series: a number; counts of buckets and the sum; count and sum. */
export type Values = Record<string, number[]>;

/** Returns the values of a snapshot. */
export function valuesOf({ families }: Snapshot): Values {
  const values: Values = {};
  for (const { desc, labelValues, ...family } of families) {
    const arity = desc.labelNames.length;
    for (let i = 0; i < family.starts.length; i++) {
      const labels = labelValues.slice(i * arity, (i + 1) * arity);
      const { histograms, summaries, numbers } = family;
      const h = histograms[i];
      const s = summaries[i];
      values[keyOf(desc.name, desc.labelNames, labels)] = h
        ? [...h.counts, h.sum]
        : s
        ? [s.count, s.sum]
        : [numbers[i]!];
    }
  }
  return values;
}

function keyOf(
  name: string,
  names: readonly string[],
  values: readonly string[],
): string {
  return `${name} ${JSON.stringify(names.map((n, i) => [n, values[i]]))}`;
}

interface Part {
  readonly slot: number;
  readonly row: SlotRow;
  readonly state: number;
  readonly cells: readonly number[];
  readonly publishedAt: number;
}

/** Returns the values that a fold of these slots must have. */
export function expectedOf(
  slots: readonly FakeSlot[],
  dead: ReadonlySet<number>,
): Values {
  const isLive = (slot: number) =>
    !slots[slot]!.meta.hasLeft && !dead.has(slot);
  const isLeader = (slot: number) =>
    isLive(slot) &&
    !slots.some(({ meta }, other) =>
      other < slot && isLive(other) &&
      meta.process === slots[slot]!.meta.process
    );
  const names = new Set(
    slots.flatMap(({ families }) => families.map(({ desc }) => desc.name)),
  );
  const values: Values = {};
  for (const name of names) {
    const family = holderOf(name, slots, isLive);
    const groups = Map.groupBy(
      partsOf(family, slots),
      ({ row, slot }) =>
        isByMember(family) ? `${slot} ${row.labels}` : row.labels,
    );
    const shown: [labels: string[], slot: number, parts: Part[]][] = [];
    for (const parts of groups.values()) {
      const { labels } = parts[0]!.row;
      const removed = removedOf(name, labels, slots);
      const current = parts.filter(({ row, slot }) =>
        row.generation > removed &&
        !parts.some((other) =>
          other.slot === slot && other.row.generation > row.generation
        )
      );
      const holds = ({ state, slot }: Part) => state === HELD && isLive(slot);
      if (
        current.some(({ state }) => state === EXPIRED) && !current.some(holds)
      ) continue;
      const { type } = family.desc;
      const counting = ["counter", "histogram", "summary"].includes(type)
        ? current
        : current.filter((part) =>
          holds(part) &&
          (!name.startsWith("process_") || isLeader(part.slot))
        );
      if (counting.length === 0) continue;
      shown.push([JSON.parse(labels), counting[0]!.slot, counting]);
    }
    for (const [labels, slot, parts] of shown) {
      let counting = parts;
      if (family.desc.type === "stateset") {
        const group = JSON.stringify(labels.slice(0, -1));
        const all = shown.filter(([other]) =>
          JSON.stringify(other.slice(0, -1)) === group
        ).flatMap(([, , each]) => each);
        const winner = newestOf(all, (part) => part.cells[1]!).slot;
        counting = parts.filter((part) => part.slot === winner);
        if (counting.length === 0) continue;
      }
      const key = isByMember(family)
        ? keyOf(name, [...family.desc.labelNames, "member"], [
          ...labels,
          `${slot}`,
        ])
        : keyOf(name, family.desc.labelNames, labels);
      values[key] = mergedOf(family, counting);
    }
  }
  return values;
}

function isByMember({ desc }: SlotFamily): boolean {
  return desc.merge === "each-worker" && !desc.labelNames.includes("member");
}

/** Returns the declaration of `name` that holds. */
function holderOf(
  name: string,
  slots: readonly FakeSlot[],
  isLive: (slot: number) => boolean,
): SlotFamily {
  const last = (families: readonly (SlotFamily | undefined)[]) =>
    families.filter((family) => family?.desc.name === name).at(-1);
  const members = [...slots.keys()].filter(isLive)
    .toSorted((a, b) => slots[a]!.meta.joinedAt - slots[b]!.meta.joinedAt);
  for (const member of members) {
    const { families, meta } = slots[member]!;
    const numbers = meta.declared.toSorted((a, b) => a - b);
    const found = last(numbers.map((number) => families[number]));
    if (found !== undefined) return found;
  }
  const known = slots.filter(({ families }) => last(families));
  return last(newestOf(known, (slot) => slot.publishedAt).families)!;
}

/** Returns the first of the newest. */
function newestOf<T>(all: readonly T[], time: (of: T) => number): T {
  return all.reduce((a, b) => time(b) > time(a) ? b : a);
}

function partsOf(family: SlotFamily, slots: readonly FakeSlot[]): Part[] {
  const signature = signatureOf(family);
  return slots.flatMap(({ rows, families, states, cells, ...facts }, slot) =>
    rows.flatMap((row, i): Part[] =>
      signatureOf(families[row.family]!) !== signature ? [] : [{
        slot,
        row,
        state: states[i]!,
        cells: cells.slice(row.at, rows[i + 1]?.at),
        publishedAt: facts.publishedAt,
      }]
    )
  );
}

function removedOf(
  name: string,
  labels: string,
  slots: readonly FakeSlot[],
): number {
  return Math.max(
    -1,
    ...slots.flatMap(({ tombstones, families }) =>
      tombstones.filter((t) =>
        families[t.family]!.desc.name === name && t.labels === labels
      ).map(({ generation }) => generation)
    ),
  );
}

function mergedOf({ desc }: SlotFamily, parts: readonly Part[]): number[] {
  const { type, merge } = desc;
  if (type === "info") return [1];
  const width = ["summary", "histogram", "gaugehistogram"].includes(type)
    ? parts[0]!.cells.length
    : 1;
  if (merge === "last" || merge === "each-worker") {
    const isTimed = merge === "last" && width === 1;
    const newest = newestOf(
      parts,
      (part) => isTimed ? part.cells[1]! : part.publishedAt,
    );
    return newest.cells.slice(0, width);
  }
  const values = parts.map(({ cells }) => cells[0]!);
  const numbers = values.filter((value) => !Number.isNaN(value));
  if (merge === "max") return [Math.max(...numbers)];
  if (merge === "min") {
    return [numbers.length === 0 ? NaN : Math.min(...numbers)];
  }
  return Array.from(
    { length: width },
    (_, i) => parts.reduce((sum, { cells }) => sum + cells[i]!, 0),
  );
}
