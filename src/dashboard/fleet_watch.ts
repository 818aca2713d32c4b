/**
 * The members of the fleet that the registry has joined, as read from its
 * metrics.
 */
import type { Clock } from "../base/mod.ts";
import type { FamilyDesc, LabelSet, Sink, Source } from "../model/mod.ts";
import { collectUnchecked, fleetOf } from "../model/internal.ts";
import type { FleetMember } from "./protocol.ts";

/** Seconds without news after which a member is late. */
const LATE = 5;

/** Seconds for which a member that has left is shown. */
const GONE = 600;

/** Gauges by member. */
const AGE = "barograph_fleet_member_age_seconds";
const MEMORY = "process_resident_memory_bytes";

/** Watches the members of one fleet. */
export class FleetWatch {
  readonly #registry: Source;
  readonly #clock: Clock;
  /** By member: when it was last seen. */
  readonly #seen = new Map<string, number>();

  constructor(registry: Source, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  /** Returns all members; null if no fleet was joined. Never rejects. */
  async members(): Promise<readonly FleetMember[] | null> {
    try {
      const fleet = await fleetOf(this.#registry);
      if (fleet === undefined) return null;
      // As a scrape does: it publishes, and reads what others have published.
      fleet.gather(new Set(), () => {});
      const gauges = new Gauges([AGE, MEMORY]);
      collectUnchecked(fleet, gauges);
      return this.#membersIn(gauges, ownSlot(fleet));
    } catch {
      return null; // its files cannot be read now
    }
  }

  #membersIn(gauges: Gauges, own: string | undefined): FleetMember[] {
    const now = this.#clock.unix();
    const ages = gauges.byMember(AGE);
    const memory = gauges.byMember(MEMORY);
    for (const name of ages.keys()) this.#seen.set(name, now);
    return [...this.#seen].flatMap(([name, seen]) => {
      if (now - seen > GONE) {
        this.#seen.delete(name);
        return [];
      }
      const age = ages.get(name);
      return [{
        name,
        state: age === undefined ? "gone" : age > LATE ? "late" : "joined",
        isThis: name === own,
        age: age ?? now - seen,
        pid: null,
        requests: null,
        errors: null,
        memory: memory.get(name) ?? null,
      }];
    });
  }
}

/** Returns the number of the member that the fleet answers for, as text. */
function ownSlot(fleet: object): string | undefined {
  const { slot } = fleet as { readonly slot?: unknown };
  return slot === undefined ? undefined : String(slot);
}

/** A sink that keeps the values of some gauges by their label `member`. */
class Gauges implements Sink {
  readonly #values: ReadonlyMap<string, Map<string, number>>;
  #open: Map<string, number> | undefined;

  constructor(names: readonly string[]) {
    this.#values = new Map(names.map((name) => [name, new Map()]));
  }

  byMember(name: string): ReadonlyMap<string, number> {
    return this.#values.get(name)!;
  }

  family({ name }: FamilyDesc): boolean {
    this.#open = this.#values.get(name);
    return this.#open !== undefined;
  }

  number(labels: LabelSet, value: number): void {
    const index = labels.names.indexOf("member");
    if (index >= 0) this.#open?.set(labels.value(index), value);
  }

  histogram(): void {}

  summary(): void {}
}
