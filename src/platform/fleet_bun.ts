/** The files and sockets of Bun, for a fleet. */
import type { Timers } from "../base/mod.ts";
import { nodeFleet } from "./fleet_node.ts";
import type { FleetPlatform } from "./slot_files.ts";

interface BunNamespace {
  fetch(
    url: string,
    options: { readonly unix: string; readonly signal: AbortSignal },
  ): Promise<Response>;
}

/** Seconds that an owner has to answer; if late, it is alive. */
const ANSWER_SECONDS = 0.2;

/** Returns the services of Bun for a fleet; undefined without files. */
export function bunFleet(timers: Timers): FleetPlatform | undefined {
  return nodeFleet(timers, (path) => isRefused(path, timers));
}

/**
 * Returns whether nobody listens on a socket. The `node:net` of Bun reports
 * ECONNREFUSED also if too many connections wait for a process that is frozen or
 * busy; `fetch` reports EAGAIN then.
 */
async function isRefused(path: string, timers: Timers): Promise<boolean> {
  const { Bun } = globalThis as unknown as { readonly Bun: BunNamespace };
  const abort = new AbortController();
  const cancel = timers.after(ANSWER_SECONDS, () => abort.abort(), {
    holds: true,
  });
  try {
    await Bun.fetch("http://fleet/", { unix: path, signal: abort.signal });
    return false;
  } catch (error) {
    return (error as { readonly code?: unknown }).code === "ECONNREFUSED";
  } finally {
    cancel();
  }
}
