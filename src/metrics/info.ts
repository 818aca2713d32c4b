/** Infos: facts in text, such as versions. The value is always 1. */
import type { BareRegistry } from "./bare_registry.ts";
import { declarerOf } from "./declarer.ts";
import { type AnyKind, NO_UNIT } from "./declare.ts";
import type { FamilyHandle } from "./family.ts";
import { INSPECT } from "./inspect.ts";
import type { InstrumentKind } from "./kind.ts";
import type {
  FamilyOptions,
  LabelsOf,
  Names,
  NoSets,
  Only,
  SomeLabelsOf,
  ValueSets,
} from "./labels.ts";
import { type Layout, Series } from "./series.ts";

/** A family of facts in text: each series is a label set with the value 1. */
export interface Info<
  N extends Names = Names,
  V extends ValueSets = Record<never, never>,
> {
  /** Replaces all label sets by this one. */
  set<const B extends LabelsOf<N, V>>(labels: Only<B, N>): void;
  /** Adds this label set. */
  add<const B extends LabelsOf<N, V>>(labels: Only<B, N>): void;
  /** Removes every label set that has these labels; returns how many. */
  remove<const B extends SomeLabelsOf<N, V>>(labels: Only<B, N>): number;
  /** The number of label sets. */
  readonly size: number;
}

/** Options of an info; its name must end in `_info`. */
export type InfoOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> = Omit<FamilyOptions<N, V>, "unit">;

class InfoSeries extends Series {}

/** The labels of a row are the fact; its only cell is never read. */
const LAYOUT: Layout<InfoSeries> = {
  width: 1,
  isPlain: true,
  tracksStart: false,
  series: (store, row) => new InfoSeries(store, row),
  emit: (_store, _row, labels, sink) => sink.number(labels, 1, 0),
};

// Not exported as a value: by its type `declare` returns a `Family`.
const infos: AnyKind = {
  id: "info",
  type: "info",
  rules: NO_UNIT,
  plan: () => ({ layout: () => LAYOUT }),
  instrument: (handle) => infoOf(handle),
};

/** Returns the info that records through the handle of its table. */
function infoOf(
  handle: FamilyHandle<Series>,
): Info & { [INSPECT](): string } {
  const add = (labels: Readonly<Record<string, unknown>>): void => {
    const series = handle.with(labels);
    if (series.row < 0) series.store.revive(series); // to add is to record
  };
  return {
    set(labels) {
      handle.clear();
      add(labels);
    },
    add,
    remove: (labels) => handle.remove(labels),
    [INSPECT]: () => handle[INSPECT](),
    get size() {
      return handle.size;
    },
  };
}

/**
 * Declares an info, or returns it if it is declared already. Default for
 * `registry`: the default registry.
 *
 * @throws {TypeError | RangeError} If a name or an option is wrong.
 * @throws {FamilyConflictError} If it is declared already with other options.
 */
export function info<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(
  options: InfoOptions<N, V>,
  registry?: BareRegistry,
): Info<N, V> {
  const kind = infos as unknown as InstrumentKind<unknown>;
  return declarerOf(registry).declare(kind, options) as Info<N, V>;
}
