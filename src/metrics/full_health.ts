/**
 * What a whole registry tells of itself beside what any does: how its scrapes
 * ended and what they cost; and, if it is strict, what it refuses, at once.
 */
import type { Clock } from "../base/mod.ts";
import type { FamilyDesc, ScrapeReport } from "../model/mod.ts";
import { counterKind, type CounterSeries } from "./counter.ts";
import { ExemplarSlots, type ExemplarSource } from "./exemplar_slots.ts";
import type { FamilyView } from "./family_view.ts";
import { gaugeKind, type GaugeSeries } from "./gauge.ts";
import { Health } from "./health.ts";
import { rejection, type RejectReason } from "./host.ts";
import { SummaryKind, type SummarySeries } from "./summary.ts";

/** The own metrics of a whole registry. */
export class FullHealth extends Health {
  readonly #strict: boolean;
  readonly #scrapes: FamilyView<CounterSeries>;
  readonly #seconds: FamilyView<SummarySeries>;
  readonly #bytes: FamilyView<SummarySeries>;
  readonly #blocked: FamilyView<GaugeSeries>;

  constructor(
    clock: Clock,
    strict: boolean,
    exemplars: ExemplarSource | undefined,
  ) {
    super(clock);
    this.exemplars = exemplars && (() => new ExemplarSlots(exemplars));
    this.#strict = strict;
    this.#scrapes = this.own(
      counterKind,
      "counter",
      "scrapes_total",
      "Scrapes by how they ended; those that shared their work are one.",
      ["outcome"],
      ["served", "abandoned", "failed", "refused"],
    );
    this.#seconds = this.own(
      new SummaryKind(undefined),
      "summary",
      "scrape_duration_seconds",
      "Time from the request of a scrape to the last byte handed over.",
      [],
      undefined,
      "seconds",
    );
    this.#bytes = this.own(
      new SummaryKind(undefined),
      "summary",
      "scrape_size_bytes",
      "Size of expositions, before compression.",
      [],
      undefined,
      "bytes",
    );
    this.#blocked = this.own(
      gaugeKind,
      "gauge",
      "scrape_blocked_seconds",
      "The longest time for which the last scrape held the event loop.",
      [],
      undefined,
      "seconds",
    );
  }

  override reject(
    reason: RejectReason,
    desc: FamilyDesc,
    offending: unknown,
  ): void {
    super.reject(reason, desc, offending);
    if (this.#strict) throw rejection(reason, desc, offending);
  }

  /** Counts a scrape; one that was refused has cost nothing. */
  scraped(report: ScrapeReport): void {
    this.#scrapes.at(report.outcome).inc();
    if (report.outcome === "refused") return;
    this.#seconds.at().observe(report.seconds);
    this.#bytes.at().observe(report.bytes);
    this.#blocked.at().set(report.blocked);
  }
}
