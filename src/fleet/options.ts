/** The options of a fleet. They are apart, so that others can check them. */
import type { Clock, Timers } from "../base/mod.ts";
import {
  CLOCK,
  type ReadOptions,
  rule,
  type SchemaOf,
  seconds,
  text,
  TIMERS,
} from "../base/internal.ts";

/** Options of `joinFleet`, and of the option `fleet` of a telemetry. */
export interface FleetOptions {
  /**
   * The name of the service. Members with the same name and user share their
   * totals, so two services on one host need different names. Default: the path
   * of the program, which a Worker cannot always determine.
   */
  readonly service?: string | undefined;
  /**
   * The directory for the files of all fleets, which is made if it is missing. It
   * must be on a local disk, or in memory, and all members must reach it by the
   * same path. Default: `/tmp`.
   */
  readonly dir?: string | undefined;
  /**
   * The maximum number of members at one time, up to 1000. Default: 256.
   */
  readonly maxMembers?: number | undefined;
  /**
   * Seconds between two publishes: a member that is killed loses what it has
   * counted since the last one. Default: 0.25.
   */
  readonly interval?: number | undefined;
  /**
   * Seconds for which the totals of a fleet outlive its last member: a member
   * that joins later, and is alone, starts from zero. Default: 300.
   */
  readonly keep?: number | undefined;
  /**
   * The name of this run of the service, such as the id of a deployment. A
   * member that joins alone, in another run than the last one, starts from
   * zero. Default: none.
   */
  readonly run?: string | undefined;
  /** The clock. Default: the system clock. */
  readonly clock?: Clock | undefined;
  /** The timers. Default: the timers of the runtime. */
  readonly timers?: Timers | undefined;
}

/** The rules of `FleetOptions`. */
export const FLEET_OPTIONS = {
  service: text("shop", ""),
  dir: rule<string>(
    (value) => typeof value === "string" && value.startsWith("/"),
    'an absolute path, such as "/run/shop"',
    "/tmp",
  ),
  maxMembers: rule<number>(
    (value) =>
      Number.isSafeInteger(value) && value as number >= 1 &&
      value as number <= MAX_MEMBERS,
    "a whole number from 1 to 1000, such as 256",
    256,
  ),
  interval: seconds(0.25),
  keep: seconds(300),
  run: text("4bf92f3", ""),
  clock: CLOCK,
  timers: TIMERS,
} satisfies SchemaOf<FleetOptions>;

/** The number of slots that a fleet can have, whatever its members allow. */
export const MAX_MEMBERS = 1000;

/** Options with their defaults. */
export type FleetSettings = ReadOptions<typeof FLEET_OPTIONS>;
