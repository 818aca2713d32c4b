/** The metric checks of reference 001: a fleet of workers behind a proxy. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import {
  statusClass,
  workerFleet,
} from "../../src/recorders/presets/worker_fleet.ts";
import { assertLines, countOf } from "./lines.ts";

test("001.1 a new backend exposes zeros, and no labelled series", () => {
  const registry = createRegistry();
  workerFleet.on(registry);
  assertLines(
    registry,
    "blockyard_workers_active 0",
    "blockyard_workers_spawned_total 0",
    "blockyard_cold_start_seconds_count 0",
  );
  assert.equal(countOf(registry, "blockyard_proxy_requests_total"), 0);
});

test("001.2 started and stopped workers are counted", () => {
  const registry = createRegistry();
  const fleet = workerFleet.on(registry);
  fleet.workerSpawned();
  fleet.workerSpawned();
  fleet.workerStopped("graceful");
  assertLines(registry, "blockyard_workers_active 1");
});

test("001.3 two backends on two registries share nothing", () => {
  const [a, b] = [createRegistry(), createRegistry()];
  const fleet = workerFleet.on(a);
  workerFleet.on(b);
  fleet.workerSpawned();
  fleet.workerSpawned();
  assertLines(a, "blockyard_workers_spawned_total 2");
  assertLines(b, "blockyard_workers_spawned_total 0");
});

test("001.4 each status code has a class", () => {
  const table = {
    "1xx": [100, 101, 0, -1, NaN],
    "2xx": [200, 299],
    "3xx": [301],
    "4xx": [404, 418, 499],
    "5xx": [500, 503, 520, 600],
  };
  for (const [expected, codes] of Object.entries(table)) {
    for (const code of codes) assert.equal(statusClass(code), expected);
  }
});

test("001.5 requests are counted by app, as unknown until it is resolved", () => {
  const registry = createRegistry();
  const fleet = workerFleet.on(registry);
  fleet.proxyRequest(undefined, 404);
  for (let i = 0; i < 2; i++) {
    fleet.proxyRequest("metrics-app", 200);
    fleet.proxyRequestDuration(0.01);
  }
  assertLines(
    registry,
    'blockyard_proxy_requests_total{app="unknown",status="4xx"} 1',
    'blockyard_proxy_requests_total{app="metrics-app",status="2xx"} 2',
    "blockyard_proxy_request_seconds_count 2",
  );
  fleet.appRemoved("metrics-app");
  assert.equal(countOf(registry, "blockyard_proxy_requests_total"), 1);
});

test("001.7 cold starts and builds have their own buckets", () => {
  const registry = createRegistry();
  const fleet = workerFleet.on(registry);
  fleet.workerSpawned(1.5);
  fleet.bundleRestored(30);
  const cold = "blockyard_cold_start_seconds";
  const build = "blockyard_build_seconds";
  assertLines(
    registry,
    `${cold}_bucket{le="0.5"} 0`,
    `${cold}_bucket{le="1.0"} 0`,
    `${cold}_bucket{le="2.0"} 1`,
    `${cold}_bucket{le="64.0"} 1`,
    `${cold}_bucket{le="+Inf"} 1`,
    `${cold}_sum 1.5`,
    `${cold}_count 1`,
    `${build}_bucket{le="5.0"} 0`,
    `${build}_bucket{le="20.0"} 0`,
    `${build}_bucket{le="40.0"} 1`,
    `${build}_bucket{le="640.0"} 1`,
  );
  assert.equal(countOf(registry, `${cold}_bucket`), 9);
});

test("001.8 stopped workers are counted by one of three reasons", () => {
  const registry = createRegistry();
  const fleet = workerFleet.on(registry);
  for (const reason of ["graceful", "crashed", "idle_timeout"] as const) {
    fleet.workerStopped(reason);
  }
  assert.equal(countOf(registry, "blockyard_workers_stopped_total{"), 3);
  fleet.workerStopped("bored" as "graceful");
  assertLines(
    registry,
    'blockyard_workers_stopped_total{reason="overflow"} 1',
    'barograph_rejected_observations_total{reason="label_value"} 1',
  );
});

test("001.9 a state without workers is exposed as zero", () => {
  const registry = createRegistry();
  const fleet = workerFleet.on(registry);
  fleet.workerStates({ busy: 3, idle: 7, draining: 1 });
  fleet.workerStates({ busy: 0 });
  assertLines(
    registry,
    'blockyard_workers{state="busy"} 0',
    'blockyard_workers{state="idle"} 7',
    'blockyard_workers{state="draining"} 1',
  );
});

test("001.15 a callback gauge follows the map that it reads", () => {
  const registry = createRegistry();
  const sessions = new Map<string, number>();
  const workers = { busy: 1, idle: 2, draining: 0 };
  const fleet = workerFleet.on(registry, {
    current: {
      sessionsActive: (report) => report(sessions.size),
      workers: (report) => {
        for (const [state, count] of Object.entries(workers)) {
          report(count, { state: state as "busy" });
        }
      },
    },
  });
  sessions.set("a", 1).set("b", 1).set("c", 1);
  assertLines(registry, "blockyard_sessions_active 3");
  sessions.delete("a"); // without recording it
  fleet.sessionsEnded(2); // ignored: the callback reports the gauge
  assertLines(registry, "blockyard_sessions_active 2");
  sessions.clear();
  workers.busy = 0;
  assertLines(
    registry,
    "blockyard_sessions_active 0",
    'blockyard_workers{state="busy"} 0',
    'blockyard_workers{state="idle"} 2',
  );
});
