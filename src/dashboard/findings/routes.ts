/**
 * The rules for routes, for at most `MAX_ROUTES` of them: some 7 kB each, 15 kB
 * with native buckets.
 *
 * A route that comes when all places are taken replaces one without requests in
 * the last 10 minutes; without such a route it is left out, and counted.
 */
import type { Cells } from "./cells.ts";
import { FAILING_SLOT, FailingRoute } from "./failing.ts";
import type { About, FindingState } from "./finding_state.ts";
import { SLOW_SLOT, SlowRoute } from "./slow.ts";

/** Maximum number of judged routes. */
export const MAX_ROUTES = 200;

/** Slots without requests after which a route can be replaced: 10 minutes. */
const IDLE = 600 / FAILING_SLOT;

/** Slots without requests after which a route is forgotten: an hour. */
const FORGOTTEN = 3600 / FAILING_SLOT;

/** Slots for which a route counts as left out. */
const LEFT_OUT = 60 / FAILING_SLOT;

/** Maximum number of routes that are counted as left out. */
const MAX_LEFT_OUT = 10_000;

/** Names a route in findings. */
export interface RouteName {
  /** Such as `POST /orders`. */
  readonly key: string;
  /** Labels of its series, such as method and route. */
  readonly subject: Readonly<Record<string, string>>;
  readonly family: string;
}

/** Requests of one series in a slot. */
export interface Requests {
  readonly isFailed: boolean;
  /** Numbers of requests by bucket, as in `Change`. */
  readonly buckets: Iterable<readonly [bucket: number, requests: number]>;
}

interface Place {
  readonly failing: FailingRoute;
  slow: SlowRoute | undefined;
  /** The newest slot with requests. */
  last: number;
}

/** All judged routes. */
export class Routes {
  readonly #places = new Map<string, Place>();
  /** Routes without a place, and the newest slot with their requests. */
  readonly #without = new Map<string, number>();

  /** Number of judged routes. */
  get size(): number {
    return this.#places.size;
  }

  /** Number of routes with requests in the last minute that have no place. */
  get leftOut(): number {
    return this.#without.size;
  }

  /** Counts requests of `slot`, whose length is `FAILING_SLOT`. */
  observe(
    slot: number,
    name: RouteName,
    cells: Cells | undefined,
    { isFailed, buckets }: Requests,
  ): void {
    const place = this.#places.get(name.key) ?? this.#make(slot, name);
    if (place === undefined) return;
    // The past of other buckets cannot be compared.
    if (cells !== undefined && place.slow?.bounds !== cells.bounds) {
      place.slow = new SlowRoute(routeAbout("slow", name), cells.bounds);
    }
    const slowSlot = Math.floor(slot * FAILING_SLOT / SLOW_SLOT);
    let all = 0;
    for (const [bucket, requests] of buckets) {
      all += requests;
      // Failures count as such: a timeout is one finding, not two.
      if (cells === undefined || isFailed) continue;
      place.slow?.observe(slowSlot, cells.cellOf(bucket), requests);
    }
    place.failing.observe(slot, all, isFailed ? all : 0);
    place.last = Math.max(place.last, slot);
  }

  /** Forgets routes without requests in the hour before `slot`. */
  forget(slot: number): void {
    for (const [key, place] of this.#places) {
      if (slot - place.last > FORGOTTEN && !isOpen(place)) {
        this.#places.delete(key);
      }
    }
    for (const [key, last] of this.#without) {
      if (slot - last > LEFT_OUT) this.#without.delete(key);
    }
  }

  /** Returns the states of all rules for routes. */
  *states(): Generator<FindingState> {
    for (const { failing, slow } of this.#places.values()) {
      yield failing;
      if (slow !== undefined) yield slow;
    }
  }

  #make(slot: number, name: RouteName): Place | undefined {
    if (this.#places.size >= MAX_ROUTES && !this.#makeRoom(slot)) {
      if (this.#without.size < MAX_LEFT_OUT) this.#without.set(name.key, slot);
      return undefined;
    }
    this.#without.delete(name.key);
    const failing = new FailingRoute(routeAbout("failing", name));
    const place: Place = { failing, slow: undefined, last: slot };
    this.#places.set(name.key, place);
    return place;
  }

  #makeRoom(slot: number): boolean {
    for (const [key, place] of this.#places) {
      if (slot - place.last > IDLE && !isOpen(place)) {
        return this.#places.delete(key);
      }
    }
    return false;
  }
}

function isOpen({ failing, slow }: Place): boolean {
  return failing.isOpen || slow?.isOpen === true;
}

function routeAbout(
  rule: "failing" | "slow",
  { key, subject, family }: RouteName,
): About {
  return { id: `${rule}:${key}`, rule, subject, family };
}
