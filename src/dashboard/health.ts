/**
 * `health`: checks, sources, counts of the telemetry itself, and the fleet.
 *
 * The functions of users are called only while a page is open, every 10
 * seconds, and once for all readers.
 */
import { type Clock, systemClock, type Timers } from "../base/mod.ts";
import { ignoreRejection } from "../base/internal.ts";
import type { Check } from "../http/mod.ts";
import { passes } from "../http/internal.ts";
import type { Source } from "../model/mod.ts";
import { FleetWatch } from "./fleet_watch.ts";
import type { KeptHistory } from "./history/kept_history.ts";
import type { State } from "./feed/parts.ts";
import type { FamilyId, Health, History } from "./protocol.ts";
import type { Redaction } from "./redaction.ts";

/** Seconds between two readings. */
const PERIOD = 10;

/** Seconds that a check may take, as for readiness. */
const CHECK_SECONDS = 5;

/** The beginning of the names of the telemetry's own metrics. */
const OWN = "barograph_";

/** The arguments of `HealthState`. */
export interface HealthInit {
  readonly checks: Readonly<Record<string, Check>>;
  readonly history: KeptHistory;
  readonly registry: Source;
  readonly redaction: Redaction;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** The health of one service. */
export class HealthState implements State<Health> {
  readonly #init: HealthInit;
  readonly #fleet: FleetWatch;
  #last: Health | undefined;
  #reading: Promise<Health> | undefined;

  constructor(init: HealthInit) {
    this.#init = init;
    this.#fleet = new FleetWatch(init.registry, init.clock);
  }

  now(): Health | undefined {
    return this.#last;
  }

  follow(listener: () => void): Disposable {
    let isOn = true;
    const read = (): void => {
      ignoreRejection(this.read().then(() => isOn && listener()));
    };
    const cancel = this.#init.timers.every(PERIOD, read);
    read();
    return {
      [Symbol.dispose](): void {
        isOn = false;
        cancel();
      },
    };
  }

  /** Reads the health; overlapping calls share one reading. */
  read(): Promise<Health> {
    return this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
  }

  async #read(): Promise<Health> {
    const { clock, history, redaction } = this.#init;
    const now = clock.unix();
    const [checks, fleet] = await Promise.all([
      this.#checks(),
      this.#fleet.members(),
    ]);
    const sources = history.sources().map(({ name, ok, failures, error }) => ({
      name,
      ok,
      failures,
      error: redaction.sourceError(name, error, now),
    }));
    return this.#last = { checks, sources, self: ownCounts(history), fleet };
  }

  #checks(): Promise<Health["checks"]> {
    const { checks, timers } = this.#init;
    return Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        // Not the clock of the page: a test may have stopped it.
        const start = systemClock.mono();
        const ok = await passes(check, CHECK_SECONDS, timers);
        return { name, ok, ms: (systemClock.mono() - start) * 1000 };
      }),
    );
  }
}

/** Returns the counts of the telemetry itself, by family and series. */
function ownCounts(history: KeptHistory): Health["self"] {
  const ids: FamilyId[] = [];
  for (const { id, name, type } of history.families.values()) {
    const isNumber = type === "counter" || type === "gauge";
    if (name.startsWith(OWN) && isNumber) ids.push(id);
  }
  if (ids.length === 0) return [];
  const { families, names } = history.query(ids, PERIOD * 6);
  const series = new Map(names.s.map((each) => [each.id, each]));
  return families.flatMap(({ id, series: all }) => {
    const family = history.families.get(id)!;
    return all.flatMap((each) => {
      const value = family.type === "counter" ? each.total : levelOf(each);
      if (value === null) return [];
      const values = series.get(each.id)?.values ?? [];
      const labels = family.labels.map((label, i) => [label, values[i] ?? ""]);
      return [{
        name: family.name,
        help: family.help,
        labels: Object.fromEntries(labels),
        value,
      }];
    });
  });
}

/** Returns the last level of a gauge; null if it is not there any longer. */
function levelOf(
  { base, d }: History["families"][number]["series"][number],
): number | null {
  const last = d.at(-1);
  return last === undefined ? base : last[1] ?? null;
}
