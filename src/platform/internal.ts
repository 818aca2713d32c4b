/** Access to the runtime. No other folder knows which runtime it runs on. */
export { commandLine } from "./command_line.ts";
export {
  type Connection,
  connectionOf,
  protocolVersionOf,
} from "./connection.ts";
export {
  type ContextStore,
  followAsyncWork,
  synchronousStore,
} from "./context.ts";
export { signalOf } from "./deno_internals.ts";
export type { Deflate } from "./deflate.ts";
export type { Listener, ListenOptions, ServeHandler, Tls } from "./listener.ts";
export {
  compress,
  contextStore,
  deflate,
  encodesResponses,
  exportsTelemetry,
  fleetPlatform,
  isRequestBound,
  nextUrlOf,
  onHostStop,
  processInfo,
  program,
  tlsFetch,
  turnsPerPoll,
  upgradeWebSocket,
  variable,
} from "./runtime.ts";
export {
  answerByNode,
  isEncrypted,
  NODE_REQUEST,
  onClosed,
  targetOf,
} from "./node_http.ts";
export { asOwnWork, isOwnWork } from "./own_work.ts";
export { runtimeText } from "./runtime_text.ts";
export { listen } from "./serve.ts";
export { beforeSignal } from "./signals.ts";
export type {
  FleetPlatform,
  SlotClaim,
  SlotClaims,
  SlotFile,
  SlotFiles,
} from "./slot_files.ts";
export type { ClientTls, TlsFetch } from "./tls_fetch.ts";
export {
  MAX_MESSAGE_BYTES,
  type Socket,
  type SocketListener,
} from "./websocket.ts";
