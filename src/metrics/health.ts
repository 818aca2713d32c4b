/**
 * What a registry tells of itself: counters of what went wrong, so that nothing
 * is lost in silence. What its scrapes cost is in `full_health.ts`.
 *
 * A registry that was added to another one tells that one as well of what went
 * wrong.
 */
import type { Clock } from "../base/mod.ts";
import type { FamilyDesc, MetricType, Source } from "../model/mod.ts";
import { classicDesc, nameOf } from "../model/internal.ts";
import { counterKind, type CounterSeries } from "./counter.ts";
import type { ExemplarSlots } from "./exemplar_slots.ts";
import { FamilyView } from "./family_view.ts";
import { type Host, REJECT_REASONS, type RejectReason } from "./host.ts";
import type { Kind, Series } from "./series.ts";
import { Table } from "./table.ts";

/** The own metrics of a registry, and the registries that hear of them. */
export class Health implements Host {
  readonly clock: Clock;
  exemplars: (() => ExemplarSlots) | undefined = undefined;
  /** The metrics as sources: what a registry exposes last. */
  readonly tables: Table[] = [];
  /** Those that count what this one counts. */
  readonly listeners = new Set<Health>();
  readonly #rejected: FamilyView<CounterSeries>;
  readonly #overflows: FamilyView<CounterSeries>;
  readonly #failures: FamilyView<CounterSeries>;

  constructor(
    clock: Clock,
  ) {
    this.clock = clock;
    this.#rejected = this.own(
      counterKind,
      "counter",
      "rejected_observations_total",
      "Observations that were dropped, or recorded other than asked.",
      ["reason"],
      REJECT_REASONS,
    );
    this.#overflows = this.own(
      counterKind,
      "counter",
      "series_overflows_total",
      "Look-ups of a new label set in a family that was at its limit.",
      ["family"],
    );
    this.#failures = this.own(
      counterKind,
      "counter",
      "source_failures_total",
      "Sources left out of an exposition because they threw or were late.",
      ["source"],
    );
    this.#rejected.init();
  }

  reject(reason: RejectReason, _desc: FamilyDesc, _offending: unknown): void {
    this.#tell((health) => health.#rejected.at(reason).inc());
  }

  overflow(desc: FamilyDesc): void {
    this.#tell((health) => health.#overflows.at(desc.name).inc());
  }

  /** Counts a part that was left out. */
  failed(part: Source): void {
    this.#tell((health) => health.#failures.at(nameOf(part)).inc());
  }

  #tell(count: (health: Health) => void): void {
    count(this);
    for (const listener of this.listeners) listener.#tell(count);
  }

  /** A family of its own; its label, if any, may have a closed set. */
  protected own<S extends Series>(
    kind: Kind<S>,
    type: MetricType,
    name: string,
    help: string,
    labelNames: readonly string[],
    values?: readonly string[],
    unit?: string,
  ): FamilyView<S> {
    name = `barograph_${name}`;
    const table = new Table(
      classicDesc({ name, type, help, unit, labelNames }),
      kind,
      {
        maxSeries: 1000,
        expireAfter: Infinity,
        closed: [values && new Set(values)],
      },
      // The label is our own: what it might reject is counted nowhere.
      {
        clock: this.clock,
        exemplars: undefined,
        reject() {},
        overflow() {},
      },
    );
    this.tables.push(table);
    return new FamilyView(table);
  }
}
