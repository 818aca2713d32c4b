/** The option `fleet`: a telemetry as a member of the fleet of its service. */
import type { Clock, Timers } from "../base/mod.ts";
import {
  errorMessage,
  ofType,
  type OptionRule,
  processWide,
  readOptions,
  type SchemaOf,
  warn,
} from "../base/internal.ts";
import type { Fleet, FleetOptions } from "../fleet/mod.ts";
import { FLEET_OPTIONS } from "../fleet/internal.ts";
import { type Families, scopeIn } from "../metrics/internal.ts";
import type { Registry } from "../metrics/mod.ts";

/** Options of the option `fleet`: the telemetry sets clock and timers. */
export type FleetMemberOptions = Omit<FleetOptions, "clock" | "timers">;

const { clock: _clock, timers: _timers, ...MEMBER_OPTIONS } = FLEET_OPTIONS;

/** The rule of the option `fleet`. */
export const FLEET: OptionRule<boolean | FleetMemberOptions> =
  /* @__PURE__ */ ofType<boolean | FleetMemberOptions>(
    ["boolean", "object"],
    'true, or options, such as { service: "shop" }',
    false,
  );

/** Settings that a fleet takes from its telemetry. */
export interface FleetDefaults {
  readonly service: string;
  readonly clock: Clock;
  readonly timers: Timers;
}

const KEY = Symbol.for("barograph.memberships.1");

/** A membership that telemetries of one registry share. */
interface Membership {
  /** The number of telemetries that are open. */
  users: number;
  /** Undefined while it is being joined. */
  fleet: Fleet | undefined;
}

/** Returns the memberships by registry; all copies of this module share them. */
function membershipsOf(): WeakMap<object, Membership> {
  return processWide(KEY, () => new WeakMap<object, Membership>());
}

/**
 * Joins a fleet unless the registry is a member already; scrapes wait until it
 * has. The module of fleets is loaded only now. The registry leaves when all
 * results for it are disposed.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function enterFleet(
  registry: object,
  option: true | FleetMemberOptions,
  { service, clock, timers }: FleetDefaults,
): Disposable {
  const action = "Cannot join a fleet";
  const given = option === true ? {} : option;
  const read = readOptions(
    action,
    MEMBER_OPTIONS satisfies SchemaOf<FleetMemberOptions>,
    given,
  );
  const families = scopeIn(registry)?.families;
  const memberships = membershipsOf();
  let membership = families && memberships.get(families);
  if (families !== undefined && families.fleet === undefined) {
    membership = { users: 0, fleet: undefined };
    memberships.set(families, membership);
    join(registry as Registry, families, membership, {
      ...read,
      service: read.service || service,
      clock,
      timers,
    });
  }
  if (membership === undefined) return { [Symbol.dispose]: () => {} };
  const shared = membership;
  shared.users++;
  let isDisposed = false;
  return {
    [Symbol.dispose](): void {
      if (isDisposed) return;
      isDisposed = true;
      shared.users--;
      if (shared.users === 0) shared.fleet?.leave();
    },
  };
}

/** Joins, and leaves at once if nobody uses the membership by then. */
function join(
  registry: Registry,
  families: Families,
  membership: Membership,
  options: FleetOptions,
): void {
  const joining = (async () => {
    const { joinFleet } = await import("../fleet/mod.ts");
    families.fleet = undefined;
    if (membership.users === 0) return;
    membership.fleet = await joinFleet(registry, options);
    if (membership.users === 0) membership.fleet.leave();
  })();
  const ready: Promise<Awaited<Families["fleet"]>> = joining
    .catch((error: unknown) => {
      // A bundle may lack the module.
      warn(
        `cannot load the module of fleets: ${errorMessage(error)}; ` +
          "this process answers with its own numbers only",
      );
    })
    .then(() => {
      if (families.fleet === ready) families.fleet = undefined;
      return families.fleet;
    });
  families.fleet = ready;
}
