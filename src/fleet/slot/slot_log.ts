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
import { checkOnce, descFrom } from "../../model/internal.ts";
import {
  corrupt,
  FAMILY,
  isTexts,
  jsonFrom,
  LogCursor,
  ROW,
  TOMBSTONE,
} from "./log_cursor.ts";
import {
  type SlotFamily,
  type SlotRow,
  type Tombstone,
  widthOf,
} from "./slot.ts";

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
   * Parses lines that follow those in the log. `bytes` are their text in UTF-8.
   *
   * @throws {SlotFault} If they are not lines of a log.
   */
  parse(text: string, bytes: Uint8Array): LogLines {
    const families: SlotFamily[] = [];
    const rows: SlotRow[] = [];
    const tombstones: Tombstone[] = [];
    let { cells } = this;
    const known = this.families.length;
    const cursor = new LogCursor(text, bytes);
    while (!cursor.isAtEnd) {
      const type = cursor.type();
      if (type === FAMILY) {
        families.push(familyFrom(cursor.rest()));
        continue;
      }
      const number = cursor.count();
      const family = number < known
        ? this.families[number]
        : families[number - known];
      if (family === undefined) corrupt();
      const { length } = family.desc.labelNames;
      if (type === ROW) {
        const start = cursor.seconds();
        const generation = cursor.count();
        const labels = cursor.labels(length);
        rows.push({ family: number, generation, start, labels, at: cells });
        cells += widthOf(family);
      } else if (type === TOMBSTONE) {
        const generation = cursor.count();
        const labels = cursor.labels(length);
        tombstones.push({ family: number, generation, labels });
      } else {
        corrupt();
      }
    }
    return { families, rows, tombstones, cells };
  }
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

function isBounds(values: unknown): values is number[] {
  return Array.isArray(values) &&
    values.every((value, at) =>
      typeof value === "number" && (at === 0 || values[at - 1] < value)
    );
}
