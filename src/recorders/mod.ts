/**
 * Vocabularies: what a kind of program tells of itself, over any backend.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { channels } from "@barograph/barograph/recorders";
 *
 * const registry = createRegistry();
 * const gateway = channels.on(registry, { namespace: "gate" });
 * gateway.messageReceived("wechat", "inbound", "text");
 * ```
 *
 * @module
 */
export {
  CHANNEL_INSTRUMENTS,
  type ChannelRecords,
  channels,
  type Direction,
} from "./channels.ts";
export { defineRecorder, type FamilyFacts, type Recorder } from "./declare.ts";
export type { Emitter, FanOut, Slot } from "./fan_out.ts";
export {
  attachSessions,
  type LiveSessions,
  liveSessions,
} from "./live_sessions.ts";
export {
  LIVE_VIEW_INSTRUMENTS,
  liveView,
  type LiveViewRecords,
  type SessionState,
} from "./live_view.ts";
export {
  createRegistrar,
  type MetricsRegistrar,
  OwnerConflictError,
} from "./registrar.ts";
export {
  BREAKER_STATE,
  type BreakerState,
  PLATFORM_INSTRUMENTS,
  type PlatformRecords,
  SERVICE_STATUS,
  servicePlatform,
  type ServiceStatus,
} from "./service_platform.ts";
export type {
  InstrumentsOf,
  InstrumentSpec,
  InstrumentSpecs,
  KeysOf,
  LabelsIn,
  RecorderOptions,
  RecorderSpec,
  Records,
  SeriesOf,
  SetsIn,
  StatsOf,
} from "./spec.ts";
export {
  FLEET_INSTRUMENTS,
  type FleetRecords,
  type StatusClass,
  statusClass,
  type StopReason,
  UNKNOWN_APP,
  workerFleet,
  type WorkerState,
} from "./worker_fleet.ts";
