/**
 * The log of a slot: a line for each family, row and tombstone. It only grows; its
 * order numbers the families and rows.
 *
 * ```
 * F<family as JSON>
 * R<family>\t<start>\t<generation>\t<labels as JSON>
 * T<family>\t<generation>\t<labels as JSON>
 * ```
 */
import type { FamilyDesc } from "../../model/mod.ts";
import { checkOnce, descFrom, MAX_SECONDS } from "../../model/internal.ts";
import {
  type SlotFamily,
  type SlotRow,
  type Tombstone,
  widthOf,
} from "./slot.ts";
import { isCount, SlotFault } from "./slot_format.ts";

/** Lines that were parsed, and are not yet in a log. */
export interface LogLines {
  readonly families: readonly SlotFamily[];
  readonly rows: readonly SlotRow[];
  readonly tombstones: readonly Tombstone[];
  /** The number of cells of all rows, with those before. */
  readonly cells: number;
}

/** The families, rows and tombstones of a slot. */
export class SlotLog implements LogLines {
  readonly families: SlotFamily[] = [];
  readonly rows: SlotRow[] = [];
  readonly tombstones: Tombstone[] = [];
  cells = 0;

  /** Adds a family; returns its line. */
  addFamily(family: SlotFamily): string {
    this.families.push(family);
    return familyLine(family);
  }

  /** Adds a row, and gives it cells; returns its line. */
  addRow({ family, generation, start, labels }: Omit<SlotRow, "at">): string {
    const row: SlotRow = { family, generation, start, labels, at: this.cells };
    this.rows.push(row);
    this.cells += widthOf(this.families[family]!);
    return rowLine(row);
  }

  /** Adds a tombstone; returns its line. */
  addTombstone(tombstone: Tombstone): string {
    this.tombstones.push(tombstone);
    return tombstoneLine(tombstone);
  }

  /** Adds lines that `parse()` returned. */
  add({ families, rows, tombstones, cells }: LogLines): void {
    for (const family of families) this.families.push(family);
    for (const row of rows) this.rows.push(row);
    for (const tombstone of tombstones) this.tombstones.push(tombstone);
    this.cells = cells;
  }

  /** Returns the text of the whole log. */
  text(): string {
    const lines = [
      this.families.map(familyLine),
      this.rows.map(rowLine),
      this.tombstones.map(tombstoneLine),
    ];
    return lines.flat().join("");
  }

  /**
   * Parses lines that follow those in the log.
   *
   * @throws {SlotFault} If they are not lines of a log.
   */
  parse(text: string): LogLines {
    const families: SlotFamily[] = [];
    const rows: SlotRow[] = [];
    const tombstones: Tombstone[] = [];
    let { cells } = this;
    const known = this.families.length;
    let family: SlotFamily | undefined;
    let number = 0;
    let last: string | undefined;
    let from = 0;
    while (from < text.length) {
      const end = text.indexOf("\n", from);
      if (end < 0) corrupt();
      const type = text[from];
      const fields = text.slice(from + 1, end);
      from = end + 1;
      if (type === "F") {
        families.push(familyFrom(fields));
        continue;
      }
      const parts = fields.split("\t");
      if (parts[0] !== last) {
        number = countFrom(parts[0]!);
        family = number < known
          ? this.families[number]
          : families[number - known];
        last = family && parts[0];
      }
      if (family === undefined) corrupt();
      const labels = parts.at(-1)!;
      checkLabels(labels, family);
      if (type === "R" && parts.length === 4) {
        const generation = countFrom(parts[2]!);
        const start = secondsFrom(parts[1]!);
        rows.push({ family: number, generation, start, labels, at: cells });
        cells += widthOf(family);
      } else if (type === "T" && parts.length === 3) {
        const generation = countFrom(parts[1]!);
        tombstones.push({ family: number, generation, labels });
      } else {
        corrupt();
      }
    }
    return { families, rows, tombstones, cells };
  }
}

function corrupt(): never {
  throw new SlotFault("corrupt");
}

function familyLine({ desc, bounds, isNative }: SlotFamily): string {
  const { name, type, help, unit, labelNames, merge } = desc;
  const values = [name, type, help, unit, labelNames, merge, bounds, isNative];
  return `F${JSON.stringify(values)}\n`;
}

function rowLine({ family, start, generation, labels }: SlotRow): string {
  return `R${family}\t${start}\t${generation}\t${labels}\n`;
}

function tombstoneLine({ family, generation, labels }: Tombstone): string {
  return `T${family}\t${generation}\t${labels}\n`;
}

/** Parses JSON of which nothing is known. */
export function jsonFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return corrupt();
  }
}

function familyFrom(text: string): SlotFamily {
  const values = jsonFrom(text);
  if (!Array.isArray(values) || values.length !== 8) corrupt();
  const [name, type, help, unit, labelNames, merge, bounds, isNative] =
    values as unknown[];
  const isLegal = isTexts([name, type, help, unit, merge]) &&
    isTexts(labelNames) && isBounds(bounds) && typeof isNative === "boolean";
  if (!isLegal) corrupt();
  const hasBuckets = type === "histogram" || type === "gaugehistogram";
  if (!hasBuckets && (bounds.length > 0 || isNative)) corrupt();
  const init = { name, type, help, unit, labelNames, merge } as FamilyDesc;
  try {
    const desc = descFrom(init, "utf-8");
    checkOnce(desc);
    return { desc, bounds, isNative };
  } catch {
    return corrupt();
  }
}

function isTexts(values: unknown): values is string[] {
  return Array.isArray(values) &&
    values.every((value) => typeof value === "string");
}

function isBounds(values: unknown): values is number[] {
  return Array.isArray(values) &&
    values.every((value, at) =>
      typeof value === "number" && (at === 0 || values[at - 1] < value)
    );
}

/** Texts as JSON without escapes: faster to check than to parse. */
const PLAIN_TEXTS = /^\[(?:"[ !#-[\]-\uffff]*"(?:,"[ !#-[\]-\uffff]*")*)?\]$/;

/**
 * Checks labels. They must be as `JSON.stringify()` writes them, so that equal labels
 * have equal texts.
 */
function checkLabels(text: string, { desc }: SlotFamily): void {
  const { length } = desc.labelNames;
  if (PLAIN_TEXTS.test(text)) {
    if (countPlain(text) !== length) corrupt();
    return;
  }
  const values = jsonFrom(text);
  const isLegal = isTexts(values) && values.length === length &&
    JSON.stringify(values) === text;
  if (!isLegal) corrupt();
}

/** Returns the number of plain texts in JSON. */
function countPlain(text: string): number {
  if (text === "[]") return 0;
  let count = 1;
  // Each search begins behind the first quote of a text, so it finds its last one.
  let at = text.indexOf('","', 2);
  for (; at >= 0; at = text.indexOf('","', at + 3)) count++;
  return count;
}

function countFrom(text: string): number {
  if (text === "0") return 0;
  const value = Number(text);
  return isCount(value) && String(value) === text ? value : corrupt();
}

function secondsFrom(text: string): number {
  const value = Number(text);
  const isLegal = value >= 0 && value <= MAX_SECONDS && text !== "";
  return isLegal ? value : corrupt();
}
