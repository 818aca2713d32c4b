/**
 * The list of families: which are shown, in which order, and why one was found.
 */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import { type Kind, kindOf, KINDS } from "./names.ts";

/** The orders of the list. */
export const ORDERS = ["series", "name", "change"] as const;

/** An order of the list. */
export type Order = (typeof ORDERS)[number];

/** Where a search has found a family, unless all words stand in its name. */
export interface Found {
  readonly where: "help" | "label" | "value";
  /** The name of the label; empty for `help`. */
  readonly label: string;
  /** The value; empty unless `where` is `value`. */
  readonly value: string;
}

/** A row of the list. */
export interface Row {
  readonly info: FamilyInfo;
  readonly found: Found | null;
}

/** The list of families. */
export interface FamilyList {
  readonly rows: readonly Row[];
  /** How many families of each kind the search has found. */
  readonly counts: Readonly<Record<Kind, number>>;
  /** Sum of the series of `rows`. */
  readonly series: number;
}

/** Search, kind and order of the list. */
export interface Query {
  readonly text: string;
  readonly kind: Kind;
  readonly order: Order;
  /** Values of the labels of each known series of a family. */
  values(family: FamilyInfo): Iterable<readonly string[]>;
  /** Relative change of a family; null if it is unknown. */
  change(family: FamilyInfo): number | null;
}

/** Returns the words of a search, in lower case. */
export function searchWords(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter((word) => word !== "");
}

/** Returns the rows that a query asks for. */
export function familyList(
  families: Iterable<FamilyInfo>,
  query: Query,
): FamilyList {
  const words = searchWords(query.text);
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<
    Kind,
    number
  >;
  const rows: Row[] = [];
  let series = 0;
  for (const info of families) {
    const found = find(info, words, query);
    if (found === undefined) continue;
    const kind = kindOf(info);
    counts.all++;
    counts[kind]++;
    if (query.kind !== "all" && query.kind !== kind) continue;
    rows.push({ info, found });
    series += info.series;
  }
  return { rows: rows.sort(comparer(query)), counts, series };
}

/**
 * Returns where all words are found: null for the name alone, undefined if a word
 * is missing. Reports the place of the first word that is not in the name.
 */
function find(
  info: FamilyInfo,
  words: readonly string[],
  query: Query,
): Found | null | undefined {
  const name = info.name.toLowerCase();
  let first: Found | null = null;
  for (const word of words) {
    if (name.includes(word)) continue;
    const found = findBesideName(info, word, query);
    if (found === undefined) return undefined;
    first ??= found;
  }
  return first;
}

function findBesideName(
  info: FamilyInfo,
  word: string,
  query: Query,
): Found | undefined {
  const label = info.labels.find((label) => label.toLowerCase().includes(word));
  if (label !== undefined) return { where: "label", label, value: "" };
  if (info.help.toLowerCase().includes(word)) {
    return { where: "help", label: "", value: "" };
  }
  for (const values of query.values(info)) {
    const index = values.findIndex((value) =>
      value.toLowerCase().includes(word)
    );
    if (index < 0) continue;
    return {
      where: "value",
      label: info.labels[index] ?? "",
      value: values[index] ?? "",
    };
  }
  return undefined;
}

function comparer(query: Query): (a: Row, b: Row) => number {
  const byName = (a: Row, b: Row) =>
    a.info.name < b.info.name ? -1 : a.info.name > b.info.name ? 1 : 0;
  switch (query.order) {
    case "name":
      return byName;
    case "series":
      return (a, b) => b.info.series - a.info.series || byName(a, b);
    case "change": {
      const sizes = new Map<Row, number>();
      const size = (row: Row) => {
        let known = sizes.get(row);
        if (known === undefined) {
          const change = query.change(row.info);
          // An unknown change stands behind no change at all.
          known = change === null ? -1 : changeSize(change);
          sizes.set(row, known);
        }
        return known;
      };
      return (a, b) => size(b) - size(a) || byName(a, b);
    }
  }
}

/** Returns 0 for no change and 1 for a rise from zero; halving equals doubling. */
function changeSize(change: number): number {
  return change < 0 ? -change : 1 - 1 / (1 + change);
}

/** Seconds of "now" when a family is compared with its own past. */
const NOW_SECONDS = 60;

/** Fewest observations from which a change of a rate is computed. */
const ENOUGH = 10;

/**
 * Compares the last minute with the columns before it: 0.5 is 50 % more, Infinity
 * a rise from zero. Returns null if there is too little to compare.
 *
 * @param isCount Whether the columns count something, rather than being levels.
 */
export function relativeChange(
  columns: Float64Array,
  step: number,
  isCount: boolean,
): number | null {
  const split = columns.length - Math.max(1, Math.round(NOW_SECONDS / step));
  const now = sumUp(columns, Math.max(0, split), columns.length);
  const before = sumUp(columns, 0, Math.max(0, split));
  if (now.n === 0 || before.n === 0) return null;
  const mean = now.sum / now.n;
  const usual = before.sum / before.n;
  if (isCount && Math.max(now.sum, usual * now.n) < ENOUGH) return null;
  if (mean === usual) return 0;
  if (usual === 0) return mean > 0 ? Infinity : -Infinity;
  return (mean - usual) / Math.abs(usual);
}

function sumUp(
  columns: Float64Array,
  from: number,
  to: number,
): { sum: number; n: number } {
  let sum = 0;
  let n = 0;
  for (let i = from; i < to; i++) {
    const value = columns[i]!;
    if (Number.isNaN(value)) continue;
    sum += value;
    n++;
  }
  return { sum, n };
}

/**
 * Returns the families whose columns are asked for: the smallest first, while
 * their series fit into `budget`. The chosen family always belongs to them.
 */
export function wanted(
  families: Iterable<FamilyInfo>,
  chosen: FamilyInfo | undefined,
  budget: number,
): number[] {
  const ids = new Set<number>(chosen === undefined ? [] : [chosen.id]);
  let series = 0;
  const smallest = [...families].sort((a, b) =>
    a.series - b.series || a.id - b.id
  );
  for (const family of smallest) {
    series += Math.max(1, family.series);
    if (series > budget) break;
    ids.add(family.id);
  }
  return [...ids].sort((a, b) => a - b);
}
