import assert from "node:assert/strict";
import { test } from "node:test";
import {
  classicHistograms,
  counters,
  gauges,
  histograms,
  type InstrumentKind,
  type Layout,
  mark,
  type RowStore,
  Series,
  stateSets,
  summaries,
} from "../../src/metrics/mod.ts";
import { kindLaws } from "../../src/testing/mod.ts";

test("kindLaws() accepts counters and gauges", () => {
  kindLaws(counters, { record: (series, value) => series.inc(value) });
  kindLaws(gauges, { record: (series, value) => series.set(value) });
  kindLaws(gauges, { record: (series, value) => series.inc(value) });
});

test("kindLaws() accepts classic and native histograms", () => {
  const record = (
    series: { observe(value: number): void },
    value: number,
  ) => series.observe(value);
  kindLaws(classicHistograms, { record, options: { buckets: [0, 1] } });
  kindLaws(histograms, { record });
  kindLaws(histograms, { record, options: { native: true } });
  kindLaws(histograms, {
    record,
    options: { native: { maxBuckets: 2, resetAfter: 1 }, buckets: [1] },
  });
});

test("kindLaws() accepts summaries with and without quantiles", () => {
  const record = (
    series: { observe(value: number): void },
    value: number,
  ) => series.observe(value);
  kindLaws(summaries, { record });
  kindLaws(summaries, { record, options: { quantiles: [0.5, 1] } });
});

test("kindLaws() accepts statesets", () => {
  kindLaws(stateSets, {
    record: (series, value) => series.set(value === 3 ? "up" : "down"),
    options: { states: ["up", "down"] },
  });
  kindLaws(stateSets, {
    record: (series, value) => series.toggle("up", value === 3),
    options: { states: ["up", "down"] },
  });
});

/** One series of a last-value gauge. */
interface Last {
  record(value: number): void;
}

/** Changes to a correct kind, each of which breaks it. */
interface Faults {
  readonly record?: (this: Series, value: number) => void;
  readonly layout?: Partial<Layout<Series & Last>>;
  readonly kind?: Partial<InstrumentKind<Last>>;
}

function lastValues({ record, layout, kind }: Faults = {}) {
  class LastSeries extends Series implements Last {
    record(value: number): void {
      if (record !== undefined) return record.call(this, value);
      const { row, store } = this;
      if (typeof value !== "number") return store.reject("not_a_number", value);
      if (row < 0) return (store.revive(this) as LastSeries).record(value);
      store.cells[row] = value + 0;
      mark(store.marks, row);
    }
  }
  const last: InstrumentKind<Last> = {
    id: "test/last",
    type: "gauge",
    rules: {},
    plan: () => ({
      layout: () => ({
        width: 1,
        isPlain: true,
        tracksStart: false,
        series: (store: RowStore, row: number) => new LastSeries(store, row),
        emit: (store, row, labels, sink) =>
          sink.number(labels, store.cells[row]!, 0),
        ...layout,
      }),
    }),
    noop: { record() {} },
    ...kind,
  };
  return last;
}

const record = (series: Last, value: number): void => series.record(value);

function set(
  series: Series,
  value: number,
  convert: (value: number) => number,
) {
  const { store } = series;
  const row = series.row < 0 ? store.revive(series).row : series.row;
  store.cells[row] = convert(value);
  mark(store.marks, row);
}

test("kindLaws() accepts a correct kind", () => {
  kindLaws(lastValues(), { record });
});

const states = new Map<number, number>();

const FAULTS: readonly (readonly [law: string, faults: Faults])[] = [
  ["mark", {
    record(value) {
      const { store } = this;
      const row = this.row < 0 ? store.revive(this).row : this.row;
      store.cells[row] = Number(value) + 0;
    },
  }],
  ["mark", {
    record(value) {
      const { store } = this;
      const row = this.row < 0 ? store.revive(this).row : this.row;
      store.cells[row] = Number(value) + 0;
      mark(store.marks, 0); // always the first block
    },
  }],
  ["negative zero", {
    record(value) {
      if (typeof value === "number") set(this, value, (value) => value);
    },
  }],
  ["no throw", {
    record(value) {
      set(this, value, (value) => Number(BigInt(value * 4)) / 4 + 0);
    },
  }],
  ["revive", {
    record(value) {
      const { row, store } = this;
      if (row < 0 || typeof value !== "number") return;
      store.cells[row] = value + 0;
      mark(store.marks, row);
    },
  }],
  ["fresh", {
    layout: {
      isPlain: false,
      release: (row: number) => void states.delete(row),
      emit: (store, row, labels, sink) => {
        const seen = (states.get(row) ?? 0) + store.cells[row]!;
        states.set(row, 1);
        sink.number(labels, seen, 0);
      },
    },
  }],
  ["noop", { kind: { noop: undefined } }],
];

for (const [i, [law, faults]] of FAULTS.entries()) {
  test(`kindLaws() detects fault ${i} by the law "${law}"`, () => {
    states.clear();
    assert.throws(
      () => kindLaws(lastValues(faults), { record }),
      (error: Error) => error.message.includes(`breaks the law "${law}"`),
    );
  });
}

test("kindLaws() refuses misspelt options and a missing record", () => {
  const options = { recrod: record } as never;
  assert.throws(() => kindLaws(lastValues(), options), {
    name: "TypeError",
    message: /there is no option "recrod"; give any of record, options, values/,
  });
  assert.throws(() => kindLaws(lastValues(), {} as never), {
    name: "TypeError",
    message: /record is missing/,
  });
});
