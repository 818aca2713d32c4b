/**
 * The metrics of a registry about itself: rejected observations, failed sources
 * and the cost of scrapes, so that no loss goes unnoticed.
 *
 * - A registry that was added to another one also reports to the other one.
 * - The layouts are defined here: imports of kinds would put these kinds into
 *   every bundle, and close an import cycle.
 */
import { MAX_TEXT } from "../base/internal.ts";
import type { Clock } from "../base/mod.ts";
import type { FamilyDesc, ScrapeReport } from "../model/mod.ts";
import { descFrom } from "../model/internal.ts";
import {
  type Diagnostics,
  REJECT_REASONS,
  rejection,
  type RejectReason,
  type SeriesFollower,
} from "./diagnostics.ts";
import type { MakeSampler } from "./exemplars.ts";
import { add, type Layout, mark, Series } from "./series.ts";
import { Table } from "./table.ts";

/** One series of any of the types below; its row is never stale. */
class CellSeries extends Series {
  inc(): void {
    const { row, store } = this;
    add(store.cells, row, 1);
    mark(store.marks, row);
  }

  observe(value: number): void {
    const { row, store } = this;
    add(store.cells, 2 * row, 1);
    add(store.cells, 2 * row + 1, value);
    mark(store.marks, row);
  }

  set(value: number): void {
    const { row, store } = this;
    store.cells[row] = value;
    mark(store.marks, row);
  }
}

const COUNTER: Layout<CellSeries> = {
  width: 1,
  isPlain: true,
  tracksStart: true,
  series: (store, row) => new CellSeries(store, row),
  emit: (store, row, labels, sink) =>
    sink.number(labels, store.cells[row]!, store.starts[row]!),
};

const GAUGE: Layout<CellSeries> = {
  ...COUNTER,
  tracksStart: false,
  emit: (store, row, labels, sink) => sink.number(labels, store.cells[row]!, 0),
};

const NONE = /* @__PURE__ */ new Float64Array(0);

/** Two cells per row: the count, then the sum. */
const SUMMARY: Layout<CellSeries> = {
  ...COUNTER,
  width: 2,
  emit({ cells, starts }, row, labels, sink) {
    const [count, sum] = [cells[2 * row]!, cells[2 * row + 1]!];
    const view = { count, sum, quantiles: NONE, values: NONE };
    sink.summary(labels, view, starts[row]!);
  },
};

const TYPES = { counter: COUNTER, gauge: GAUGE, summary: SUMMARY } as const;

/** The options of a registry that its self-metrics use. */
interface SelfMetricsOptions {
  readonly clock: Clock;
  readonly strict: boolean;
  readonly exemplars: MakeSampler | undefined;
}

/** The self-metrics of a registry, and the diagnostics of its families. */
export class SelfMetrics implements Diagnostics {
  readonly clock: Clock;
  readonly strict: boolean;
  exemplars: MakeSampler | undefined;
  /** The self-metrics as sources: the last parts of an exposition. */
  readonly tables: Table<CellSeries>[] = [];
  /** The self-metrics of the registries that expose this one. */
  readonly parents: Set<SelfMetrics> = new Set();
  /** Follows the series of the registry: whoever publishes them. */
  follower: SeriesFollower | undefined;
  readonly #rejected: Table<CellSeries>;
  readonly #overflows: Table<CellSeries>;
  readonly #failures: Table<CellSeries>;
  readonly #scrapes: Table<CellSeries>;
  readonly #seconds: Table<CellSeries>;
  readonly #bytes: Table<CellSeries>;
  readonly #blocked: Table<CellSeries>;

  constructor({ clock, strict, exemplars }: SelfMetricsOptions) {
    this.clock = clock;
    this.exemplars = exemplars;
    this.strict = strict;
    this.#rejected = this.#table(
      "counter",
      "rejected_observations_total",
      "Observations that were dropped or changed.",
      "reason",
    );
    this.#overflows = this.#table(
      "counter",
      "series_overflows_total",
      "Look-ups of a new label set in a family that was at its limit.",
      "family",
    );
    this.#failures = this.#table(
      "counter",
      "source_failures_total",
      "Sources left out of an exposition because they threw or were late.",
      "source",
    );
    this.#scrapes = this.#table(
      "counter",
      "scrapes_total",
      "Scrapes by outcome; scrapes that share a collection count once.",
      "outcome",
    );
    this.#seconds = this.#table(
      "summary",
      "scrape_duration_seconds",
      "Time from the request of a scrape to the last byte sent.",
    );
    this.#bytes = this.#table(
      "summary",
      "scrape_size_bytes",
      "Size of expositions, before compression.",
    );
    this.#blocked = this.#table(
      "gauge",
      "scrape_blocked_seconds",
      "The longest time for which the last scrape held the event loop.",
    );
    for (const reason of REJECT_REASONS) this.#rejected.resolve([reason]);
  }

  reject(
    reason: RejectReason,
    desc: FamilyDesc,
    offending: unknown,
    at?: number,
    closed?: ReadonlySet<string>,
  ): void {
    this.report("rejected", reason);
    if (this.strict) throw rejection(reason, desc, offending, at, closed);
  }

  overflow(desc: FamilyDesc): void {
    this.report("overflows", desc.name);
  }

  followers(): readonly SeriesFollower[] {
    const others = [...this.parents].flatMap((parent) => parent.followers());
    return this.follower === undefined ? others : [this.follower, ...others];
  }

  /**
   * Counts an event here and in all registries that expose this one. These may
   * come from another copy of this module, so it has no private name.
   */
  report(event: "rejected" | "overflows" | "failures", label: string): void {
    const table = event === "rejected"
      ? this.#rejected
      : event === "overflows"
      ? this.#overflows
      : this.#failures;
    table.resolve([label]).inc();
    for (const parent of this.parents) parent.report(event, label);
  }

  /** Counts a scrape; a refused one has no cost. */
  scraped({ outcome, seconds, bytes, blocked }: ScrapeReport): void {
    this.#scrapes.resolve([outcome]).inc();
    if (outcome === "refused") return;
    this.#blocked.resolve([]).set(blocked);
    this.#seconds.resolve([]).observe(seconds);
    this.#bytes.resolve([]).observe(bytes);
  }

  #table(
    type: "counter" | "gauge" | "summary",
    name: string,
    help: string,
    label?: string,
  ): Table<CellSeries> {
    const desc = descFrom({
      name: `barograph_${name}`,
      type,
      help,
      unit: /_(seconds|bytes)$/.exec(name)?.[1],
      labelNames: label === undefined ? [] : [label],
    });
    const table = new Table<CellSeries>(
      desc,
      TYPES[type],
      {
        maxSeries: 1000,
        expireAfter: Infinity,
        closed: [],
        longest: MAX_TEXT,
        constants: new Set(),
      },
      // Nothing is counted: rejections of self-metrics would count themselves.
      {
        clock: this.clock,
        strict: false,
        exemplars: undefined,
        reject() {},
        overflow() {},
        followers: () => this.followers(),
      },
    );
    this.tables.push(table);
    return table;
  }
}
