/**
 * Recorder for a server-driven user interface: sessions that can be detached and
 * resumed, user events, and patches of the page.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { liveSessions, liveView } from "@barograph/barograph/recorders/live-view";
 *
 * const view = liveView.on(createRegistry());
 * view.event("/cart", 0.02);
 * liveSessions(view).create("session-1");
 * ```
 *
 * Some metrics are in milliseconds, as existing dashboards expect. The option
 * `seconds` declares each of them in seconds too.
 *
 * @module
 */
import { ERROR_CATEGORIES, errorCategory } from "../../instrument/mod.ts";
import { defineRecorder, type Recorder } from "../define.ts";
import type { SessionState } from "./live_sessions.ts";

export {
  attachSessions,
  type LiveSessions,
  liveSessions,
  type SessionRecords,
  type SessionState,
} from "./live_sessions.ts";

/** The instruments of a live view. */
export const LIVE_VIEW_INSTRUMENTS = {
  events: {
    type: "counter",
    name: "events_total",
    help: "Events handled, by how they ended.",
    labels: ["path", "status"],
    values: { status: ["success", "error"] },
  },
  eventDuration: {
    type: "histogram",
    name: "event_duration_seconds",
    help: "Time that events took, failed ones among them.",
    unit: "seconds",
    labels: ["path"],
  },
  eventErrors: {
    type: "counter",
    name: "event_errors_total",
    help: "Events that failed, by kind of error.",
    labels: ["path", "error_type"],
    values: { error_type: ERROR_CATEGORIES },
  },
  patchesSent: {
    type: "counter",
    name: "patches_sent_total",
    help: "Patches sent to pages.",
  },
  patchBytes: {
    type: "histogram",
    name: "patch_bytes",
    help: "Size of patch frames, by route.",
    unit: "bytes",
    labels: ["route"],
    buckets: [64, 256, 1024, 4096, 16384, 65536, 262144, 1048576],
  },
  patchMismatches: {
    type: "counter",
    name: "patch_mismatch_total",
    help: "Patches that did not fit their page, by reason.",
    labels: ["reason"],
  },
  resourceDurationMs: {
    type: "histogram",
    name: "resource_duration_ms",
    help: "Milliseconds that loading a resource took.",
    labels: ["resource"],
    buckets: [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000],
  },
  resourceDuration: {
    type: "histogram",
    name: "resource_duration_seconds",
    help: "Time that loading a resource took.",
    unit: "seconds",
    labels: ["resource"],
    twin: true,
  },
  resourceErrors: {
    type: "counter",
    name: "resource_error_total",
    help: "Resources that could not be loaded.",
    labels: ["resource"],
  },
  actionDurationMs: {
    type: "histogram",
    name: "action_duration_ms",
    help: "Milliseconds that an action took.",
    labels: ["action"],
    buckets: [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000],
  },
  actionDuration: {
    type: "histogram",
    name: "action_duration_seconds",
    help: "Time that an action took.",
    unit: "seconds",
    labels: ["action"],
    twin: true,
  },
  actionErrors: {
    type: "counter",
    name: "action_error_total",
    help: "Actions that failed.",
    labels: ["action"],
  },
  schemaMismatches: {
    type: "counter",
    name: "schema_mismatch_total",
    help: "Persisted state that did not fit its schema, by reason.",
    labels: ["reason"],
  },
  persistWritesRejected: {
    type: "counter",
    name: "persist_write_rejected_total",
    help: "Writes of persisted state that were rejected.",
    labels: ["reason", "stable_id"],
  },
  persistBytes: {
    type: "counter",
    name: "persist_bytes_total",
    help: "Bytes of persisted state that were written.",
    unit: "bytes",
    labels: ["stable_id"],
  },
  sessionPersistBytes: {
    type: "histogram",
    name: "session_persist_bytes",
    help: "Size of the persisted state of a session.",
    unit: "bytes",
    buckets: [1024, 10240, 102400, 1048576, 10485760],
  },
  coldDeployAcks: {
    type: "counter",
    name: "cold_deploy_ack_total",
    help: "Cold deployments that were acknowledged, by source.",
    labels: ["source"],
  },
  signalWriteViolations: {
    type: "counter",
    name: "signal_write_violation_total",
    help: "Writes of signals where none are allowed.",
    labels: ["operation", "reason"],
  },
  sessionsActive: {
    type: "gauge",
    name: "sessions_active",
    help: "Sessions whose page is connected.",
  },
  sessionsDetached: {
    type: "gauge",
    name: "sessions_detached",
    help: "Sessions whose page is gone, and can still come back.",
  },
  sessionMemory: {
    type: "histogram",
    name: "session_memory_bytes",
    help: "Memory of a session when it was destroyed.",
    unit: "bytes",
    buckets: [1024, 10240, 102400, 1048576, 10485760],
  },
  webSocketErrors: {
    type: "counter",
    name: "websocket_errors_total",
    help: "Errors of WebSockets, by kind.",
    labels: ["type"],
  },
  reconnects: {
    type: "counter",
    name: "reconnects_total",
    help: "Sockets that came back, whether or not state could be restored.",
  },
  resumes: {
    type: "counter",
    name: "session_resume_success_total",
    help: "Sessions whose state was restored.",
  },
  resumesFailed: {
    type: "counter",
    name: "session_resume_failed_total",
    help: "Sessions whose state could not be restored, by reason.",
    labels: ["reason"],
  },
  evictions: {
    type: "counter",
    name: "session_evictions_total",
    help: "Sessions that made room for others.",
  },
} as const;

/** The functions that record the work of a live view. */
export interface LiveViewRecords {
  /**
   * Counts an event and observes its seconds; `failure` holds the error of a
   * failed event. `path` must be a route template; an empty one becomes `/`.
   */
  event(path: string, seconds: number, failure?: readonly [unknown]): void;
  /** Counts `count` sent patches. */
  patches(count: number): void;
  /** Observes the size of a sent patch frame in bytes. */
  patchBytes(route: string, bytes: number): void;
  /** Counts a patch that did not fit its page. */
  patchMismatch(reason: string): void;
  /** Observes the milliseconds that loading a resource took. */
  resourceDuration(resource: string, ms: number): void;
  /** Counts a resource that could not be loaded. */
  resourceError(resource: string): void;
  /** Observes the milliseconds that an action took. */
  actionDuration(action: string, ms: number): void;
  /** Counts a failed action. */
  actionError(action: string): void;
  /** Counts persisted state that did not fit its schema. */
  schemaMismatch(reason: string): void;
  /** Counts a rejected write of persisted state. */
  persistWriteRejected(reason: string, stableId: string): void;
  /** Counts the bytes of written persisted state. */
  persistBytes(stableId: string, bytes: number): void;
  /** Observes the size of a session's persisted state; the id is not a label. */
  sessionPersistBytes(sessionId: string, bytes: number): void;
  /** Counts an acknowledged cold deployment. */
  coldDeployAck(source: string): void;
  /** Counts a write of a signal where none is allowed. */
  signalWriteViolation(operation: string, reason: string): void;
  /** Adds `difference` to the active sessions; it may be negative. */
  sessionActive(difference: number): void;
  /** Adds `difference` to the detached sessions; it may be negative. */
  sessionDetached(difference: number): void;
  /** Counts a new session as active. */
  sessionCreate(): void;
  /** Counts the end of a session in `state`. Default: `active`. */
  sessionDestroy(memoryBytes: number, state?: SessionState): void;
  /** Counts an active session as detached: its page is disconnected. */
  sessionDetach(): void;
  /** Counts a detached session as active: its page is connected again. */
  sessionReattach(): void;
  /** Counts an error of a WebSocket. */
  webSocketError(type: string): void;
  /** Counts a reconnection of a socket. */
  reconnect(): void;
  /** Counts a session whose state was restored. */
  resume(): void;
  /** Alias of `resume`. */
  resumeSuccess(): void;
  /** Counts a session whose state could not be restored. */
  resumeFailed(reason: string): void;
  /** Alias of `resumeFailed`. */
  resumeFailure(reason: string): void;
  /** Counts a session that was evicted. */
  eviction(): void;
}

/** Records sessions, events and patches of a server-driven user interface. */
export const liveView: Recorder<typeof LIVE_VIEW_INSTRUMENTS, LiveViewRecords> =
  defineRecorder({
    title: "a live view",
    namespace: "vango",
    instruments: LIVE_VIEW_INSTRUMENTS,
    records: (metrics): LiveViewRecords => {
      const resumed = () => metrics.resumes.inc();
      const notResumed = (reason: string) =>
        metrics.resumesFailed.at(reason).inc();
      return {
        event: (path, seconds, failure) => {
          const route = path || "/";
          const status = failure === undefined ? "success" : "error";
          metrics.eventDuration.at(route).observe(seconds);
          metrics.events.at(route, status).inc();
          if (failure === undefined) return;
          metrics.eventErrors.at(route, errorCategory(failure[0])).inc();
        },
        patches: (count) => metrics.patchesSent.inc(count),
        patchBytes: (route, bytes) =>
          metrics.patchBytes.at(route).observe(bytes),
        patchMismatch: (reason) => metrics.patchMismatches.at(reason).inc(),
        resourceDuration: (resource, ms) => {
          metrics.resourceDurationMs.at(resource).observe(ms);
          metrics.resourceDuration.at(resource).observe(ms / 1000);
        },
        resourceError: (resource) => metrics.resourceErrors.at(resource).inc(),
        actionDuration: (action, ms) => {
          metrics.actionDurationMs.at(action).observe(ms);
          metrics.actionDuration.at(action).observe(ms / 1000);
        },
        actionError: (action) => metrics.actionErrors.at(action).inc(),
        schemaMismatch: (reason) => metrics.schemaMismatches.at(reason).inc(),
        persistWriteRejected: (reason, stableId) =>
          metrics.persistWritesRejected.at(reason, stableId).inc(),
        persistBytes: (stableId, bytes) =>
          metrics.persistBytes.at(stableId).inc(bytes),
        sessionPersistBytes: (_sessionId, bytes) =>
          metrics.sessionPersistBytes.observe(bytes),
        coldDeployAck: (source) => metrics.coldDeployAcks.at(source).inc(),
        signalWriteViolation: (operation, reason) =>
          metrics.signalWriteViolations.at(operation, reason).inc(),
        sessionActive: (difference) => metrics.sessionsActive.inc(difference),
        sessionDetached: (difference) =>
          metrics.sessionsDetached.inc(difference),
        sessionCreate: () => metrics.sessionsActive.inc(),
        sessionDestroy: (memoryBytes, state = "active") => {
          (state === "active"
            ? metrics.sessionsActive
            : metrics.sessionsDetached).dec();
          metrics.sessionMemory.observe(memoryBytes);
        },
        sessionDetach: () => {
          metrics.sessionsActive.dec();
          metrics.sessionsDetached.inc();
        },
        sessionReattach: () => {
          metrics.sessionsActive.inc();
          metrics.sessionsDetached.dec();
        },
        webSocketError: (type) => metrics.webSocketErrors.at(type).inc(),
        reconnect: () => metrics.reconnects.inc(),
        resume: resumed,
        resumeSuccess: resumed,
        resumeFailed: notResumed,
        resumeFailure: notResumed,
        eviction: () => metrics.evictions.inc(),
      };
    },
  });
