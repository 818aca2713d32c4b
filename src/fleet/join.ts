/** `joinFleet`: makes a registry a member of the fleet of its service. */
import type { Timers } from "../base/mod.ts";
import { display, readOptions } from "../base/internal.ts";
import { scopeIn } from "../metrics/internal.ts";
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
   */
  leave(): void;
}

const ACTION = "Cannot join a fleet";

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
 * @throws {TypeError | RangeError} If an option is wrong, or if the registry is a
 *   member already.
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
  if (families.fleet !== undefined) {
    throw new TypeError(
      `${ACTION}: the registry is a member already; leave its fleet first`,
    );
  }
  const platform = platformOf(settings.timers);
  const membership = new Membership(registry, families, settings, platform);
  const leave = (): void => membership.leave();
  return membership.ready().then(() => ({
    get member() {
      return membership.member?.slot;
    },
    flush: () => membership.member?.flush() ?? false,
    leave,
    [Symbol.dispose]: leave,
  }));
}
