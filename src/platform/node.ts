/**
 * The runtime Node: see `Runtime`. Unknown runtimes use it too, because it looks
 * up everything that they may lack before it uses it.
 */
import { builtin } from "./builtin.ts";
import { isFetch, standardUrl } from "./fetch_text.ts";
import type { Listener, ListenOptions, ServeHandler } from "./listener.ts";
import {
  type ProcessInfo,
  processInfoOf,
  type ProcessLike,
} from "./process_info.ts";
import { listenByNode, type NodeHttp } from "./serve_node.ts";
import type { Upgrade } from "./websocket.ts";

export { no as encodesResponses, no as isRequestBound } from "./answers.ts";
export { asyncStore as contextStore } from "./context.ts";
export { zlibCompress as compress, zlibDeflate as deflate } from "./deflate.ts";
export { processProgram as program } from "./program.ts";

export async function serve(
  handler: ServeHandler,
  options: ListenOptions,
): Promise<Listener | undefined> {
  const module = builtin<NodeHttp>(
    options.tls === undefined ? "node:http" : "node:https",
  );
  return module && await listenByNode(module, handler, options);
}

/** Always unavailable: Node has no API for the server side of a WebSocket. */
export function upgradeWebSocket(): Upgrade {
  return { state: "unavailable" };
}

interface GcEntry {
  readonly duration: number;
  readonly detail?: { readonly kind?: number };
}

interface Global {
  readonly process?: ProcessLike;
  readonly PerformanceObserver?: new (
    listener: (list: { getEntries(): readonly GcEntry[] }) => void,
  ) => { observe(options: object): void; disconnect(): void };
}

/** The kinds of garbage collection, by their constant in `node:perf_hooks`. */
const GC_KINDS: Readonly<Record<number, string>> = {
  1: "minor",
  4: "major",
  8: "incremental",
  16: "weak_callbacks",
};

export function processInfo(): ProcessInfo {
  const { process, PerformanceObserver } = globalThis as Global;
  const version = process?.versions?.["node"];
  return processInfoOf(process, {
    runtime: version === undefined ? "js" : "nodejs",
    version: () => version,
    mayRead: () => true,
    onGc(listener) {
      // Other runtimes accept this entry type but never report it.
      if (version === undefined || PerformanceObserver === undefined) {
        return undefined;
      }
      const observer = new PerformanceObserver((list) => {
        for (const { duration, detail } of list.getEntries()) {
          listener(GC_KINDS[detail?.kind ?? 0] ?? "other", duration / 1000);
        }
      });
      observer.observe({ entryTypes: ["gc"] });
      return { [Symbol.dispose]: () => observer.disconnect() };
    },
  });
}

/** Known of Node only: unknown runtimes use this file, too. */
export function turnsPerPoll(): number | undefined {
  const { process } = globalThis as Global;
  return process?.versions?.["node"] === undefined ? undefined : 1;
}

export function nextUrlOf(fetch: unknown): typeof standardUrl | undefined {
  const own =
    /^(async )?function fetch\(input, init = undefined\) \{[^]*undici/i;
  return isFetch(fetch, own) ? standardUrl : undefined;
}
