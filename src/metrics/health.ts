/**
 * What a registry tells of itself: counters of what went wrong, so that nothing
 * is lost in silence, and what its scrapes cost.
 *
 * A registry that was added to another one tells that one as well of what went
 * wrong.
 */
import type { Clock } from "../base/mod.ts";
import {
  type FamilyDesc,
  familyDesc,
  type MetricType,
  nameOf,
  type ScrapeReport,
  type Source,
} from "../model/mod.ts";
import { counterKind, type CounterSeries } from "./counter.ts";
import type { ExemplarSource } from "./exemplar_slots.ts";
import { FamilyView } from "./family_view.ts";
import { gaugeKind, type GaugeSeries } from "./gauge.ts";
import {
  type Host,
  REJECT_REASONS,
  rejection,
  type RejectReason,
} from "./host.ts";
import type { Kind, Series } from "./series.ts";
import { SummaryKind, type SummarySeries } from "./summary.ts";
import { Table } from "./table.ts";

/** The own metrics of a registry, and the registries that hear of them. */
export class Health implements Host {
  readonly clock: Clock;
  exemplars: ExemplarSource | undefined;
  /** The metrics as sources: what a registry exposes last. */
  readonly tables: Table[] = [];
  /** Those that count what this one counts. */
  readonly listeners = new Set<Health>();
  readonly #strict: boolean;
  readonly #rejected: FamilyView<CounterSeries>;
  readonly #overflows: FamilyView<CounterSeries>;
  readonly #failures: FamilyView<CounterSeries>;
  readonly #scrapes: FamilyView<CounterSeries>;
  readonly #seconds: FamilyView<SummarySeries>;
  readonly #bytes: FamilyView<SummarySeries>;
  readonly #blocked: FamilyView<GaugeSeries>;

  constructor(
    clock: Clock,
    strict: boolean,
    exemplars: ExemplarSource | undefined,
  ) {
    this.clock = clock;
    this.exemplars = exemplars;
    this.#strict = strict;
    this.#rejected = this.#own(
      counterKind,
      "counter",
      "barograph_rejected_observations_total",
      "Observations that were dropped, or recorded other than asked.",
      { reason: REJECT_REASONS },
    );
    this.#overflows = this.#own(
      counterKind,
      "counter",
      "barograph_series_overflows_total",
      "Look-ups of a new label set in a family that was at its limit.",
      { family: undefined },
    );
    this.#failures = this.#own(
      counterKind,
      "counter",
      "barograph_source_failures_total",
      "Sources left out of an exposition because they threw or were late.",
      { source: undefined },
    );
    this.#scrapes = this.#own(
      counterKind,
      "counter",
      "barograph_scrapes_total",
      "Scrapes by how they ended; those that shared their work are one.",
      { outcome: ["served", "abandoned", "failed", "refused"] },
    );
    this.#seconds = this.#own(
      new SummaryKind(undefined),
      "summary",
      "barograph_scrape_duration_seconds",
      "Time from the request of a scrape to the last byte handed over.",
    );
    this.#bytes = this.#own(
      new SummaryKind(undefined),
      "summary",
      "barograph_scrape_size_bytes",
      "Size of expositions, before compression.",
    );
    this.#blocked = this.#own(
      gaugeKind,
      "gauge",
      "barograph_scrape_blocked_seconds",
      "The longest time for which the last scrape held the event loop.",
    );
    this.#rejected.init();
  }

  reject(reason: RejectReason, desc: FamilyDesc, offending: unknown): void {
    this.#tell((health) => health.#rejected.at(reason).inc());
    if (this.#strict) throw rejection(reason, desc, offending);
  }

  overflow(desc: FamilyDesc): void {
    this.#tell((health) => health.#overflows.at(desc.name).inc());
  }

  /** Counts a part that was left out. */
  failed(part: Source): void {
    this.#tell((health) => health.#failures.at(nameOf(part)).inc());
  }

  /** Counts a scrape; one that was refused has cost nothing. */
  scraped(report: ScrapeReport): void {
    this.#scrapes.at(report.outcome).inc();
    if (report.outcome === "refused") return;
    this.#seconds.at().observe(report.seconds);
    this.#bytes.at().observe(report.bytes);
    this.#blocked.at().set(report.blocked);
  }

  #tell(count: (health: Health) => void): void {
    count(this);
    for (const listener of this.listeners) listener.#tell(count);
  }

  /** A family of its own; `labels` are closed sets, or undefined for any. */
  #own<S extends Series>(
    kind: Kind<S>,
    type: MetricType,
    name: string,
    help: string,
    labels: Readonly<Record<string, readonly string[] | undefined>> = {},
  ): FamilyView<S> {
    const unit = /_(seconds|bytes)$/.exec(name)?.[1] ?? "";
    const labelNames = Object.keys(labels);
    const desc = familyDesc({ name, type, help, unit, labelNames });
    const limits = {
      maxSeries: 1000,
      expireAfter: Infinity,
      closed: Object.values(labels).map((values) => values && new Set(values)),
    };
    // These labels are our own: what they might reject is counted nowhere.
    const host: Host = {
      clock: this.clock,
      exemplars: undefined,
      reject: () => {},
      overflow: () => {},
    };
    const table = new Table(desc, kind, limits, host);
    this.tables.push(table);
    return new FamilyView(table);
  }
}
