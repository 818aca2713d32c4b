/** Facts that are text: versions, revisions. The value is always 1. */
import type { LabelsOf, Names, SomeLabelsOf, ValueSets } from "./labels.ts";
import type { FamilyView } from "./family_view.ts";
import { type Kind, Series } from "./series.ts";

/** A family of facts; each series says that its labels hold. */
export interface Info<
  N extends Names = Names,
  V extends ValueSets = Record<never, never>,
> {
  /** States these labels, and nothing else from here on. */
  set(labels: LabelsOf<N, V>): void;
  /** States these labels as well. */
  add(labels: LabelsOf<N, V>): void;
  /** Takes back every statement that has these labels. */
  remove(labels: SomeLabelsOf<N, V>): number;
  /** How many statements there are. */
  readonly size: number;
}

/** A row of a table of infos: it has no numbers, only labels. */
export class InfoSeries extends Series {}

/** Infos: the row itself says it, its one cell is never read. */
export const infoKind: Kind<InfoSeries> = {
  width: 1,
  isPlain: true,
  tracksStart: false,
  series: (table, row) => new InfoSeries(table, row),
  emit: (_table, _row, labels, sink) => sink.number(labels, 1, 0),
};

/** An info over a view of its table. */
export function infoOver(view: FamilyView<InfoSeries>): Info {
  const add = (labels: Readonly<Record<string, unknown>>): void => {
    const series = view.with(labels);
    if (series.row < 0) series.table.awaken(series); // stating is recording
  };
  return {
    set(labels) {
      view.clear();
      add(labels);
    },
    add,
    remove: (labels) => view.remove(labels),
    get size() {
      return view.size;
    },
  };
}
