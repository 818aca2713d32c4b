/** Facts that are text: versions, revisions. The value is always 1. */
import { type BareRegistry, defaultBareRegistry } from "./bare_registry.ts";
import type { AnyKind } from "./declare.ts";
import type { FamilyHandle } from "./family.ts";
import type { InstrumentKind } from "./kind.ts";
import type {
  FamilyOptions,
  LabelsOf,
  Names,
  NoSets,
  SomeLabelsOf,
  ValueSets,
} from "./labels.ts";
import { type Layout, Series } from "./series.ts";

/** A family of facts; each series states its labels. */
export interface Info<
  N extends Names = Names,
  V extends ValueSets = Record<never, never>,
> {
  /** States these labels in place of all earlier ones. */
  set(labels: LabelsOf<N, V>): void;
  /** States these labels as well. */
  add(labels: LabelsOf<N, V>): void;
  /** Removes every statement with these labels; returns how many. */
  remove(labels: SomeLabelsOf<N, V>): number;
  /** How many statements there are. */
  readonly size: number;
}

/** Options of an info; its name must end in `_info`. */
export type InfoOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> = Omit<FamilyOptions<N, V>, "unit">;

class InfoSeries extends Series {}

/** The row itself is the statement; its one cell is never read. */
const LAYOUT: Layout<InfoSeries> = {
  width: 1,
  isPlain: true,
  tracksStart: false,
  series: (store, row) => new InfoSeries(store, row),
  emit: (_store, _row, labels, sink) => sink.number(labels, 1, 0),
};

// Not exported as a value: `declare` would promise series with `with` and `at`.
const infos: AnyKind = {
  id: "info",
  type: "info",
  rules: {},
  plan: () => ({ layout: () => LAYOUT }),
  instrument: (handle) => infoOver(handle),
};

/** An info over the handle of its table. */
function infoOver(handle: FamilyHandle<Series>): Info {
  const add = (labels: Readonly<Record<string, unknown>>): void => {
    const series = handle.with(labels);
    if (series.row < 0) series.store.revive(series); // stating is recording
  };
  return {
    set(labels) {
      handle.clear();
      add(labels);
    },
    add,
    remove: (labels) => handle.remove(labels),
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
 * @throws {FamilyConflictError} If it is declared already with other terms.
 */
export function info<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(
  options: InfoOptions<N, V>,
  registry: BareRegistry = defaultBareRegistry(),
): Info<N, V> {
  const kind = infos as unknown as InstrumentKind<unknown>;
  return registry.declare(kind, options) as Info<N, V>;
}
