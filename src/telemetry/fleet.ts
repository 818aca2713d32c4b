/** The option `fleet`: a telemetry as a member of the fleet of its service. */
import type { Clock, Timers } from "../base/mod.ts";
import {
  ofType,
  type OptionRule,
  readOptions,
  type SchemaOf,
} from "../base/internal.ts";
import type { FleetOptions } from "../fleet/mod.ts";
import { FLEET_OPTIONS } from "../fleet/internal.ts";
import { scopeIn } from "../metrics/internal.ts";
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

/** What a fleet takes from its telemetry. */
export interface FleetDefaults {
  readonly service: string;
  readonly clock: Clock;
  readonly timers: Timers;
}

/**
 * Joins a fleet unless the registry is a member already; scrapes wait until it
 * has. The module of fleets is loaded only now. Disposing the result leaves.
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
  if (families === undefined || families.fleet !== undefined) {
    return { [Symbol.dispose]: () => {} };
  }
  let hasLeft = false;
  const joining = import("../fleet/mod.ts").then(({ joinFleet }) => {
    if (hasLeft) return undefined;
    families.fleet = undefined;
    return joinFleet(registry as Registry, {
      ...read,
      service: read.service || service,
      clock,
      timers,
    });
  });
  const joined = joining.then(() => families.fleet);
  // A bundle may lack the module.
  const ready = joined.catch(() => undefined);
  families.fleet = ready;
  return {
    [Symbol.dispose](): void {
      hasLeft = true;
      joining.then((fleet) => fleet?.leave(), () => {});
    },
  };
}
