/** Access to the runtime. No other folder knows which runtime it runs on. */
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
  fleetPlatform,
  isRequestBound,
  nextUrlOf,
  onHostStop,
  processInfo,
  program,
  turnsPerPoll,
  upgradeWebSocket,
} from "./runtime.ts";
export {
  answerByNode,
  isEncrypted,
  NODE_REQUEST,
  onClosed,
  targetOf,
} from "./node_http.ts";
export { asOwnWork, isOwnWork } from "./own_work.ts";
export { listen } from "./serve.ts";
export { beforeSignal } from "./signals.ts";
export type {
  FleetPlatform,
  SlotClaim,
  SlotClaims,
  SlotFile,
  SlotFiles,
} from "./slot_files.ts";
export {
  MAX_MESSAGE_BYTES,
  type Socket,
  type SocketListener,
} from "./websocket.ts";
