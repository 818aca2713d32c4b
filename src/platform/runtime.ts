/**
 * The functions of the current runtime, chosen once.
 *
 * To add a runtime, write a file that exports every name of `Runtime`, and pass
 * its functions to `pick`.
 */
import type { Timers } from "../base/mod.ts";
import * as bun from "./bun.ts";
import type { ContextStore } from "./context.ts";
import type { Deflate, zlibCompress } from "./deflate.ts";
import * as deno from "./deno.ts";
import type { Listener, ListenOptions, ServeHandler } from "./listener.ts";
import * as node from "./node.ts";
import type { ProcessInfo } from "./process_info.ts";
import type { Program } from "./program.ts";
import type { FleetPlatform } from "./slot_files.ts";
import type { SocketListener, Upgrade } from "./websocket.ts";
import type { ClientTls, TlsFetch } from "./tls_fetch.ts";
import * as workerd from "./workerd.ts";

/** The functions that differ between runtimes. */
export interface Runtime {
  /**
   * Listens for requests. Resolves to undefined if the runtime has no server.
   * Rejects with the error of the runtime, before anything is bound, if it cannot
   * listen or does not support an option.
   */
  serve(
    handler: ServeHandler,
    options: ListenOptions,
  ): Promise<Listener | undefined>;
  /**
   * Upgrades `request` to a WebSocket; `server` is the second argument of the
   * handler.
   *
   * @throws {Error} The error of the runtime, if the request is malformed.
   */
  upgradeWebSocket(
    request: Request,
    server: unknown,
    listener: SocketListener,
    timers: Timers,
  ): Upgrade;
  /** Creates a store for a value that follows asynchronous work. */
  contextStore<T>(): ContextStore<T>;
  /** Returns compression of pages; undefined if the runtime has none. */
  deflate(): Deflate | undefined;
  /**
   * Compresses a whole body in one call; returns undefined if the runtime cannot
   * do that in this coding.
   */
  compress: typeof zlibCompress;
  /** Returns facts about this process. */
  processInfo(): ProcessInfo;
  /** Returns the running program. */
  program(): Program;
  /**
   * Returns an environment variable; undefined if it is unset, if the runtime has
   * none, or without the permission to read it. Never prompts the user.
   */
  variable(name: string): string | undefined;
  /**
   * Returns whether the runtime itself exports spans, metrics and logs by
   * OpenTelemetry, and has registered its providers with OpenTelemetry's API.
   */
  exportsTelemetry(): boolean;
  /**
   * Returns how `fetch` reads the header `location` of a response from a URL,
   * which returns undefined where no redirect is followed. Undefined if it is not
   * certain that `fetch` is the runtime's own.
   */
  nextUrlOf(
    fetch: unknown,
  ): ((location: string, from: URL) => URL | undefined) | undefined;
  /**
   * Returns a function that sends requests to `https:` with custom
   * certificates; undefined if the runtime cannot.
   */
  tlsFetch(tls: ClientTls): TlsFetch | undefined;
  /**
   * Returns the number of consecutive turns (see `Timers.turn`) in which the
   * event loop polls its sockets at least once; undefined if it is not known.
   */
  turnsPerPoll(): number | undefined;
  /**
   * Returns whether code may wait, start timers and draw random numbers only while
   * it handles a request, whose pending work may end with it and never settle.
   */
  isRequestBound(): boolean;
  /** Returns whether the runtime compresses the responses of handlers itself. */
  encodesResponses(): boolean;
  /**
   * Calls `work` when the program that runs this module as a server stops that
   * server, until the result is called. Never, if the module is the program.
   */
  onHostStop(work: () => void): () => void;
  /** Returns what the runtime offers for a fleet; undefined without files. */
  fleetPlatform(timers: Timers): FleetPlatform | undefined;
}

/** The user agent of workerd, which its documentation gives to identify it. */
const WORKERD = "Cloudflare-Workers";

/**
 * Chooses a function by the globals `Deno` and `Bun` and by the user agent.
 * `process` does not identify Node, because all of these runtimes have it.
 *
 * Each function is chosen separately: bundlers drop functions that a program does
 * not call, but would keep every member of an object.
 */
function pick<T>(onDeno: T, onBun: T, onWorkerd: T, elsewhere: T): T {
  const { Deno, Bun, navigator } = globalThis as {
    readonly Deno?: unknown;
    readonly Bun?: unknown;
    readonly navigator?: { readonly userAgent?: unknown };
  };
  if (Deno !== undefined) return onDeno;
  if (Bun !== undefined) return onBun;
  return navigator?.userAgent === WORKERD ? onWorkerd : elsewhere;
}

/** `Runtime.serve` of this runtime. */
export const serve: Runtime["serve"] = /* @__PURE__ */ pick(
  deno.serve,
  bun.serve,
  workerd.serve,
  node.serve,
);

/** `Runtime.upgradeWebSocket` of this runtime. */
export const upgradeWebSocket: Runtime["upgradeWebSocket"] =
  /* @__PURE__ */ pick(
    deno.upgradeWebSocket,
    bun.upgradeWebSocket,
    workerd.upgradeWebSocket,
    node.upgradeWebSocket,
  );

/** `Runtime.contextStore` of this runtime. */
export const contextStore: Runtime["contextStore"] = /* @__PURE__ */ pick(
  deno.contextStore,
  bun.contextStore,
  workerd.contextStore,
  node.contextStore,
);

/** `Runtime.deflate` of this runtime. */
export const deflate: Runtime["deflate"] = /* @__PURE__ */ pick(
  deno.deflate,
  bun.deflate,
  workerd.deflate,
  node.deflate,
);

/** `Runtime.compress` of this runtime. */
export const compress: Runtime["compress"] = /* @__PURE__ */ pick(
  deno.compress,
  bun.compress,
  workerd.compress,
  node.compress,
);

/** `Runtime.processInfo` of this runtime. */
export const processInfo: Runtime["processInfo"] = /* @__PURE__ */ pick(
  deno.processInfo,
  bun.processInfo,
  workerd.processInfo,
  node.processInfo,
);

/** `Runtime.program` of this runtime. */
export const program: Runtime["program"] = /* @__PURE__ */ pick(
  deno.program,
  bun.program,
  workerd.program,
  node.program,
);

/** `Runtime.variable` of this runtime. */
export const variable: Runtime["variable"] = /* @__PURE__ */ pick(
  deno.variable,
  bun.variable,
  workerd.variable,
  node.variable,
);

/** `Runtime.exportsTelemetry` of this runtime. */
export const exportsTelemetry: Runtime["exportsTelemetry"] =
  /* @__PURE__ */ pick(
    deno.exportsTelemetry,
    bun.exportsTelemetry,
    workerd.exportsTelemetry,
    node.exportsTelemetry,
  );

/** `Runtime.tlsFetch` of this runtime. */
export const tlsFetch: Runtime["tlsFetch"] = /* @__PURE__ */ pick(
  deno.tlsFetch,
  bun.tlsFetch,
  workerd.tlsFetch,
  node.tlsFetch,
);

/** `Runtime.turnsPerPoll` of this runtime. */
export const turnsPerPoll: Runtime["turnsPerPoll"] = /* @__PURE__ */ pick(
  deno.turnsPerPoll,
  bun.turnsPerPoll,
  workerd.turnsPerPoll,
  node.turnsPerPoll,
);

/** `Runtime.nextUrlOf` of this runtime. */
export const nextUrlOf: Runtime["nextUrlOf"] = /* @__PURE__ */ pick(
  deno.nextUrlOf,
  bun.nextUrlOf,
  workerd.nextUrlOf,
  node.nextUrlOf,
);

/** `Runtime.isRequestBound` of this runtime. */
export const isRequestBound: Runtime["isRequestBound"] = /* @__PURE__ */ pick(
  deno.isRequestBound,
  bun.isRequestBound,
  workerd.isRequestBound,
  node.isRequestBound,
);

/** `Runtime.encodesResponses` of this runtime. */
export const encodesResponses: Runtime["encodesResponses"] =
  /* @__PURE__ */ pick(
    deno.encodesResponses,
    bun.encodesResponses,
    workerd.encodesResponses,
    node.encodesResponses,
  );

/** `Runtime.fleetPlatform` of this runtime. */
export const fleetPlatform: Runtime["fleetPlatform"] = /* @__PURE__ */ pick(
  deno.fleetPlatform,
  bun.fleetPlatform,
  workerd.fleetPlatform,
  node.fleetPlatform,
);

/** `Runtime.onHostStop` of this runtime. */
export const onHostStop: Runtime["onHostStop"] = /* @__PURE__ */ pick(
  deno.onHostStop,
  bun.onHostStop,
  workerd.onHostStop,
  node.onHostStop,
);
