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

/** By series: the cells at its first record. */
const arrays = new WeakMap<Series, Float64Array>();

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
  ["record", { record() {} }],
  ["record", { layout: { emit() {} } }],
  ["points", {
    layout: {
      emit(store, row, labels, sink) {
        sink.number(labels, store.cells[row]!, 0);
        sink.number(labels, store.cells[row]!, 0);
      },
    },
  }],
  ["points", {
    kind: { ownLabel: () => "z" },
    layout: {
      emit(store, row, labels, sink) { // labels.last stays ""
        sink.number(labels, store.cells[row]!, 0);
        sink.number(labels, 1, 0);
      },
    },
  }],
  ["points", {
    layout: {
      emit(store, row, { names }, sink) {
        const labels = { names, value: () => `row ${row}` };
        sink.number(labels, store.cells[row]!, 0);
      },
    },
  }],
  ["neighbours", {
    record(value) {
      if (typeof value !== "number") return;
      set(this, value, (value) => value + 0);
      const { row, store } = this;
      if (row > 0) store.cells[row - 1] = value + 0;
    },
  }],
  ["neighbours", {
    record(value) {
      if (typeof value !== "number") return;
      set(this, value, (value) => value + 0);
      const { row, store } = this;
      if (row < store.cells.length - 1) store.cells[row + 1] = value + 0;
    },
  }],
  ["growth", {
    record(value) {
      if (typeof value !== "number") return;
      const { store } = this;
      const row = this.row < 0 ? store.revive(this).row : this.row;
      if (!arrays.has(this)) arrays.set(this, store.cells);
      arrays.get(this)![row] = value + 0;
      mark(store.marks, row);
    },
  }],
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

/** Returns the error of the laws. */
function brokenBy(faults: Faults, values?: readonly number[]): Error {
  try {
    kindLaws(lastValues(faults), { record, values });
  } catch (error) {
    return error as Error;
  }
  throw new Error("no law is broken");
}

test("kindLaws() shows values in its errors, with the sign of -0", () => {
  const raw: Faults = {
    record(value) {
      if (typeof value === "number") set(this, value, (value) => value);
    },
  };
  assert.match(brokenBy(raw, [1, -0]).message, /recording -0 stored -0 in a/);
  const values = [-0, 3];
  const { message } = brokenBy({ record() {} }, values);
  assert.match(message, /recording -0, 3 left \{k="a"\} 0; write/);
});

test("kindLaws() says that a series has no point, where others have one", () => {
  const { message } = brokenBy({
    record(value) {
      const { row, store } = this;
      if (row < 0 || typeof value !== "number") return;
      store.cells[row] = value + 0;
      mark(store.marks, row);
    },
  }, [7, 8]);
  assert.match(message, /had expired was no point instead of \{k="a"\} 8;/);
});

test("kindLaws() gives the error of a kind as the cause", () => {
  const thrown = new Error("boom");
  const inRecord = brokenBy({
    record(value) {
      if (typeof value !== "number") throw thrown;
      set(this, value, (value) => value + 0);
    },
  });
  assert.match(inRecord.message, /recording "1" threw Error: boom/);
  assert.equal(inRecord.cause, thrown);
  const inEmit = brokenBy({
    layout: {
      emit() {
        throw thrown;
      },
    },
  });
  assert.equal(inEmit.cause, thrown);
});

test("kindLaws() accepts a kind that skips series without a value", () => {
  const layout: Faults["layout"] = {
    initial: NaN,
    emit(store, row, labels, sink) {
      const value = store.cells[row]!;
      if (!Number.isNaN(value)) sink.number(labels, value, 0);
    },
  };
  kindLaws(lastValues({ layout }), { record });
});

test("kindLaws() accepts a ring with a label of the kind that skips slots", () => {
  class Ring extends Series {
    record(value: number): void {
      const { row, store } = this;
      if (typeof value !== "number") return store.reject("not_a_number", value);
      if (row < 0) return (store.revive(this) as Ring).record(value);
      store.cells.copyWithin(4 * row + 1, 4 * row, 4 * row + 3);
      store.cells[4 * row] = value + 0;
      mark(store.marks, row);
    }
  }
  const rings: InstrumentKind<Last> = {
    ...lastValues(),
    id: "test/ring",
    ownLabel: () => "ago",
    plan: () => ({
      layout: () => ({
        width: 4,
        isPlain: true,
        tracksStart: false,
        initial: NaN,
        series: (store, row) => new Ring(store, row),
        emit(store, row, labels, sink) {
          for (let at = 0; at < 4; at++) {
            labels.last = `${at}`;
            const value = store.cells[4 * row + at]!;
            if (!Number.isNaN(value)) sink.number(labels, value, 0);
          }
        },
      }),
    }),
  };
  kindLaws(rings, { record });
});

test("kindLaws() passes on the error of an option that the kind refuses", () => {
  const options = { bukets: [1] } as never;
  const observe = (series: { observe(value: number): void }, value: number) =>
    series.observe(value);
  assert.throws(() => kindLaws(histograms, { record: observe, options }), {
    name: "TypeError",
    message: /^Cannot declare histogram "law_histogram": .*no option "bukets"/,
  });
  assert.throws(() => kindLaws(null as never, { record }), {
    name: "TypeError",
    message: /^Cannot declare null.*gauges/,
  });
});

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
