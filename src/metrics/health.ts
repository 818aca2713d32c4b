/**
 * What a registry tells of itself: three counters of what went wrong, so that
 * nothing is lost in silence.
 *
 * A registry that was added to another one tells that one as well.
 */
import type { Clock } from "../base/mod.ts";
import { type FamilyDesc, familyDesc, type Source } from "../model/mod.ts";
import { counterKind, type CounterSeries } from "./counter.ts";
import { FamilyView } from "./family_view.ts";
import {
  type Host,
  REJECT_REASONS,
  rejection,
  type RejectReason,
} from "./host.ts";
import { Table } from "./table.ts";

/** The three counters, and the registries that hear of them. */
export class Health implements Host {
  readonly clock: Clock;
  /** The counters as sources: what a registry exposes last. */
  readonly tables: readonly Table[];
  /** Those that count what this one counts. */
  readonly listeners = new Set<Health>();
  readonly #strict: boolean;
  readonly #rejected: FamilyView<CounterSeries>;
  readonly #overflows: FamilyView<CounterSeries>;
  readonly #failures: FamilyView<CounterSeries>;

  constructor(clock: Clock, strict: boolean) {
    this.clock = clock;
    this.#strict = strict;
    const rejected = this.#counter(
      "barograph_rejected_observations_total",
      "Observations that were dropped, or recorded other than asked.",
      "reason",
      REJECT_REASONS,
    );
    const overflows = this.#counter(
      "barograph_series_overflows_total",
      "Look-ups of a new label set in a family that was at its limit.",
      "family",
    );
    const failures = this.#counter(
      "barograph_source_failures_total",
      "Sources left out of an exposition because they threw or were late.",
      "source",
    );
    this.tables = [rejected, overflows, failures];
    this.#rejected = new FamilyView(rejected);
    this.#overflows = new FamilyView(overflows);
    this.#failures = new FamilyView(failures);
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
    const name = part.descs[0]?.name ?? "unnamed";
    this.#tell((health) => health.#failures.at(name).inc());
  }

  #tell(count: (health: Health) => void): void {
    count(this);
    for (const listener of this.listeners) listener.#tell(count);
  }

  #counter(
    name: string,
    help: string,
    label: string,
    values?: readonly string[],
  ): Table<CounterSeries> {
    const desc = familyDesc({
      name,
      type: "counter",
      help,
      labelNames: [label],
    });
    const limits = {
      maxSeries: 1000,
      expireAfter: Infinity,
      closed: [values && new Set(values)],
    };
    // These labels are our own: what they might reject is counted nowhere.
    const host = { clock: this.clock, reject: () => {}, overflow: () => {} };
    return new Table(desc, counterKind, limits, host);
  }
}
