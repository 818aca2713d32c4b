/** The only folder that knows which runtime it runs on. */
export {
  type ContextStore,
  contextStore,
  synchronousStore,
} from "./context.ts";
export { type Deflate, deflate } from "./deflate.ts";
export { readText } from "./files.ts";
export { type HostGlobal, hostOf, thisHost } from "./host.ts";
export { maxFilesIn, maxMemoryIn, virtualMemoryIn } from "./procfs.ts";
export { endAsked, endProgram, environment, programArgs } from "./program.ts";
export {
  listen,
  type Listener,
  type ListenOptions,
  type ServeHandler,
  type Tls,
} from "./serve.ts";
export { listenByNode, type NodeHttp } from "./serve_node.ts";
export { type Timer, unref } from "./timers.ts";
export {
  type Socket,
  type SocketListener,
  type Upgrade,
  upgradeWebSocket,
} from "./websocket.ts";
