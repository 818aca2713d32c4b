/** The stats backend: totals over all labels. */
import type { Counter, Gauge, Histogram } from "../metrics/mod.ts";
import type { InstrumentSpecs, StatsOf } from "./spec.ts";

/** The totals of a counter or histogram, over all labels. */
class Tally {
  value = 0;
  count = 0;
  sum = 0;

  inc(by = 1): void {
    if (by >= 0 && this.value + by < Infinity) this.value += by;
  }

  observe(value: number, count = 1): void {
    if (Number.isNaN(value) || !(count > 0 && this.count + count < Infinity)) {
      return;
    }
    this.count += count;
    this.sum += value * count;
  }

  with(): this {
    return this;
  }

  at(): this {
    return this;
  }

  bind(): this {
    return this;
  }

  /** Removes nothing: removed series stay in the totals. */
  remove(): number {
    return 0;
  }
}

/** The value of a gauge. */
class GaugeTally extends Tally {
  override inc(by = 1): void {
    this.value += by;
  }

  dec(by = 1): void {
    this.value -= by;
  }

  set(value: number): void {
    this.value = value;
  }
}

type AnyInstrument = Counter & Gauge & Histogram;

/** Returns instruments that keep only totals, and a function to read them. */
export function tallies<I extends InstrumentSpecs>(specs: I): {
  readonly instruments: Readonly<Record<string, AnyInstrument>>;
  readonly read: () => StatsOf<I>;
} {
  const entries = Object.entries(specs).map(([key, spec]) =>
    [key, spec, spec.type === "gauge" ? new GaugeTally() : new Tally()] as const
  );
  const readable = entries.filter(([, { type, labels = [] }]) =>
    type !== "gauge" || labels.length === 0 // a sum over labels has no meaning
  );
  return {
    instruments: Object.fromEntries(
      entries.map(([key, , tally]) => [key, tally as unknown as AnyInstrument]),
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
