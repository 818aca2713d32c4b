/** Statesets: fixed lists of states, such as `starting` and `ready`. */
import { rule } from "../base/internal.ts";
import type { Sink } from "../model/mod.ts";
import type { BareRegistry } from "./bare_registry.ts";
import { declarerOf } from "./declarer.ts";
import { NO_UNIT } from "./declare.ts";
import type { InstrumentKind } from "./kind.ts";
import type {
  FamilyOptions,
  Instrument,
  Names,
  NoSets,
  ValueSets,
} from "./labels.ts";
import {
  type Layout,
  mark,
  type RowLabels,
  type RowStore,
  Series,
} from "./series.ts";

/** One series of a stateset. */
export interface StateSet<State extends string = string> {
  /**
   * Makes `state` the only active one; `undefined`: none is active. A state that
   * was not declared is dropped and counted as rejected.
   *
   * @throws {RangeError} Only if the registry is strict.
   */
  set(state: State | undefined): void;
  /**
   * Sets whether `state` is active; does not change other states. A state that
   * was not declared is dropped and counted as rejected.
   *
   * @throws {RangeError} Only if the registry is strict.
   */
  toggle(state: State, isActive: boolean): void;
  /** The active states, in the order of the declaration. */
  readonly active: readonly State[];
}

/** Options specific to statesets. */
export interface StateSetOwnOptions<State extends string = string> {
  /** The names of all states: different, and at least one. */
  readonly states: readonly State[];
}

/** Options of a stateset. */
export interface StateSetOptions<
  State extends string = string,
  N extends Names = Names,
  V extends ValueSets = NoSets,
> extends Omit<FamilyOptions<N, V>, "unit">, StateSetOwnOptions<State> {}

class StateSetSeries extends Series implements StateSet {
  set(state: string | undefined): void {
    const { row, store } = this;
    if (row < 0) return (store.revive(this) as StateSetSeries).set(state);
    const { states, width } = store.layout as StateSetLayout;
    const at = state === undefined ? -1 : states.indexOf(state);
    if (at < 0 && state !== undefined) {
      return store.reject("label_value", state);
    }
    const base = row * width;
    store.cells.fill(0, base, base + width);
    if (at >= 0) store.cells[base + at] = 1;
    mark(store.marks, row);
  }

  toggle(state: string, isActive: boolean): void {
    const { row, store } = this;
    if (row < 0) {
      return (store.revive(this) as StateSetSeries).toggle(state, isActive);
    }
    const { states, width } = store.layout as StateSetLayout;
    const at = states.indexOf(state);
    if (at < 0) return store.reject("label_value", state);
    store.cells[row * width + at] = isActive ? 1 : 0;
    mark(store.marks, row);
  }

  get active(): readonly string[] {
    const { states } = this.store.layout as StateSetLayout;
    return states.filter((_, at) => this.store.cellOf(this, at) === 1);
  }
}

/** One cell per state, 0 or 1. */
class StateSetLayout implements Layout<StateSetSeries> {
  readonly width: number;
  readonly isPlain = true;
  readonly tracksStart = false;
  readonly states: readonly string[];

  constructor(states: readonly string[]) {
    this.states = states;
    this.width = states.length;
  }

  series(store: RowStore, row: number): StateSetSeries {
    return new StateSetSeries(store, row);
  }

  emit(store: RowStore, row: number, labels: RowLabels, sink: Sink): void {
    this.states.forEach((state, at) => {
      labels.last = state;
      sink.number(labels, store.cells[row * this.width + at]!, 0);
    });
  }
}

const isStates = (states: unknown): boolean =>
  Array.isArray(states) && states.length > 0 &&
  new Set(states).size === states.length &&
  states.every((state) => typeof state === "string" && state !== "");

const ADVICE = 'different names, such as ["starting", "ready"]';

/** The kind of statesets; the state is a label named like the family. */
export const stateSets: InstrumentKind<StateSet, StateSetOwnOptions> = {
  id: "stateset",
  type: "stateset",
  rules: { states: rule<readonly string[]>(isStates, ADVICE, []), ...NO_UNIT },
  ownLabel: (family) => family,
  plan({ name, states }) {
    if (states.length === 0) {
      throw new TypeError(
        `Cannot declare stateset "${name}": it has no states; give ${ADVICE}`,
      );
    }
    return {
      terms: { states: JSON.stringify(states) },
      layout: () => new StateSetLayout([...states]),
    };
  },
};

/**
 * Declares a stateset, or returns it if it is declared already. Default for
 * `registry`: the default registry.
 *
 * @throws {TypeError | RangeError} If a name, a state or an option is wrong.
 * @throws {FamilyConflictError} If it is declared already with other options.
 */
export function stateSet<
  const State extends string,
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(
  options: StateSetOptions<State, N, V>,
  registry?: BareRegistry,
): Instrument<N, StateSet<State>, V> {
  // The kind cannot know the names of the states.
  return declarerOf(registry).declare(stateSets, options) as never;
}
