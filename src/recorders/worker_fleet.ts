/**
 * The vocabulary of a platform that runs its users' apps in workers, behind a
 * proxy.
 *
 * Numbers of what there is now are best asked for at each scrape (the option
 * `current`): what is counted up and down by hand drifts.
 */
import { defineRecorder, type Recorder } from "./declare.ts";

/** Why a worker was stopped. */
export type StopReason = "graceful" | "crashed" | "idle_timeout";

/** What workers are at. */
export type WorkerState = "busy" | "idle" | "draining";

/** The class of a status. */
export type StatusClass = "1xx" | "2xx" | "3xx" | "4xx" | "5xx";

/** Stands for an app that is not known, or not known as yet. */
export const UNKNOWN_APP = "unknown";

/** The metrics of a fleet. */
export const FLEET_INSTRUMENTS = {
  workersActive: {
    type: "gauge",
    name: "workers_active",
    help: "Workers that run.",
  },
  workers: {
    type: "gauge",
    name: "workers",
    help: "Workers, by what they are at.",
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

/** What a fleet tells. */
export interface FleetRecords {
  /** A worker is healthy, so many seconds after it was asked for. */
  workerSpawned(coldStartSeconds?: number): void;
  /** A worker is gone: call it once for each. */
  workerStopped(reason: StopReason): void;
  /** So many workers are at what; what is not named is left as it was. */
  workerStates(counts: Readonly<Partial<Record<WorkerState, number>>>): void;
  /** A session has begun. */
  sessionStarted(): void;
  /** So many sessions have ended, 1 unless given. */
  sessionsEnded(count?: number): void;
  /** A bundle was uploaded and accepted. */
  bundleUploaded(): void;
  /** The dependencies of a bundle were installed, in so many seconds. */
  bundleRestored(seconds: number): void;
  /** They could not be installed. */
  bundleRestoreFailed(): void;
  /** A status was decided: before the body ends; see `statusClass`. */
  proxyRequest(app: string | undefined, status: number): void;
  /** A request was forwarded, in so many seconds. */
  proxyRequestDuration(seconds: number): void;
  /** A worker was evicted because of failed health checks. */
  healthCheckFailed(app: string | undefined): void;
  /** An audit entry found its queue full. */
  auditEntryDropped(): void;
  /** An app is gone for good, and its series with it. */
  appRemoved(app: string): void;
}

/** The class of a status code: `1xx` for what is none, `5xx` beyond 599. */
export function statusClass(code: number): StatusClass {
  if (code >= 500) return "5xx";
  if (code >= 400) return "4xx";
  if (code >= 300) return "3xx";
  return code >= 200 ? "2xx" : "1xx";
}

const STATES: readonly WorkerState[] = ["busy", "idle", "draining"];

/** Workers, bundles and proxied requests of a platform of apps. */
export const workerFleet: Recorder<typeof FLEET_INSTRUMENTS, FleetRecords> =
  defineRecorder({
    title: "a worker fleet",
    namespace: "blockyard",
    instruments: FLEET_INSTRUMENTS,
    records: (of): FleetRecords => ({
      workerSpawned: (coldStartSeconds) => {
        of.workersActive.inc();
        of.workersSpawned.inc();
        if (coldStartSeconds !== undefined) {
          of.coldStart.observe(coldStartSeconds);
        }
      },
      workerStopped: (reason) => {
        of.workersActive.dec();
        of.workersStopped.at(reason).inc();
      },
      workerStates: (counts) => {
        for (const state of STATES) {
          const count = counts[state];
          if (count !== undefined) of.workers.at(state).set(count);
        }
      },
      sessionStarted: () => of.sessionsActive.inc(),
      sessionsEnded: (count = 1) => of.sessionsActive.dec(count),
      bundleUploaded: () => of.bundlesUploaded.inc(),
      bundleRestored: (seconds) => {
        of.restoresSucceeded.inc();
        of.build.observe(seconds);
      },
      bundleRestoreFailed: () => of.restoresFailed.inc(),
      proxyRequest: (app, status) =>
        of.proxyRequests.at(app || UNKNOWN_APP, statusClass(status)).inc(),
      proxyRequestDuration: (seconds) => of.proxyRequest.observe(seconds),
      healthCheckFailed: (app) =>
        of.healthChecksFailed.at(app || UNKNOWN_APP).inc(),
      auditEntryDropped: () => of.auditEntriesDropped.inc(),
      appRemoved: (app) => {
        of.proxyRequests.remove({ app });
        of.healthChecksFailed.remove({ app });
      },
    }),
  });
