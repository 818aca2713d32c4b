/** `joinFleet`: makes a registry a member of the fleet of its service. */
import {
  display,
  errorMessage,
  isThenable,
  readOptions,
  warn,
} from "../base/internal.ts";
import type { Source } from "../model/mod.ts";
import type { FleetSource } from "../model/internal.ts";
import { addSource, scopeIn } from "../metrics/internal.ts";
import type { Registry } from "../metrics/mod.ts";
import { fleetPlatform } from "../platform/internal.ts";
import { enterSlot } from "./entry_slot.ts";
import { Member } from "./member.ts";
import { FLEET_OPTIONS, type FleetOptions } from "./options.ts";
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
  const settings = readOptions(ACTION, FLEET_OPTIONS, options);
  const families = scopeIn(registry)?.families;
  if (families === undefined) {
    throw new TypeError(
      `${ACTION}: the first argument is ${display(registry)}; ` +
        "give a registry, such as defaultRegistry()",
    );
  }
  if (families.fleet !== undefined && !isThenable(families.fleet)) {
    throw new TypeError(
      `${ACTION}: the registry is a member already; leave its fleet first`,
    );
  }
  const joining = (async (): Promise<Member | undefined> => {
    try {
      const platform = fleetPlatform(settings.timers);
      if (platform === undefined) {
        throw new Error("this runtime has no files that isolates can share");
      }
      const name = settings.service || platform.mainPath();
      const directory = `${settings.dir}/barograph-${
        pathName(name)
      }-${platform.scheme}1`;
      platform.prepare(directory);
      const entry = await enterSlot(platform, directory, settings);
      if (entry === undefined) {
        throw new Error(
          `it has ${settings.maxMembers} members already; give a larger ` +
            "maxMembers to all of them",
        );
      }
      const member = new Member(
        registry as Source,
        platform,
        directory,
        entry,
        settings,
      );
      const own = addSource(families, member.metrics);
      await member.start();
      removals.set(member, own);
      return member;
    } catch (error) {
      warn(
        `cannot join the fleet: ${errorMessage(error)}; ` +
          "this process answers with its own numbers only",
      );
      return undefined;
    }
  })();
  families.fleet = joining as Promise<FleetSource | undefined>;
  return joining.then((member) => {
    if (families.fleet === joining) families.fleet = member;
    const leave = (): void => {
      if (member === undefined) return;
      member.end();
      removals.get(member)?.[Symbol.dispose]();
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

/** By member: what removes its own metrics from its registry. */
const removals = new WeakMap<Member, Disposable>();
