/** The numbers of a registry, and what they are added to, by cell of the image. */
import { longer } from "../slot/columns.ts";

/** See the head of this file. */
export class OwnNumbers {
  /** The numbers that own ones are added to. */
  base: Float64Array;
  /** The last number of the registry. */
  own: Float64Array;

  constructor(cells: number) {
    this.base = new Float64Array(cells);
    this.own = new Float64Array(cells);
  }

  /** Makes room for cells. */
  reserve(cells: number): void {
    const { length } = this.base;
    if (cells <= length) return;
    const capacity = Math.max(cells, Math.ceil(1.25 * length));
    this.base = longer(this.base, capacity);
    this.own = longer(this.own, capacity);
  }

  /** Takes what is published for the base: own numbers begin at zero. */
  keep(at: number, width: number, published: Float64Array): void {
    for (let i = at; i < at + width; i++) {
      this.base[i] = published[i]!;
      this.own[i] = 0;
    }
  }

  /** Leaves out own numbers that count already. */
  leaveOut(at: number, width: number, own: Float64Array): void {
    for (let i = 0; i < width; i++) {
      this.base[at + i] = subtract(this.base[at + i]!, own[i]!);
      this.own[at + i] = own[i]!;
    }
  }

  /** Begins with other cells; returns the numbers until now. */
  begin(cells: number): OwnNumbers {
    const before = new OwnNumbers(0);
    before.base = this.base;
    before.own = this.own;
    this.base = new Float64Array(cells);
    this.own = new Float64Array(cells);
    return before;
  }

  /** Copies the numbers of a row. */
  copy(from: OwnNumbers, at: number, to: number, width: number): void {
    this.base.set(from.base.subarray(at, at + width), to);
    this.own.set(from.own.subarray(at, at + width), to);
  }
}

/** Subtracts `own` from `base` such that adding it again gives no less. */
function subtract(base: number, own: number): number {
  let rest = base - own;
  let missing = base - (rest + own);
  // Sums are rounded, so one step can be too short.
  for (; rest + own < base; missing *= 2) rest += missing;
  return rest;
}
