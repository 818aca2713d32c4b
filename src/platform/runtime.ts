/**
 * The runtime that this code runs on, chosen once by what it has.
 *
 * A new runtime is a file that exports every name of `Runtime`, and one more
 * argument of `pick`.
 */
import type { Timers } from "../base/mod.ts";
import * as bun from "./bun.ts";
import type { ContextStore } from "./context.ts";
import type { Deflate } from "./deflate.ts";
import * as deno from "./deno.ts";
import type { Listener, ListenOptions, ServeHandler } from "./listener.ts";
import * as node from "./node.ts";
import type { ProcessInfo } from "./process_info.ts";
import type { Program } from "./program.ts";
import type { SocketListener, Upgrade } from "./websocket.ts";

/** Everything in which runtimes differ. */
export interface Runtime {
  /**
   * Listens. Resolves to undefined if the runtime has no server; rejects with
   * the error of the runtime, before anything is bound, if it cannot listen or
   * does not support an option.
   */
  serve(
    handler: ServeHandler,
    options: ListenOptions,
  ): Promise<Listener | undefined>;
  /**
   * Upgrades `request`; `server` is the second argument of the handler.
   *
   * @throws {Error} The error of the runtime, if the request is malformed.
   */
  upgradeWebSocket(
    request: Request,
    server: unknown,
    listener: SocketListener,
    timers: Timers,
  ): Upgrade;
  /** Creates a store for values that follow the flow of a program. */
  contextStore<T>(): ContextStore<T>;
  /** Returns synchronous compression; undefined if the runtime has none. */
  deflate(): Deflate | undefined;
  /** Returns facts about this process. */
  processInfo(): ProcessInfo;
  /** Returns the running program. */
  program(): Program;
}

/**
 * Chooses by global: Deno and Bun have a `process` of Node too. Each function
 * is chosen by itself, so that bundles leave out those that a program never
 * calls, which one object of all of them would keep.
 */
function pick<K extends keyof Runtime>(
  onDeno: Runtime[K],
  onBun: Runtime[K],
  elsewhere: Runtime[K],
): Runtime[K] {
  const { Deno, Bun } = globalThis as { Deno?: unknown; Bun?: unknown };
  if (Deno !== undefined) return onDeno;
  return Bun !== undefined ? onBun : elsewhere;
}

/** `Runtime.serve` of this runtime. */
export const serve: Runtime["serve"] = /* @__PURE__ */ pick<"serve">(
  deno.serve,
  bun.serve,
  node.serve,
);

/** `Runtime.upgradeWebSocket` of this runtime. */
export const upgradeWebSocket: Runtime["upgradeWebSocket"] =
  /* @__PURE__ */ pick<"upgradeWebSocket">(
    deno.upgradeWebSocket,
    bun.upgradeWebSocket,
    node.upgradeWebSocket,
  );

/** `Runtime.contextStore` of this runtime. */
export const contextStore: Runtime["contextStore"] = /* @__PURE__ */ pick<
  "contextStore"
>(
  deno.contextStore,
  bun.contextStore,
  node.contextStore,
);

/** `Runtime.deflate` of this runtime. */
export const deflate: Runtime["deflate"] = /* @__PURE__ */ pick<"deflate">(
  deno.deflate,
  bun.deflate,
  node.deflate,
);

/** `Runtime.processInfo` of this runtime. */
export const processInfo: Runtime["processInfo"] = /* @__PURE__ */ pick<
  "processInfo"
>(
  deno.processInfo,
  bun.processInfo,
  node.processInfo,
);

/** `Runtime.program` of this runtime. */
export const program: Runtime["program"] = /* @__PURE__ */ pick<"program">(
  deno.program,
  bun.program,
  node.program,
);
