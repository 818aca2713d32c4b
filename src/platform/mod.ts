/** Runtime facts that other folders hand on to users. */
export type { Host, HostMemory } from "./host.ts";
export { ServeError, type ServeFault } from "./serve.ts";
export { type WebSocketHandlers, webSocketHandlers } from "./websocket.ts";
