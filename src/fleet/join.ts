/** `joinFleet`: makes a registry a member of the fleet of its service. */
import type { Timers } from "../base/mod.ts";
import { display, processWide, readOptions } from "../base/internal.ts";
import { type Families, scopeIn } from "../metrics/internal.ts";
import type { Registry } from "../metrics/mod.ts";
import { type FleetPlatform, fleetPlatform } from "../platform/internal.ts";
import { Membership } from "./membership.ts";
import { FLEET_OPTIONS, type FleetOptions } from "./options.ts";

/** The membership of a registry. */
export interface Fleet extends Disposable {
  /** The number of this member; undefined while it cannot join. */
  readonly member: number | undefined;
  /**
   * Publishes what was counted until now: it survives the death of this process.
   * Returns false if that failed. Cost: some 10 µs.
   */
  flush(): boolean;
  /**
   * Publishes for the last time, and leaves: the counts of this member stay in the
   * totals of the others. Its own endpoint answers with its own numbers again.
   * If several callers have joined with the same registry, the last call
   * leaves.
   */
  leave(): void;
}

const ACTION = "Cannot join a fleet";

/** A membership that all callers for one registry share. */
interface Joined {
  readonly membership: Membership;
  /** The options, as text. */
  readonly terms: string;
  /** The number of callers that have not left. */
  users: number;
}

/** Returns what registries have joined; all copies of this module share it. */
function joinedBy(): WeakMap<Families, Joined> {
  return processWide(
    Symbol.for("barograph.joined.1"),
    () => new WeakMap<Families, Joined>(),
  );
}

/**
 * Joins the fleet of a service: the metrics endpoint of any member then answers
 * with the sum over all isolates and processes of the service on this host, and
 * `?fleet=self` with its own numbers.
 *
 * ```ts ignore
 * import { defaultRegistry } from "@barograph/barograph";
 * import { joinFleet } from "@barograph/barograph/fleet";
 *
 * await joinFleet(defaultRegistry(), { service: "shop" });
 * ```
 *
 * Never rejects: a member that cannot join, for example because a permission is
 * missing or the disk is full, logs the reason once, answers with its own numbers,
 * and tries again every five seconds.
 *
 * A second call for a registry returns the same membership, as in a module that is
 * loaded again by `bun --hot`.
 *
 * @throws {TypeError | RangeError} If an option is wrong, or if the registry is a
 *   member already, with other options.
 */
export function joinFleet(
  registry: Registry,
  options: FleetOptions = {},
): Promise<Fleet> {
  return joinOn(fleetPlatform, registry, options);
}

/** Joins by the services of a runtime that `platformOf` returns, if it has them. */
export function joinOn(
  platformOf: (timers: Timers) => FleetPlatform | undefined,
  registry: Registry,
  options: FleetOptions,
): Promise<Fleet> {
  const settings = readOptions(ACTION, FLEET_OPTIONS, options);
  const families = scopeIn(registry)?.families;
  if (families === undefined) {
    throw new TypeError(
      `${ACTION}: the first argument is ${display(registry)}; ` +
        "give a registry, such as defaultRegistry()",
    );
  }
  const { clock: _clock, timers, ...rest } = settings;
  const terms = JSON.stringify(rest);
  let joined = joinedBy().get(families);
  if (families.fleet === undefined) {
    const platform = platformOf(timers);
    const membership = new Membership(registry, families, settings, platform);
    joined = { membership, terms, users: 0 };
    joinedBy().set(families, joined);
  } else if (joined?.terms !== terms) {
    throw new TypeError(
      `${ACTION}: the registry is a member already, with other options; ` +
        "leave its fleet first",
    );
  }
  return handleOf(joined);
}

/** Returns the membership for one more caller, after the first attempt to join. */
function handleOf(joined: Joined): Promise<Fleet> {
  const { membership } = joined;
  let hasLeft = false;
  const leave = (): void => {
    if (hasLeft) return;
    hasLeft = true;
    joined.users--;
    if (joined.users === 0) membership.leave();
  };
  joined.users++;
  return membership.ready().then(() => ({
    get member() {
      return membership.member?.slot;
    },
    flush: () => membership.member?.flush() ?? false,
    leave,
    [Symbol.dispose]: leave,
  }));
}
