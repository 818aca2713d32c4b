/**
 * Numbers that are asked for when they are collected: the length of a queue,
 * the total that some other code keeps already.
 *
 * - `read` is called in each pass and must answer at once.
 * - `refresh` may wait, before a pass; what is late or fails is left out of
 *   the scrape, and what is reported too late is not taken.
 * - What is not reported again is no longer exposed.
 */
import type { Sink, Source } from "../model/mod.ts";
import { FamilyView } from "./family_view.ts";
import type { GaugeSeries } from "./gauge.ts";
import { counterFault } from "./host.ts";
import type { FamilyOptions, LabelsOf, Names, ValueSets } from "./labels.ts";
import type { Table } from "./table.ts";

/**
 * Reports the value of one series. Reporting the same labels twice in one pass
 * leaves the later value.
 */
export type Report<N extends Names, V extends ValueSets> = (
  value: number,
  ...labels: N extends readonly [] ? [] : [labels: LabelsOf<N, V>]
) => void;

/** How a callback metric is declared: with `read` or with `refresh`. */
export type CallbackOptions<N extends Names, V extends ValueSets> =
  & Omit<FamilyOptions<N, V>, "known" | "expireAfter">
  & (
    | {
      /** Reports all series, at once. */
      readonly read: (report: Report<N, V>) => void;
      readonly refresh?: never;
    }
    | {
      /** Reports all series; may wait until `signal` aborts. */
      readonly refresh: (
        report: Report<N, V>,
        signal: AbortSignal,
      ) => Promise<void>;
      readonly read?: never;
    }
  );

type AnyReport = (
  value: number,
  labels?: Readonly<Record<string, unknown>>,
) => void;

/** The functions of a callback metric, whatever its labels. */
export interface Readers {
  readonly read?: ((report: AnyReport) => void) | undefined;
  readonly refresh?:
    | ((report: AnyReport, signal: AbortSignal) => Promise<void>)
    | undefined;
}

type Reported = readonly [value: number, labels: Parameters<AnyReport>[1]];

/** A table that is filled anew for each pass. */
export class CallbackSource implements Source {
  readonly #table: Table<GaugeSeries>;
  readonly #view: FamilyView<GaugeSeries>;
  #readers: Readers;
  /** There only if there is something to wait for. */
  refresh?: (signal: AbortSignal) => Promise<void>;

  constructor(
    table: Table<GaugeSeries>,
    view: FamilyView<GaugeSeries>,
    readers: Readers,
  ) {
    this.#table = table;
    this.#view = view;
    this.#readers = readers;
    this.ask(readers);
  }

  get descs(): Source["descs"] {
    return this.#table.descs;
  }

  /** Asks `readers` from here on: a reloaded module brings new ones. */
  ask(readers: Readers): void {
    this.#readers = readers;
    const { refresh } = readers;
    if (refresh === undefined) delete this.refresh;
    else this.refresh = (signal) => this.#refresh(refresh, signal);
  }

  /** Whether it is `readers` that are asked now. */
  asks(readers: Readers): boolean {
    return this.#readers === readers;
  }

  collect(sink: Sink): void {
    const { read } = this.#readers;
    if (read !== undefined) this.#fill(this.#read(read));
    this.#table.collect(sink);
  }

  #read(read: NonNullable<Readers["read"]>): Reported[] {
    const reported: Reported[] = [];
    const result: unknown = read((value, labels) => {
      reported.push([value, labels]);
    });
    if (!(result instanceof Promise)) return reported;
    result.catch(() => {}); // it is refused, whatever becomes of it
    throw new TypeError(
      `Cannot read "${this.#table.desc.name}": read must report at once; ` +
        `give refresh: async (report, signal) => … instead`,
    );
  }

  async #refresh(
    refresh: NonNullable<Readers["refresh"]>,
    signal: AbortSignal,
  ): Promise<void> {
    const reported: Reported[] = [];
    await refresh((value, labels) => {
      reported.push([value, labels]);
    }, signal);
    signal.throwIfAborted();
    this.#fill(reported);
  }

  /** What was not reported goes first, so that what is new finds room. */
  #fill(reported: readonly Reported[]): void {
    const legal = reported.filter(([value]) => this.#isLegal(value));
    this.#table.sleepAll();
    const fresh = legal.filter(([value, labels = {}]) => {
      const series = FamilyView.find(this.#view, labels);
      series?.set(value);
      return series === undefined;
    });
    this.#table.dropAsleep();
    for (const [value, labels = {}] of fresh) {
      const series = this.#view.with(labels);
      // What is too much for the family is added up, not overwritten.
      if (this.#table.isOverflow(series)) series.inc(value);
      else series.set(value);
    }
  }

  #isLegal(value: number): boolean {
    const fault = this.#table.desc.type === "counter"
      ? counterFault(value)
      : typeof value === "number"
      ? undefined
      : "not_a_number";
    if (fault !== undefined) this.#table.reject(fault, value);
    return fault === undefined;
  }
}

/** What a callback may say beside what all may. */
export const CALLBACK = {
  read: [["function"], "(report) => …, which answers at once"],
  refresh: [["function"], "async (report, signal) => …"],
} as const;

/**
 * The functions of a declaration.
 *
 * @throws {TypeError} Unless exactly one of them is given.
 */
export function checkedReaders(name: string, given: Readers): Readers {
  const { read, refresh } = given;
  const one = (typeof read === "function") !== (typeof refresh === "function");
  if (one) return { read, refresh };
  throw new TypeError(
    `Cannot declare "${name}": give either read: (report) => …, which ` +
      `answers at once, or refresh: async (report, signal) => …`,
  );
}
