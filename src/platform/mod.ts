/** The types of a runtime that other folders pass on to users. */
export { type WebSocketHandlers, webSocketHandlers } from "./bun.ts";
export type { CommandLine, TerminalSize } from "./command_line.ts";
export type { AsyncStorageClass } from "./context.ts";
export type { FetchHandler, NodeRequest, NodeResponse } from "./node_http.ts";
export type {
  ActiveKind,
  DelayMonitor,
  DelayStats,
  HeapSpace,
  LoopTime,
  MappedMemory,
  ProcessCpu,
  ProcessInfo,
  ProcessMemory,
} from "./process_info.ts";
export { ServeError, type ServeFault } from "./serve.ts";
