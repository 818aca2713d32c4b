/**
 * The runtime workerd, of Cloudflare Workers: see `Runtime`.
 *
 * With `nodejs_compat` it has a `process`, most of whose facts are made up: none
 * of them is used. Its `env` has the bindings of the Worker.
 */
import { isFetch, standardUrl } from "./fetch_text.ts";
import type { Listener } from "./listener.ts";
import { type ProcessInfo, processInfoOf } from "./process_info.ts";
import type { Upgrade } from "./websocket.ts";

export {
  never as onHostStop,
  no as exportsTelemetry,
  yes as encodesResponses,
  yes as isRequestBound,
} from "./answers.ts";
export { asyncStore as contextStore } from "./context.ts";
export { processProgram as program } from "./program.ts";
export { processVariable as variable } from "./variable.ts";

/** Always undefined: the runtime calls the handlers that a module exports. */
export function serve(): Promise<Listener | undefined> {
  return Promise.resolve(undefined);
}

export function upgradeWebSocket(): Upgrade {
  return { state: "unavailable" };
}

export function deflate(): undefined {}

export function compress(): undefined {}

export function tlsFetch(): undefined {}

export function fleetPlatform(): undefined {}

export function processInfo(): ProcessInfo {
  return processInfoOf(undefined, {
    runtime: "workerd",
    version: () => undefined,
    mayRead: () => false,
    onGc: () => undefined,
  });
}

export function turnsPerPoll(): undefined {}

export function nextUrlOf(fetch: unknown): typeof standardUrl | undefined {
  const own = /^function fetch\(\) \{ \[native code\] \}$/;
  return isFetch(fetch, own) ? standardUrl : undefined;
}
