/** The metrics of a fleet about itself. */
import type { Clock } from "../base/mod.ts";
import { errorMessage, errorType, warn } from "../base/internal.ts";
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
  help: "Publishes of all members.",
});

const FAILURES = descFrom({
  name: "barograph_fleet_publish_failures_total",
  type: "counter",
  help: "Publishes that failed, by error.",
  labelNames: ["reason"],
});

const UNREAD = descFrom({
  name: "barograph_fleet_read_failures_total",
  type: "counter",
  help: "Reads of member files that failed, by reason.",
  labelNames: ["reason"],
});

const ADOPTED = descFrom({
  name: "barograph_fleet_adopted_total",
  type: "counter",
  help: "Members that took over the slot of an earlier one.",
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
  help: "Live members.",
});

const AGE = descFrom({
  name: "barograph_fleet_member_age_seconds",
  type: "gauge",
  help: "Time since the last sign of life of a member.",
  labelNames: ["member"],
});

const REFUSED = descFrom({
  name: "barograph_fleet_refused_declarations",
  type: "gauge",
  help: "Members whose declaration of a family differs from the one in use.",
  labelNames: ["family"],
});

/** The maximum number of different reasons. */
const MAX_REASONS = 20;

/** The kinds of failures, each with what follows from it. */
const FAILURE_KINDS = {
  join: {
    title: "cannot join the fleet",
    effect: "this process answers with its own numbers until it can",
  },
  publish: {
    title: "cannot publish to the fleet",
    effect: "numbers of this process are missing in its totals until it can",
  },
  read: {
    title: "cannot read a member of the fleet",
    effect: "its totals have only what was read before until it can",
  },
} as const;

/**
 * The metrics of one member, which it publishes like all of its others. While it
 * is none, only its failures are shown.
 */
export class MemberMetrics implements Source {
  readonly descs: readonly FamilyDesc[] = [
    PUBLISHES,
    FAILURES,
    UNREAD,
    ADOPTED,
    BYTES,
  ];
  isMember = false;
  publishes = 0;
  adopted = 0;
  bytes = 0;
  readonly #failures = new Map<string, number>();
  readonly #unread = new Map<string, number>();
  readonly #warned = new Set<string>();
  readonly #start: number;

  constructor(clock: Clock) {
    this.#start = clock.unix();
    trustSource(this);
  }

  /** Counts an error, and logs the first one of its kind. */
  failed(kind: "join" | "publish", error: unknown): void {
    count(this.#failures, reasonOf(error));
    this.#warn(kind, errorMessage(error));
  }

  /** Counts a file that could not be read, and logs the first one. */
  unread(path: string, reason: string, error: unknown): void {
    count(this.#unread, reason);
    if (reason === "torn") return; // it was written at the same time
    this.#warn("read", `${path}: ${errorMessage(error)}`);
  }

  #warn(kind: keyof typeof FAILURE_KINDS, message: string): void {
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    const { title, effect } = FAILURE_KINDS[kind];
    warn(`${title}: ${message}; ${effect}`);
  }

  collect(sink: Sink): void {
    const start = this.#start;
    const { isMember } = this;
    if (isMember && sink.family(PUBLISHES)) {
      sink.number(Labels.NONE, this.publishes, start);
    }
    writeReasons(sink, FAILURES, this.#failures, start);
    writeReasons(sink, UNREAD, this.#unread, start);
    if (!isMember) return;
    if (sink.family(ADOPTED)) sink.number(Labels.NONE, this.adopted, start);
    if (sink.family(BYTES)) sink.number(Labels.NONE, this.bytes, 0);
  }
}

function count(counts: Map<string, number>, reason: string): void {
  const isKnown = counts.has(reason) || counts.size < MAX_REASONS;
  const key = isKnown ? reason : "other";
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function writeReasons(
  sink: Sink,
  desc: FamilyDesc,
  counts: ReadonlyMap<string, number>,
  start: number,
): void {
  if (counts.size === 0 || !sink.family(desc)) return;
  for (const [reason, count] of counts) {
    sink.number(new Labels(desc.labelNames, [reason]), count, start);
  }
}

/** Returns the code of an error of the system, or else its class. */
function reasonOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  const isCode = typeof code === "string" &&
    /^[A-Z][A-Z0-9_]{1,30}$/.test(code);
  return isCode ? code : errorType(error);
}

/** The facts about a fleet, as the member that answers sees them. */
export interface FleetFacts {
  /** By slot of each live member: seconds since its last sign of life. */
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
