/**
 * Sources and their observers.
 *
 * - `collect` is synchronous, so one pass is one consistent cut.
 * - Everything that waits happens before it, in `refresh`.
 */
import { type OptionRule, withMethods } from "../base/internal.ts";
import type { FamilyDesc } from "./desc.ts";
import type { Rows } from "./rows.ts";
import type { Sink } from "./sink.ts";

/** A source of measurements: a registry or a collector. */
export interface Source {
  /** The families that it can write; fixed once it is added to a registry. */
  readonly descs: readonly FamilyDesc[];
  /**
   * Its parts in the order of exposition. Each part is collected separately and
   * can fail separately. Default: the source is its only part.
   */
  readonly parts?: Iterable<Source>;
  /**
   * The rows of its only family, if the family is stored as rows of numbers. Only
   * the rows of a registry's own families are cached; other sources are collected,
   * because everything that they write is checked.
   */
  readonly rows?: Rows | undefined;
  /**
   * The only asynchronous step, called before `collect`, for example to read
   * files. The caller waits for it until `signal` aborts.
   */
  refresh?(signal: AbortSignal): Promise<void>;
  /**
   * Writes the current state into `sink`, synchronously. A source whose `collect`
   * returns a promise fails: asynchronous work belongs in `refresh`.
   */
  collect(sink: Sink): void;
  /**
   * Writes the current state like `collect`, but leaves everything as it is: the
   * next scrape writes what it would have written, and nothing is counted. For
   * readers beside scrapes, such as the live page. Default: `rows` are read, or
   * `collect` is called.
   */
  peek?(sink: Sink): void;
}

/** The outcome and the cost of one scrape. */
export interface ScrapeReport {
  /**
   * `served`: the last byte was handed over. `abandoned`: the client went away,
   * or did not read on in time. `failed`: every part failed. `refused`: too many
   * scrapes were in flight.
   */
  readonly outcome: "served" | "abandoned" | "failed" | "refused";
  /** Seconds from the request until the last byte was handed over. */
  readonly seconds: number;
  /** The longest time for which it blocked the event loop, in seconds. */
  readonly blocked: number;
  /** Size of the exposition in bytes, before compression. */
  readonly bytes: number;
}

/**
 * Observes failed parts and finished scrapes. Errors that its methods throw, and
 * rejections of promises that they return, are ignored.
 */
export interface ScrapeObserver {
  /** Called when a part was left out: its refresh or its collection failed. */
  failed?(part: Source, error: unknown): void;
  /** Called when a scrape has ended, whatever its outcome. */
  scraped?(report: ScrapeReport): void;
}

/** The rule of an option that is an observer; its methods are optional. */
export const SCRAPE_OBSERVER: OptionRule<ScrapeObserver | undefined> =
  /* @__PURE__ */ withMethods<ScrapeObserver | undefined>(
    ["failed", "scraped"],
    "an object, such as { failed: (part, error) => {} }",
    undefined,
    true,
  );

/**
 * The property in which a source carries its own observer; a registry counts its
 * failures there. The symbol is global, because a registry and a handler can
 * come from two copies of this module.
 */
export const OBSERVER: unique symbol = Symbol.for("barograph.observer.1");

/**
 * The property in which a source carries its role. A registry replaces a source
 * by a later one of the same role that has all of its families, as after a hot
 * reload. The symbol is global for the same reason as `OBSERVER`.
 */
export const ROLE: unique symbol = Symbol.for("barograph.role.1");

/**
 * The method of a source that gives up any of its families to another source: a
 * registry calls it with the name of a family that is declared elsewhere, and no
 * longer reserves that family for the source. The symbol is global for the same
 * reason as `OBSERVER`.
 */
export const YIELD: unique symbol = Symbol.for("barograph.yield.1");

/** A source that gives up any of its families to another source. */
export interface YieldingSource extends Source {
  /** Called with the name of a family that it must no longer write. */
  [YIELD](name: string): void;
}

/** A source that answers for all members of a fleet. */
export interface FleetSource extends Source {
  /** The registry of this member; its parts are refreshed before `gather`. */
  readonly own: Source;
  /**
   * Publishes `own` without the parts in `absent`, and then takes what all
   * members have published. Calls `failed` for each part that throws.
   */
  gather(
    absent: ReadonlySet<Source>,
    failed: (part: Source, error: unknown) => void,
  ): void;
  /** Publishes soon, as a request was recorded. Never throws. */
  publishSoon(): void;
}

/**
 * The property in which a registry carries the fleet that it has joined or is
 * joining. The symbol is global for the same reason as `OBSERVER`.
 */
export const FLEET: unique symbol = Symbol.for("barograph.fleet.1");

/** The value of `FLEET`; undefined, also later, if there is no fleet. */
export type Joining =
  | FleetSource
  | Promise<FleetSource | undefined>
  | undefined;

/** Returns the fleet that a registry has joined or is joining. */
export function fleetOf(source: Source): Joining {
  return (source as { readonly [FLEET]?: Joining })[FLEET];
}

/** Has a fleet that was joined publish soon. */
export function publishSoon(fleet: Joining): void {
  (fleet as Partial<FleetSource> | undefined)?.publishSoon?.();
}

/** Returns whether `source` answers for all members of a fleet. */
export function isFleet(source: Source): source is FleetSource {
  return "gather" in source;
}

/** A source that carries its own observer. */
export interface ObservedSource extends Source {
  /** Notified before the observer of the caller. */
  readonly [OBSERVER]: ScrapeObserver;
}

/** Returns the observer that `source` carries; undefined if it has none. */
export function observerOf(source: Source): ScrapeObserver | undefined {
  try {
    return (source as Partial<ObservedSource>)[OBSERVER];
  } catch {
    return undefined; // a proxy, or a getter that throws
  }
}
