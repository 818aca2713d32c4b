/**
 * Values that are read when they are collected: the length of a queue, a total
 * that other code counts already.
 *
 * - `read` is called in each pass and must report synchronously.
 * - `refresh` is called before a pass and may wait. If it fails or is late, the
 *   metric is left out of the scrape, and later reports are ignored.
 * - Series that are not reported again are no longer exposed.
 */
import { ignoreRejection, ofType } from "../base/internal.ts";
import { Labels, type Sink, type Source } from "../model/mod.ts";
import { trustSource } from "../model/internal.ts";
import type { BareRegistry } from "./bare_registry.ts";
import { declarerOf } from "./declarer.ts";
import type { AnyKind } from "./declare.ts";
import { counterFault, type RejectReason } from "./diagnostics.ts";
import type { FamilyHandle } from "./family.ts";
import { GAUGE_LAYOUT, type GaugeSeries } from "./gauge.ts";
import type { InstrumentKind } from "./kind.ts";
import type {
  FamilyOptions,
  LabelsOf,
  Names,
  NoSets,
  ValueSets,
} from "./labels.ts";
import { isLegalValue, OVERFLOW, type TableLimits } from "./limits.ts";
import { has, SeriesLookup } from "./series_lookup.ts";
import type { Table } from "./table.ts";

/**
 * Reports the value of one series. If the same labels are reported twice in one
 * pass, the later value counts.
 */
export type Report<N extends Names, V extends ValueSets> = (
  value: number,
  ...labels: N extends readonly [] ? [] : [labels: LabelsOf<N, V>]
) => void;

/** Options of a callback metric: with `read` or with `refresh`. */
export type CallbackOptions<N extends Names, V extends ValueSets> =
  & Omit<FamilyOptions<N, V>, "known" | "expireAfter">
  & (
    | {
      /** Reports all series, synchronously. */
      readonly read: (report: Report<N, V>) => void;
      readonly refresh?: undefined;
    }
    | {
      /** Reports all series; may wait until `signal` aborts. */
      readonly refresh: (
        report: Report<N, V>,
        signal: AbortSignal,
      ) => Promise<void>;
      readonly read?: undefined;
    }
  );

type AnyReport = (
  value: number,
  labels?: Readonly<Record<string, unknown>>,
) => void;

/** The functions of a callback metric with any labels. */
interface Readers {
  readonly read?: ((report: AnyReport) => void) | undefined;
  readonly refresh?:
    | ((report: AnyReport, signal: AbortSignal) => Promise<void>)
    | undefined;
}

type GivenLabels = Parameters<AnyReport>[1];

type Reported = readonly [value: number, labels: GivenLabels];

/** The source of a callback metric: a table that is filled for each pass. */
class CallbackSource implements Source {
  readonly #table: Table<GaugeSeries>;
  readonly #handle: FamilyHandle<GaugeSeries>;
  #readers: Readers = {};
  /** Refreshed values that no pass has taken. */
  #refreshed: readonly Reported[] | undefined;
  /** Present only if the metric was declared with `refresh`. */
  refresh?: (signal: AbortSignal) => Promise<void>;

  constructor(
    table: Table<GaugeSeries>,
    handle: FamilyHandle<GaugeSeries>,
  ) {
    trustSource(this);
    this.#table = table;
    this.#handle = handle;
  }

  get descs(): Source["descs"] {
    return this.#table.descs;
  }

  /** Calls `readers` from now on: a reloaded module declares new ones. */
  use(readers: Readers): void {
    this.#readers = readers;
    this.#refreshed = undefined;
    const { refresh } = readers;
    if (refresh === undefined) delete this.refresh;
    else this.refresh = (signal) => this.#refresh(refresh, signal);
  }

  /** Returns whether `readers` are the current ones. */
  uses(readers: Readers): boolean {
    return this.#readers === readers;
  }

  get limits(): TableLimits {
    return this.#table.limits;
  }

  collect(sink: Sink): void {
    const { read } = this.#readers;
    const reported = read === undefined ? this.#refreshed : this.#read(read);
    this.#refreshed = undefined; // illegal values are counted once
    if (reported !== undefined) this.#fill(reported);
    this.#table.collect(sink);
  }

  /** Writes what `collect` would write, beside the table: nothing is counted. */
  peek(sink: Sink): void {
    const { read } = this.#readers;
    const table = this.#table;
    const reported = read === undefined ? this.#refreshed : this.#read(read);
    if (!sink.family(table.desc)) return;
    if (reported === undefined) return table.emit(0, table.length, sink);
    const { labelNames } = table.desc;
    for (const [values, value] of this.#seriesOf(reported)) {
      sink.number(new Labels(labelNames, values), value, 0);
    }
  }

  /** Returns the legal values by series; those beyond the limits are summed. */
  #seriesOf(reported: readonly Reported[]) {
    const { limits, index } = this.#table;
    const series = new Map<
      string,
      [values: readonly string[], value: number]
    >();
    const rest: number[] = [];
    for (const [value, labels = {}] of reported) {
      if (this.#faultOf(value) !== undefined) continue;
      const values = SeriesLookup.textsOf(this.#handle, labels)
        .map((text) => text.toWellFormed());
      const key = JSON.stringify(values);
      const isLegal = values.every((text, at) =>
        isLegalValue(limits, at, text)
      );
      if (isLegal && (series.has(key) || series.size < limits.maxSeries)) {
        series.set(key, [values, value]);
      } else rest.push(value);
    }
    const all = [...series.values()];
    if (rest.length === 0) return all;
    const sum = rest.reduce((sum, value) => sum + value, 0);
    return [...all, [index.unused(OVERFLOW), sum] as const];
  }

  #read(read: NonNullable<Readers["read"]>): Reported[] {
    const reported: Reported[] = [];
    const result: unknown = read(this.#reportTo(reported));
    if (result === undefined || !ignoreRejection(result)) return reported;
    throw new TypeError(
      `Cannot read "${this.#table.desc.name}": read must report at once; ` +
        `give refresh: async (report, signal) => … instead`,
    );
  }

  /** Returns a function that adds what is reported to `reported`. */
  #reportTo(reported: Reported[]): AnyReport {
    const { labelNames } = this.#table.desc;
    return (value, labels) => {
      reported.push([value, copyLabels(labels, labelNames)]);
    };
  }

  async #refresh(
    refresh: NonNullable<Readers["refresh"]>,
    signal: AbortSignal,
  ): Promise<void> {
    const reported: Reported[] = [];
    await refresh(this.#reportTo(reported), signal);
    signal.throwIfAborted();
    this.#refreshed = [...reported]; // later reports are ignored
  }

  /**
   * Replaces all values. Series that are not reported are dropped first, so that
   * new ones do not overflow.
   */
  #fill(reported: readonly Reported[]): void {
    const legal = reported.filter(([value]) => this.#isLegal(value));
    this.#table.beginGeneration();
    const fresh = legal.filter(([value, labels = {}]) => {
      const series = this.#handle.find(labels);
      series?.set(value);
      return series === undefined;
    });
    this.#table.dropStale();
    for (const [value, labels = {}] of fresh) {
      const series = this.#handle.with(labels);
      // The overflow series sums all series that it represents.
      if (!this.#table.isOverflow(series)) series.set(value);
      else if (this.#isLegal(series.value + value, value)) series.inc(value);
    }
  }

  /** Counts `offending` as rejected unless the type allows `value`. */
  #isLegal(value: number, offending = value): boolean {
    const fault = this.#faultOf(value);
    if (fault !== undefined) this.#table.reject(fault, offending);
    return fault === undefined;
  }

  #faultOf(value: number): RejectReason | undefined {
    if (this.#table.desc.type === "counter") return counterFault(value);
    return typeof value === "number" ? undefined : "not_a_number";
  }
}

/**
 * Copies labels, which the caller may reuse for the next report: their own
 * properties, and those in `names` that their class has.
 */
function copyLabels(
  labels: GivenLabels,
  names: readonly string[],
): GivenLabels {
  if (typeof labels !== "object" || labels === null) return labels;
  const copy: Record<string, unknown> = { ...labels };
  for (const name of names) {
    if (!Object.hasOwn(copy, name) && has(labels, name)) {
      copy[name] = labels[name];
    }
  }
  return copy;
}

// Not exported as values: by its type `declare` returns series, but a callback
// metric returns a disposable.
function callbackKind(type: "counter" | "gauge"): AnyKind {
  return {
    id: type,
    type,
    title: `callback ${type}`,
    recording: (fixed) => `by callback, in scope ${JSON.stringify([...fixed])}`,
    rules: {
      read: ofType(["function"], "(report) => …, which answers at once"),
      refresh: ofType(["function"], "async (report, signal) => …"),
    },
    plan(options) {
      readersOf(options); // refuses before anything is declared
      return { layout: () => GAUGE_LAYOUT };
    },
    source: (table, handle) =>
      new CallbackSource(
        table as Table<GaugeSeries>,
        handle as FamilyHandle<GaugeSeries>,
      ),
    instrument(_handle, declared, families, options) {
      const source = declared.source as CallbackSource;
      const readers = readersOf(options);
      source.use(readers);
      return {
        [Symbol.dispose](): void {
          if (source.uses(readers)) families.retire(declared);
        },
      };
    },
  };
}

/**
 * Returns the functions of a declaration.
 *
 * @throws {TypeError} Unless exactly one of them is a function.
 */
function readersOf(
  options: { readonly name: string } & Readers,
): Readers {
  const { name, read, refresh } = options;
  const isOne = (typeof read === "function") !==
    (typeof refresh === "function");
  if (isOne) return { read, refresh };
  throw new TypeError(
    `Cannot declare "${name}": give either read: (report) => …, which ` +
      `answers at once, or refresh: async (report, signal) => …`,
  );
}

const callbackCounters = /* @__PURE__ */ callbackKind("counter");
const callbackGauges = /* @__PURE__ */ callbackKind("gauge");

function declareCallback(
  kind: AnyKind,
  options: object,
  registry: BareRegistry | undefined,
): Disposable {
  const any = kind as unknown as InstrumentKind<unknown>;
  return declarerOf(registry).declare(
    any,
    options as FamilyOptions<readonly [], NoSets>,
  ) as unknown as Disposable;
}

/**
 * Declares a counter whose totals are read when it is collected. If it is
 * declared again, only the new functions are called. Disposing the result
 * removes it. Default for `registry`: the default registry.
 *
 * @throws {TypeError | RangeError} If a name or an option is wrong.
 * @throws {FamilyConflictError} If it is declared already with other options.
 */
export function callbackCounter<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(
  options: CallbackOptions<N, V>,
  registry?: BareRegistry,
): Disposable {
  return declareCallback(callbackCounters, options, registry);
}

/**
 * Declares a gauge whose values are read when it is collected; see
 * `callbackCounter`.
 *
 * @throws {TypeError | RangeError} If a name or an option is wrong.
 * @throws {FamilyConflictError} If it is declared already with other options.
 */
export function callbackGauge<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(
  options: CallbackOptions<N, V>,
  registry?: BareRegistry,
): Disposable {
  return declareCallback(callbackGauges, options, registry);
}
