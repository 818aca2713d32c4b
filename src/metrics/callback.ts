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
import type { FamilyView } from "./family_view.ts";
import type { GaugeSeries } from "./gauge.ts";
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

/** A table that is filled anew for each pass. */
export class CallbackSource implements Source {
  readonly #table: Table<GaugeSeries>;
  readonly #view: FamilyView<GaugeSeries>;
  #readers: Readers;

  constructor(
    table: Table<GaugeSeries>,
    view: FamilyView<GaugeSeries>,
    readers: Readers,
  ) {
    this.#table = table;
    this.#view = view;
    this.#readers = readers;
  }

  get descs(): Source["descs"] {
    return this.#table.descs;
  }

  /** Asks `readers` from here on: a reloaded module brings new ones. */
  replace(readers: Readers): void {
    this.#readers = readers;
  }

  async refresh(signal: AbortSignal): Promise<void> {
    const { refresh } = this.#readers;
    if (refresh === undefined) return;
    const reported: Parameters<AnyReport>[] = [];
    await refresh((...args) => void reported.push(args), signal);
    signal.throwIfAborted();
    this.#fill((report) => reported.forEach((args) => report(...args)));
  }

  collect(sink: Sink): void {
    const { read } = this.#readers;
    if (read !== undefined) this.#fill(read);
    this.#table.collect(sink);
  }

  #fill(read: (report: AnyReport) => void): void {
    const table = this.#table;
    table.sleepAll();
    try {
      read((value, labels) => this.#set(value, labels));
    } finally {
      table.dropAsleep();
    }
  }

  #set(value: number, labels: Readonly<Record<string, unknown>> = {}): void {
    const table = this.#table;
    if (table.desc.type === "counter" && !(value >= 0 && value < Infinity)) {
      const reason = value < 0
        ? "negative"
        : value === Infinity
        ? "infinite"
        : "not_a_number";
      return table.reject(reason, value);
    }
    const series = this.#view.with(labels);
    // What is too much for the family is added up, not overwritten.
    if (table.isOverflow(series) && series.row >= 0) series.inc(value);
    else series.set(value);
  }
}

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
