/**
 * One total out of many isolates and processes: all members of a fleet publish
 * their numbers in files, and any of them answers with the sum.
 *
 * ```ts ignore
 * import { defaultRegistry } from "@barograph/barograph";
 * import { joinFleet } from "@barograph/barograph/fleet";
 *
 * await joinFleet(defaultRegistry(), { service: "shop" });
 * ```
 *
 * @module
 */
export { type Fleet, joinFleet } from "./join.ts";
export type { FleetOptions } from "./options.ts";
