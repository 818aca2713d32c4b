/**
 * Recorder for a platform that runs the apps of its users in workers, behind a
 * proxy.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { workerFleet } from "@barograph/barograph/recorders/worker-fleet";
 *
 * const sessions = new Map<string, object>();
 * const fleet = workerFleet.on(createRegistry(), {
 *   current: { sessionsActive: (report) => report(sessions.size) },
 * });
 * fleet.workerSpawned(1.5);
 * ```
 *
 * Prefer the option `current` for numbers that the program has anyway, such as
 * open sessions: a gauge that is incremented and decremented by hand drifts.
 *
 * @module
 */
import { statusClassOf } from "../../base/internal.ts";
import { defineRecorder, type Recorder } from "../define.ts";

/** The reason why a worker stopped. */
export type StopReason = "graceful" | "crashed" | "idle_timeout";

/** The state of a worker. */
export type WorkerState = "busy" | "idle" | "draining";

/** The class of a status code. */
export type StatusClass = "1xx" | "2xx" | "3xx" | "4xx" | "5xx";

/** Label value of a request without a known app. */
export const UNKNOWN_APP = "unknown";

/** The instruments of a fleet. */
export const FLEET_INSTRUMENTS = {
  workersActive: {
    type: "gauge",
    name: "workers_active",
    help: "Workers that run.",
  },
  workers: {
    type: "gauge",
    name: "workers",
    help: "Workers by state.",
    labels: ["state"],
    values: { state: ["busy", "idle", "draining"] },
  },
  sessionsActive: {
    type: "gauge",
    name: "sessions_active",
    help: "Sessions that are open.",
  },
  workersSpawned: {
    type: "counter",
    name: "workers_spawned_total",
    help: "Workers that were started and became healthy.",
  },
  workersStopped: {
    type: "counter",
    name: "workers_stopped_total",
    help: "Workers that were stopped, by reason.",
    labels: ["reason"],
    values: { reason: ["graceful", "crashed", "idle_timeout"] },
  },
  bundlesUploaded: {
    type: "counter",
    name: "bundles_uploaded_total",
    help: "Bundles that were uploaded and accepted.",
  },
  restoresSucceeded: {
    type: "counter",
    name: "bundle_restores_succeeded_total",
    help: "Bundles whose dependencies were installed.",
  },
  restoresFailed: {
    type: "counter",
    name: "bundle_restores_failed_total",
    help: "Bundles whose dependencies could not be installed.",
  },
  proxyRequests: {
    type: "counter",
    name: "proxy_requests_total",
    help: "Requests answered by the proxy, by app and class of the status.",
    labels: ["app", "status"],
    values: { status: ["1xx", "2xx", "3xx", "4xx", "5xx"] },
  },
  healthChecksFailed: {
    type: "counter",
    name: "health_checks_failed_total",
    help: "Workers that were evicted because of failed health checks, by app.",
    labels: ["app"],
  },
  auditEntriesDropped: {
    type: "counter",
    name: "audit_entries_dropped_total",
    help: "Audit entries dropped because their queue was full.",
  },
  coldStart: {
    type: "histogram",
    name: "cold_start_seconds",
    help: "Time until a new worker was healthy.",
    unit: "seconds",
    buckets: [0.5, 1, 2, 4, 8, 16, 32, 64],
  },
  proxyRequest: {
    type: "histogram",
    name: "proxy_request_seconds",
    help: "Time that forwarding a request took, cold starts not included.",
    unit: "seconds",
  },
  build: {
    type: "histogram",
    name: "build_seconds",
    help: "Time that installing the dependencies of a bundle took.",
    unit: "seconds",
    buckets: [5, 10, 20, 40, 80, 160, 320, 640],
  },
} as const;

/** The functions that record the work of a fleet. */
export interface FleetRecords {
  /** Counts a worker that became healthy, and observes its cold start. */
  workerSpawned(coldStartSeconds?: number): void;
  /** Counts a stopped worker; call it once per worker. */
  workerStopped(reason: StopReason): void;
  /** Sets the number of workers by state; other states keep their number. */
  workerStates(counts: Readonly<Partial<Record<WorkerState, number>>>): void;
  /** Counts a session as open. */
  sessionStarted(): void;
  /** Counts `count` sessions as closed. Default: 1. */
  sessionsEnded(count?: number): void;
  /** Counts an uploaded and accepted bundle. */
  bundleUploaded(): void;
  /** Counts a bundle with installed dependencies; observes the seconds that took. */
  bundleRestored(seconds: number): void;
  /** Counts a bundle whose dependencies could not be installed. */
  bundleRestoreFailed(): void;
  /**
   * Counts a request by the class of its status: see `statusClass`. Call it when
   * the status is decided, before the body ends. Without an app, the label value
   * is `UNKNOWN_APP`.
   */
  proxyRequest(app: string | undefined, status: number): void;
  /** Observes the seconds that forwarding a request took. */
  proxyRequestDuration(seconds: number): void;
  /** Counts a worker evicted after failed health checks. */
  healthCheckFailed(app: string | undefined): void;
  /** Counts an audit entry dropped by a full queue. */
  auditEntryDropped(): void;
  /** Removes the series of an app that no longer exists. */
  appRemoved(app: string): void;
}

/**
 * Returns the class of a status code. This vocabulary has no class for invalid
 * codes: those beyond 599 count as `5xx`, all others as `1xx`.
 */
export function statusClass(code: number): StatusClass {
  const valid = statusClassOf(code);
  if (valid !== "error") return valid;
  return code > 599 ? "5xx" : "1xx";
}

const STATES: readonly WorkerState[] = ["busy", "idle", "draining"];

/** Records workers, bundles and proxied requests of a platform of apps. */
export const workerFleet: Recorder<typeof FLEET_INSTRUMENTS, FleetRecords> =
  defineRecorder({
    title: "a worker fleet",
    namespace: "blockyard",
    instruments: FLEET_INSTRUMENTS,
    records: (metrics): FleetRecords => ({
      workerSpawned: (coldStartSeconds) => {
        metrics.workersActive.inc();
        metrics.workersSpawned.inc();
        if (coldStartSeconds !== undefined) {
          metrics.coldStart.observe(coldStartSeconds);
        }
      },
      workerStopped: (reason) => {
        metrics.workersActive.dec();
        metrics.workersStopped.at(reason).inc();
      },
      workerStates: (counts) => {
        for (const state of STATES) {
          const count = counts[state];
          if (count !== undefined) metrics.workers.at(state).set(count);
        }
      },
      sessionStarted: () => metrics.sessionsActive.inc(),
      sessionsEnded: (count = 1) => metrics.sessionsActive.dec(count),
      bundleUploaded: () => metrics.bundlesUploaded.inc(),
      bundleRestored: (seconds) => {
        metrics.restoresSucceeded.inc();
        metrics.build.observe(seconds);
      },
      bundleRestoreFailed: () => metrics.restoresFailed.inc(),
      proxyRequest: (app, status) =>
        metrics.proxyRequests.at(app || UNKNOWN_APP, statusClass(status)).inc(),
      proxyRequestDuration: (seconds) => metrics.proxyRequest.observe(seconds),
      healthCheckFailed: (app) =>
        metrics.healthChecksFailed.at(app || UNKNOWN_APP).inc(),
      auditEntryDropped: () => metrics.auditEntriesDropped.inc(),
      appRemoved: (app) => {
        metrics.proxyRequests.remove({ app });
        metrics.healthChecksFailed.remove({ app });
      },
    }),
  });
