/** The stats backend: totals over all labels. */
import {
  type BareRegistry,
  type Counter,
  counter,
  createBareRegistry,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
} from "../metrics/mod.ts";
import type { InstrumentSpec, InstrumentSpecs, StatsOf } from "./spec.ts";

type AnyInstrument = Counter & Gauge & Histogram;

/** Declares the series that takes the records of all labels of an instrument. */
function declared(
  { type }: InstrumentSpec,
  key: number,
  registry: BareRegistry,
): AnyInstrument {
  // Any legal name: nothing is exposed, and only `on` checks those of the specs.
  const name = `tally_${key}`;
  const help = "Totals over all labels.";
  const series = type === "counter"
    ? counter({ name: `${name}_total`, help }, registry)
    : type === "gauge"
    ? gauge({ name, help }, registry)
    : histogram({ name, help, buckets: [1], dropNaN: true }, registry);
  return series as AnyInstrument;
}

/** Returns a family whose labels all lead to `series`. */
function familyOf(series: AnyInstrument): AnyInstrument {
  const same = () => series;
  return Object.assign(series, {
    with: same,
    at: same,
    bind: same,
    init() {},
    remove: () => 0, // removed series stay in the totals
    clear() {},
    size: 1,
  });
}

/** Returns instruments that keep only totals, and a function to read them. */
export function tallies<I extends InstrumentSpecs>(specs: I): {
  readonly instruments: Readonly<Record<string, AnyInstrument>>;
  readonly read: () => StatsOf<I>;
} {
  const registry = createBareRegistry();
  const entries = Object.entries(specs).map(([key, spec], at) =>
    [key, spec, familyOf(declared(spec, at, registry))] as const
  );
  const readable = entries.filter(([, { type, labels = [] }]) =>
    type !== "gauge" || labels.length === 0 // a sum over labels has no meaning
  );
  return {
    instruments: Object.fromEntries(
      entries.map(([key, , series]) => [key, series]),
    ),
    read: () =>
      Object.fromEntries(
        readable.map(([key, { type }, { value, count, sum }]) => [
          key,
          type === "histogram" ? { count, sum } : value,
        ]),
      ) as StatsOf<I>,
  };
}
