/** Floor 0: the only place that knows which runtime it is on. */
export {
  type ContextStore,
  contextStore,
  synchronousStore,
} from "./context.ts";
export { type Deflate, deflate } from "./deflate.ts";
export { readText } from "./files.ts";
export {
  type Host,
  type HostGlobal,
  type HostMemory,
  hostOf,
  thisHost,
} from "./host.ts";
export { maxFilesIn, maxMemoryIn, virtualMemoryIn } from "./procfs.ts";
export { endAsked, endProgram, environment, programArgs } from "./program.ts";
export {
  listen,
  type Listener,
  type ListenOptions,
  ServeError,
  type ServeFault,
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
  type WebSocketHandlers,
  webSocketHandlers,
} from "./websocket.ts";
