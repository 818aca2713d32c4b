/**
 * A family whose values are observed: all callbacks of its instruments run for
 * each pass, and what they report replaces its series.
 *
 * - A series that is not reported is absent from the pass.
 * - A total that has fallen starts again: its start is the time of the pass.
 */
import { callSafely } from "../../base/internal.ts";
import type { Clock } from "../../base/mod.ts";
import { Labels, type Sink, type Source } from "../../model/mod.ts";
import { descFrom, trustSource } from "../../model/internal.ts";
import {
  counterFault,
  type OpenFamily,
  type Table,
} from "../../metrics/internal.ts";
import {
  type InstrumentKind,
  type Layout,
  mark,
  Series,
} from "../../metrics/mod.ts";
import type { OtelObservable } from "./api.ts";
import type { AttributeSets } from "./attribute_sets.ts";
import { CallbackRun, type Observed, type Reported } from "./callback_run.ts";

/** One series of an observed family. */
export class ObservedSeries extends Series {
  set(value: number): void {
    const { row, store } = this;
    if (row < 0) return (store.revive(this) as ObservedSeries).set(value);
    if (value < store.cells[row]! && store.layout.tracksStart) store.reset(row);
    store.cells[row] = value + 0;
    mark(store.marks, row);
  }
}

function layoutOf(tracksStart: boolean): Layout<ObservedSeries> {
  return {
    width: 1,
    isPlain: true,
    tracksStart,
    series: (store, row) => new ObservedSeries(store, row),
    emit: ({ cells, starts }, row, labels, sink) =>
      sink.number(labels, cells[row]!, tracksStart ? starts[row]! : 0),
  };
}

function kindOf(
  type: "counter" | "gauge",
): InstrumentKind<ObservedSeries, unknown> {
  const layout = layoutOf(type === "counter");
  return { id: type, type, rules: {}, plan: () => ({ layout: () => layout }) };
}

/** The kind of observable counters. */
export const observedCounters: InstrumentKind<ObservedSeries, unknown> =
  /* @__PURE__ */ kindOf("counter");

/** The kind of observable gauges and up-down counters. */
export const observedGauges: InstrumentKind<ObservedSeries, unknown> =
  /* @__PURE__ */ kindOf("gauge");

/** The source of one observed family, shared by the instruments of its name. */
export class ObservedFamily implements Source {
  /** Set once the family is declared. */
  family: OpenFamily<ObservedSeries> | undefined;
  readonly #table: Table<ObservedSeries>;
  /** When its totals began. */
  readonly #since: number;
  readonly #instruments = new Set<ObservableInstrument>();

  constructor(table: Table<ObservedSeries>) {
    trustSource(this);
    this.#table = table;
    this.#since = table.clock.unix();
  }

  get descs(): Source["descs"] {
    return this.#table.descs;
  }

  /** Runs the callbacks that may wait. Never rejects. */
  async refresh(signal: AbortSignal): Promise<void> {
    const waiting = this.#all().map(({ run }) => run.refresh(signal));
    await Promise.all(waiting);
  }

  add(instrument: ObservableInstrument): void {
    this.#instruments.add(instrument);
  }

  /** Returns a copy: a callback may add callbacks, even itself again. */
  #all() {
    return [...this.#instruments].flatMap((instrument) =>
      [...instrument.runs].map((run) => ({ instrument, run }))
    );
  }

  collect(sink: Sink): void {
    this.#fill();
    this.#table.collect(sink);
  }

  /** Writes what `collect` would write, beside the table: nothing is counted. */
  peek(sink: Sink): void {
    const table = this.#table;
    const { desc, limits: { maxSeries } } = table;
    const series = new Map<string, readonly [Map<string, string>, number]>();
    const names = new Set(desc.labelNames);
    for (const { instrument, run } of this.#all()) {
      for (const { value, attributes } of run.peek(instrument)) {
        const whole = instrument.legal(value);
        if (this.#faultOf(whole) !== undefined) continue;
        const labels = instrument.sets.labelsOf(attributes);
        const key = JSON.stringify([...labels].sort());
        if (series.size === maxSeries && !series.has(key)) continue;
        series.set(key, [labels, whole]);
        for (const name of labels.keys()) names.add(name);
      }
    }
    // The next scrape adds labels that are new; until then they are shown here.
    const wider = names.size === desc.labelNames.length
      ? desc
      : descFrom({ ...desc, labelNames: [...names] }, "utf-8");
    if (!sink.family(wider)) return;
    const since = table.layout.tracksStart ? this.#since : 0;
    for (const [labels, value] of series.values()) {
      const values = wider.labelNames.map((name) => labels.get(name) ?? "");
      sink.number(new Labels(wider.labelNames, values), value, since);
    }
  }

  #faultOf(value: number) {
    if (this.#table.desc.type === "counter") return counterFault(value);
    return typeof value === "number" ? undefined : "not_a_number";
  }

  /**
   * Replaces all values; of the same labels, the last one counts. Series that are
   * not reported free their rows first.
   */
  #fill(): void {
    const table = this.#table;
    const family = this.family!;
    const known = new Map<ObservedSeries, number>();
    const fresh: (readonly [value: number, labels: Map<string, string>])[] = [];
    for (const [value, labels] of this.#reported()) {
      const series = family.find(labels);
      if (series === undefined) fresh.push([value, labels]);
      else known.set(series, value);
    }
    table.beginGeneration();
    for (const [series, value] of known) series.set(value);
    table.dropStale();
    const added = new Map<ObservedSeries, number>();
    for (const [value, labels] of fresh) {
      // A strict registry throws for a label that is too long.
      const series = callSafely(() => family.resolve(labels), undefined);
      if (series === undefined) continue;
      // The overflow series sums all series that it stands for.
      const others = table.isOverflow(series) ? added.get(series) ?? 0 : 0;
      added.set(series, others + value);
    }
    for (const [series, value] of added) {
      series.set(value);
      if (table.layout.tracksStart) table.starts[series.row] = this.#since;
    }
  }

  /** Takes what all callbacks report, without illegal values. */
  *#reported(): Generator<readonly [value: number, Map<string, string>]> {
    for (const { instrument, run } of this.#all()) {
      for (const { value, attributes } of run.take(instrument)) {
        const whole = instrument.legal(value);
        const fault = this.#faultOf(whole);
        if (fault === undefined) {
          yield [whole, instrument.sets.labelsOf(attributes)];
        } else {
          // A strict registry throws; it must not fail the other series.
          callSafely(() => this.#table.reject(fault, value), undefined);
        }
      }
    }
  }
}

/** An instrument whose values are observed. */
export class ObservableInstrument implements OtelObservable, Observed {
  readonly sets: AttributeSets<ObservedSeries>;
  /** The callbacks that report its values. */
  readonly runs: Set<CallbackRun<ObservableInstrument>> = new Set();
  readonly #family: OpenFamily<ObservedSeries>;
  readonly #isWhole: boolean;

  constructor(
    family: OpenFamily<ObservedSeries>,
    sets: AttributeSets<ObservedSeries>,
    isWhole: boolean,
  ) {
    this.#family = family;
    this.sets = sets;
    this.#isWhole = isWhole;
  }

  addCallback(callback: unknown): void {
    if (typeof callback !== "function" || this.#find(callback)) return;
    this.runs.add(
      new CallbackRun<ObservableInstrument>(
        callback,
        [this],
        this.clock,
        (observe) =>
          callback({
            observe: (value: number, attributes?: object) =>
              observe(this, value, attributes as Reported["attributes"]),
          }),
      ),
    );
  }

  removeCallback(callback: unknown): void {
    const run = this.#find(callback);
    if (run !== undefined) this.runs.delete(run);
  }

  get clock(): Clock {
    return this.#family.table.clock;
  }

  fail(): void {
    this.#family.fail();
  }

  /** Returns a value as the instrument takes it. */
  legal(value: number): number {
    const isFraction = this.#isWhole && Number.isFinite(value);
    return isFraction ? Math.trunc(value) : value;
  }

  /** Returns the run of a single callback, not of a batch. */
  #find(callback: unknown): CallbackRun<ObservableInstrument> | undefined {
    for (const run of this.runs) {
      if (run.callback === callback && !run.isBatch) return run;
    }
    return undefined;
  }
}

/** Adds a callback that reports for several instruments, once. */
export function addBatch(
  callback: unknown,
  observables: readonly unknown[],
): void {
  if (typeof callback !== "function") return;
  const instruments = observed(observables);
  const [first] = instruments;
  if (first === undefined || batchOf(callback, instruments)) return;
  const run = new CallbackRun<ObservableInstrument>(
    callback,
    instruments,
    first.clock,
    (observe) => callback({ observe }),
    true,
  );
  for (const instrument of instruments) instrument.runs.add(run);
}

/** Removes a callback that was added for the same instruments. */
export function removeBatch(
  callback: unknown,
  observables: readonly unknown[],
): void {
  const instruments = observed(observables);
  const run = batchOf(callback, instruments);
  if (run === undefined) return;
  for (const instrument of instruments) instrument.runs.delete(run);
}

function observed(observables: unknown): ReadonlySet<ObservableInstrument> {
  if (!Array.isArray(observables)) return new Set();
  return new Set(
    observables.filter((each) => each instanceof ObservableInstrument),
  );
}

/** Returns the run of a callback for exactly these instruments. */
function batchOf(
  callback: unknown,
  instruments: ReadonlySet<ObservableInstrument>,
): CallbackRun<ObservableInstrument> | undefined {
  const [first] = instruments;
  for (const run of first?.runs ?? []) {
    const isSame = run.isBatch && run.callback === callback &&
      run.instruments.size === instruments.size &&
      [...instruments].every((each) => run.instruments.has(each));
    if (isSame) return run;
  }
  return undefined;
}
