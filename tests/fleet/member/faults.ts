/** Isolates with faults, and the metrics that tell of them. */
import type { Call, OnCall } from "../slot/memory_files.ts";
import type { Host, Isolate } from "./host.ts";

const help = "Orders.";
export const TOTAL = "shop_orders_total";
export const FAILURES = "barograph_fleet_publish_failures_total";
export const UNREAD = "barograph_fleet_read_failures_total";
export const MEMBERS = "barograph_fleet_members";

export function ordersOf({ registry }: Isolate) {
  return registry.counter({ name: TOTAL, help });
}

/** Calls that fail while `isBroken`. */
export function fault(code: string, fails: (call: Call) => boolean) {
  const state = { isBroken: true };
  const onCall: OnCall = (call) => {
    if (!state.isBroken || !fails(call)) return undefined;
    const run = (): never => {
      throw Object.assign(new Error(`failed with ${code}`), { code });
    };
    return { after: 0, run };
  };
  return { state, onCall };
}

/** An isolate that knows the directory of its fleet. */
export function withDirectory(
  host: Host,
): { one: Isolate; directory(): string } {
  let directory = "";
  const one = host.isolate({ prepare: (path) => void (directory = path) });
  return { one, directory: () => directory };
}

/** The lines about the fleet in the own numbers of an isolate. */
export async function ownLines(isolate: Isolate): Promise<readonly string[]> {
  return (await isolate.scrape()).match(/^barograph_fleet.*$/gm) ?? [];
}
