/** `joinFleet`: makes a registry a member of the fleet of its service. */
import type { Timers } from "../base/mod.ts";
import {
  display,
  errorMessage,
  processWide,
  readOptions,
  warn,
} from "../base/internal.ts";
import type { Source } from "../model/mod.ts";
import { addSource, type Families, scopeIn } from "../metrics/internal.ts";
import type { Registry } from "../metrics/mod.ts";
import { type FleetPlatform, fleetPlatform } from "../platform/internal.ts";
import type { Counted } from "./publisher/counted.ts";
import { enterSlot } from "./entry_slot.ts";
import { Member } from "./member.ts";
import {
  FLEET_OPTIONS,
  type FleetOptions,
  type FleetSettings,
} from "./options.ts";
import { pathName } from "./path_name.ts";

/** The membership of a registry. */
export interface Fleet extends Disposable {
  /** The number of this member; undefined if it could not join. */
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
 * Never rejects: a member that cannot join, for example because a permission or
 * a directory is missing, logs the reason once and goes on with its own numbers.
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
  const joining = join(registry, families, settings, platformOf)
    .catch((error: unknown) => {
      warn(
        `cannot join the fleet: ${errorMessage(error)}; ` +
          "this process answers with its own numbers only",
      );
      return undefined;
    });
  const known = joining.then((joined) => joined?.member);
  families.fleet = known;
  return joining.then((joined) => {
    const member = joined?.member;
    families.fleet = member;
    const leave = (): void => {
      joined?.leave();
      if (families.fleet === member) families.fleet = undefined;
    };
    return {
      member: member?.slot,
      flush: () => member?.flush() ?? false,
      leave,
      [Symbol.dispose]: leave,
    };
  });
}

interface Joined {
  readonly member: Member;
  leave(): void;
}

/** Returns, by directory, what a registry had counted when it left that fleet. */
function countedBefore(families: object): Map<string, Counted> {
  const all = processWide(
    Symbol.for("barograph.counted.1"),
    () => new WeakMap<object, Map<string, Counted>>(),
  );
  const known = all.get(families) ?? new Map<string, Counted>();
  all.set(families, known);
  return known;
}

/** Becomes a member. Leaves nothing behind if that fails. */
async function join(
  registry: Registry,
  families: Families,
  settings: FleetSettings,
  platformOf: (timers: Timers) => FleetPlatform | undefined,
): Promise<Joined> {
  const platform = platformOf(settings.timers);
  if (platform === undefined) {
    throw new Error("this runtime has no files that isolates can share");
  }
  const { service, dir, maxMembers } = settings;
  const name = pathName(service || platform.mainPath());
  const parts = ["barograph", platform.user(dir), name, `${platform.scheme}1`];
  const directory = `${dir}/${parts.filter((part) => part !== "").join("-")}`;
  platform.prepare(directory);
  const entry = await enterSlot(platform, directory, settings);
  if (entry === undefined) {
    throw new Error(
      `it has ${maxMembers} members already; give a larger ` +
        "maxMembers to all of them",
    );
  }
  const before = countedBefore(families);
  let leave = (): void => entry.claim.release();
  try {
    const member = new Member(
      registry as Source,
      platform,
      directory,
      entry,
      settings,
      before.get(directory),
    );
    const own = addSource(families, member.metrics);
    leave = () => {
      const counted = member.end();
      if (counted !== undefined) before.set(directory, counted);
      own[Symbol.dispose]();
    };
    await member.start();
    return { member, leave };
  } catch (error) {
    leave();
    throw error;
  }
}
