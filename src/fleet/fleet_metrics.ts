/** The metrics of a fleet about itself. */
import type { Clock } from "../base/mod.ts";
import {
  type FamilyDesc,
  Labels,
  type Sink,
  type Source,
} from "../model/mod.ts";
import { descFrom, trustSource } from "../model/internal.ts";

const PUBLISHES = descFrom({
  name: "barograph_fleet_publishes_total",
  type: "counter",
  help: "How many times members have published their numbers.",
});

const FAILURES = descFrom({
  name: "barograph_fleet_publish_failures_total",
  type: "counter",
  help: "How many times numbers could not be published, by the error.",
  labelNames: ["reason"],
});

const ADOPTED = descFrom({
  name: "barograph_fleet_adopted_total",
  type: "counter",
  help: "How many times a member has gone on from the slot of an earlier one.",
});

const BYTES = descFrom({
  name: "barograph_fleet_bytes",
  type: "gauge",
  help: "Size of the files of all members.",
  merge: "sum",
});

const MEMBERS = descFrom({
  name: "barograph_fleet_members",
  type: "gauge",
  help: "Members that live.",
});

const AGE = descFrom({
  name: "barograph_fleet_member_age_seconds",
  type: "gauge",
  help: "Time since a member was last heard of.",
  labelNames: ["member"],
});

const REFUSED = descFrom({
  name: "barograph_fleet_refused_declarations",
  type: "gauge",
  help: "Members whose declaration of a family is not the one that holds.",
  labelNames: ["family"],
});

/** The maximum number of different reasons. */
const MAX_REASONS = 20;

/** The metrics of one member, which it publishes like all of its others. */
export class MemberMetrics implements Source {
  readonly descs: readonly FamilyDesc[] = [
    PUBLISHES,
    FAILURES,
    ADOPTED,
    BYTES,
  ];
  publishes = 0;
  adopted = 0;
  bytes = 0;
  readonly #failures = new Map<string, number>();
  readonly #start: number;

  constructor(clock: Clock) {
    this.#start = clock.unix();
    trustSource(this);
  }

  /** Counts a publish that has failed. */
  failed(reason: string): void {
    const isKnown = this.#failures.has(reason);
    const key = isKnown || this.#failures.size < MAX_REASONS ? reason : "other";
    this.#failures.set(key, (this.#failures.get(key) ?? 0) + 1);
  }

  collect(sink: Sink): void {
    const start = this.#start;
    if (sink.family(PUBLISHES)) {
      sink.number(Labels.NONE, this.publishes, start);
    }
    if (this.#failures.size > 0 && sink.family(FAILURES)) {
      for (const [reason, count] of this.#failures) {
        sink.number(new Labels(FAILURES.labelNames, [reason]), count, start);
      }
    }
    if (sink.family(ADOPTED)) sink.number(Labels.NONE, this.adopted, start);
    if (sink.family(BYTES)) sink.number(Labels.NONE, this.bytes, 0);
  }
}

/** The facts about a fleet, as the member that answers sees them. */
export interface FleetFacts {
  /** By slot of each member that lives: seconds since it was heard of. */
  ages(): ReadonlyMap<number, number>;
  /** By family: the members whose declaration is refused. */
  refused(): ReadonlyMap<string, number>;
}

/** The metrics of a whole fleet, which only the member that answers writes. */
export class WholeMetrics implements Source {
  readonly descs: readonly FamilyDesc[] = [MEMBERS, AGE, REFUSED];
  readonly #facts: FleetFacts;

  constructor(facts: FleetFacts) {
    this.#facts = facts;
    trustSource(this);
  }

  collect(sink: Sink): void {
    const ages = this.#facts.ages();
    if (sink.family(MEMBERS)) sink.number(Labels.NONE, ages.size, 0);
    if (sink.family(AGE)) {
      for (const [slot, age] of ages) {
        sink.number(new Labels(AGE.labelNames, [String(slot)]), age, 0);
      }
    }
    const refused = this.#facts.refused();
    if (refused.size === 0 || !sink.family(REFUSED)) return;
    for (const [name, members] of refused) {
      sink.number(new Labels(REFUSED.labelNames, [name]), members, 0);
    }
  }
}
