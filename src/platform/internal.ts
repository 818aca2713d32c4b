/** Access to the runtime: the only folder that knows which one it runs on. */
export { type ContextStore, synchronousStore } from "./context.ts";
export type { Deflate } from "./deflate.ts";
export type { Listener, ListenOptions, ServeHandler, Tls } from "./listener.ts";
export { maxFilesIn, maxMemoryIn, virtualMemoryIn } from "./procfs.ts";
export type { Program } from "./program.ts";
export {
  contextStore,
  deflate,
  processInfo,
  program,
  type Runtime,
  upgradeWebSocket,
} from "./runtime.ts";
export { listen } from "./serve.ts";
export type { Socket, SocketListener, Upgrade } from "./websocket.ts";
