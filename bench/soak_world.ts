/**
 * The registry of the soak, which changes constantly.
 *
 * - A seed determines the events. A clock that runs faster than the real one, and
 *   can be stopped, determines their times.
 * - The number of series is constant: as many are removed as are created.
 */
import type { Clock } from "../src/base/mod.ts";
import { createRegistry, type Registry } from "../src/metrics/mod.ts";
import { familyDesc, Labels, type Source } from "../src/model/mod.ts";

/** Returns a number from 0 up to 1, exclusive. */
export type Random = () => number;

/** Returns a small seeded generator (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** The system clock at a higher speed; it can be stopped. */
export class FastClock implements Clock {
  readonly #speed: number;
  readonly #unix = Date.now() / 1000;
  #held: number | undefined;

  constructor(speed: number) {
    this.#speed = speed;
  }

  mono(): number {
    return this.#held ?? performance.now() / 1000 * this.#speed;
  }

  unix(): number {
    return this.#unix + this.mono();
  }

  /** Stops the clock while `work` runs. */
  holding<T>(work: () => T): T {
    this.#held = this.mono();
    try {
      return work();
    } finally {
      this.#held = undefined;
    }
  }
}

const help = "Made up for the soak.";

/** Label values of usual length, from a fixed set. */
const ROUTES = Array.from(
  { length: 9000 },
  (_, i) => `/shops/${"department/".repeat(i % 9)}items/${i}/"details"`,
);

/** Number of routes in use at a time; the others expire. */
const IN_USE = 2500;

const METHODS = ["GET", "POST", "DELETE"];

/** Values of all lengths in digits, which change the sizes of pages. */
const VALUES = [0, 1, 9, 10, 99, 1e3, 2 ** 31, 1e21, 0.1, 1e-7, NaN, Infinity];

const OTHERS = 5;

/** Cumulative percentages of the kinds of events. */
const COUNTED = 45;
const SET = 70;
const OBSERVED = 85;
const SUMMED = 94;

/** A registry with families of all types, and its events. */
export class World {
  readonly registry: Registry;
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #others = new Map<number, Disposable>();
  /** Index of the first route in use. */
  #drift = 0;
  #reads = 0;
  #isBroken = false;
  readonly #kinds;

  constructor(random: Random, clock: Clock) {
    this.#random = random;
    this.#clock = clock;
    this.registry = createRegistry({ clock });
    this.#kinds = this.#declare();
    this.registry.add(this.#breakable());
  }

  #declare() {
    const { registry } = this;
    registry.callbackGauge({
      name: "soak_reads",
      help,
      read: () => this.#reads,
    });
    return {
      requests: registry.counter({
        name: "soak_requests_total",
        help,
        labels: ["method", "route"],
        expireAfter: 60,
        maxSeries: 12_000,
      }),
      level: registry.gauge({
        name: "soak_level",
        help,
        labels: ["route"],
        maxSeries: 3000,
      }),
      seconds: registry.histogram({
        name: "soak_request_seconds",
        help,
        unit: "seconds",
        labels: ["route"],
        expireAfter: 120,
      }),
      native: registry.histogram({
        name: "soak_native",
        help,
        labels: ["route"],
        native: true,
        buckets: [1, 10, 100],
      }),
      size: registry.summary({
        name: "soak_size_bytes",
        help,
        unit: "bytes",
        labels: ["method"],
        quantiles: [0.5, 0.99],
      }),
      plain: registry.summary({
        name: "soak_plain",
        help,
        labels: ["route"],
        expireAfter: 60,
      }),
      info: registry.info({ name: "soak_info", help, labels: ["route"] }),
      state: registry.stateSet({
        name: "soak_state",
        help,
        labels: ["method"],
        states: ["idle", "busy"],
      }),
    };
  }

  /** Returns a part that sometimes throws in the middle of its collection. */
  #breakable(): Source {
    const desc = familyDesc({ name: "soak_broken", type: "gauge", help });
    return {
      descs: [desc],
      collect: (sink) => {
        if (sink.family(desc)) sink.number(Labels.NONE, 1, 0);
        if (this.#isBroken) throw new Error("on purpose");
      },
    };
  }

  /** Runs `times` random events, and shifts the routes in use. */
  run(times: number): void {
    this.#drift++;
    for (let i = 0; i < times; i++) this.#record(this.#random() * 100);
    const rare = this.#random() * 400;
    if (rare < 1) this.#kinds.level.clear();
    else if (rare < 40) this.#remove();
    else if (rare < 44) this.#toggleRegistry();
    else if (rare < 48) this.#isBroken = !this.#isBroken;
  }

  /** Records one event; `kind` is a number from 0 up to 100. */
  #record(kind: number): void {
    const { requests, level, seconds, native, size, plain, info, state } =
      this.#kinds;
    const method = METHODS[this.#below(METHODS.length)]!;
    if (kind < COUNTED) {
      const route = this.#route(IN_USE);
      if (kind < 1) requests.at(method, route).inc(1, { trace_id: "4bf92f" });
      else requests.at(method, route).inc(this.#below(50));
    } else if (kind < SET) {
      level.at(ROUTES[this.#below(2800)]!).set(this.#value());
    } else if (kind < OBSERVED) {
      seconds.at(this.#route(200)).observe(this.#random() ** 4 * 12);
    } else if (kind < SUMMED) {
      plain.at(this.#route(300)).observe(this.#below(1000));
      size.at(method).observe(this.#below(100_000));
    } else {
      native.at(ROUTES[this.#below(40)]!).observe(this.#value());
      info.add({ route: ROUTES[this.#below(100)]! });
      state.at(method).toggle("busy", kind < 97);
      this.#reads++;
    }
  }

  #remove(): void {
    const { requests, level, native, info } = this.#kinds;
    const route = this.#route(IN_USE);
    requests.remove({ route });
    for (let i = 0; i < 20; i++) level.remove({ route: this.#any(2800) });
    native.remove({ route: this.#any(40) });
    info.remove({ route: this.#any(100) });
  }

  /** Adds another registry as a part, or removes it. */
  #toggleRegistry(): void {
    const which = this.#below(OTHERS);
    const present = this.#others.get(which);
    if (present !== undefined) {
      present[Symbol.dispose]();
      this.#others.delete(which);
      return;
    }
    const other = createRegistry({ clock: this.#clock, selfMetrics: false });
    const name = `soak_other_${which}`;
    const gauge = other.gauge({ name, help, labels: ["route"] });
    for (let i = 0; i < 200; i++) gauge.at(ROUTES[i]!).set(this.#value());
    this.#others.set(which, this.registry.add(other));
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #value(): number {
    const value = VALUES[this.#below(2 * VALUES.length)];
    return value ?? this.#below(100_000);
  }

  #any(limit: number): string {
    return ROUTES[this.#below(limit)]!;
  }

  /** Returns one of the first `limit` routes in use. */
  #route(limit: number): string {
    return ROUTES[(this.#drift + this.#below(limit)) % ROUTES.length]!;
  }
}
