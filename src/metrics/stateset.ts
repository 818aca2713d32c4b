/** Which of a fixed list of states hold: `starting`, `ready`, `draining`. */
import { mark } from "./cells.ts";
import { type Kind, type RowLabels, Series } from "./series.ts";
import type { Table } from "./table.ts";
import type { Sink } from "../model/mod.ts";

/** One series that knows its states. */
export interface StateSet<State extends string = string> {
  /** Makes `state` the only one that holds; `undefined`: none does. */
  set(state: State | undefined): void;
  /** Says of one state whether it holds; the others stay as they are. */
  toggle(state: State, holds: boolean): void;
  /** The states that hold, in the order of the declaration. */
  readonly active: readonly State[];
}

/** A row of a table of statesets: a cell a state, 0 or 1. */
export class StateSetSeries extends Series implements StateSet {
  set(state: string | undefined): void {
    const { row, table } = this;
    if (row < 0) return (table.awaken(this) as StateSetSeries).set(state);
    const { states, width } = table.kind as StateSetKind;
    const at = state === undefined ? -1 : states.indexOf(state);
    if (at < 0 && state !== undefined) {
      return table.reject("label_value", state);
    }
    const base = row * width;
    table.cells.fill(0, base, base + width);
    if (at >= 0) table.cells[base + at] = 1;
    mark(table.marks, row);
  }

  toggle(state: string, holds: boolean): void {
    const { row, table } = this;
    if (row < 0) {
      return (table.awaken(this) as StateSetSeries).toggle(state, holds);
    }
    const { states, width } = table.kind as StateSetKind;
    const at = states.indexOf(state);
    if (at < 0) return table.reject("label_value", state);
    table.cells[row * width + at] = holds ? 1 : 0;
    mark(table.marks, row);
  }

  get active(): readonly string[] {
    const { states } = this.table.kind as StateSetKind;
    return states.filter((_, at) => this.table.cellOf(this, at) === 1);
  }
}

/** Statesets of one list of states. */
export class StateSetKind implements Kind<StateSetSeries> {
  readonly width: number;
  readonly isPlain = true;
  readonly tracksStart = false;
  readonly states: readonly string[];

  constructor(states: readonly string[]) {
    this.states = states;
    this.width = states.length;
  }

  series(table: Table, row: number): StateSetSeries {
    return new StateSetSeries(table, row);
  }

  emit(table: Table, row: number, labels: RowLabels, sink: Sink): void {
    this.states.forEach((state, at) => {
      labels.last = state;
      sink.number(labels, table.cells[row * this.width + at]!, 0);
    });
  }
}

/** The states of a declaration: what they may be, and what to type. */
export const STATES = [
  (states: unknown): boolean =>
    Array.isArray(states) && states.length > 0 &&
    new Set(states).size === states.length &&
    states.every((state) => typeof state === "string" && state !== ""),
  'different names, such as ["starting", "ready"]',
] as const;

/**
 * The states of a declaration that was checked.
 *
 * @throws {TypeError} If there are none.
 */
export function checkedStates(
  name: string,
  states: readonly string[],
): readonly string[] {
  if (states !== undefined) return [...states];
  throw new TypeError(
    `Cannot declare stateset "${name}": it has no states; give ${STATES[1]}`,
  );
}
