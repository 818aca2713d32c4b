/** Presets: status classes, removal, states by name, units and sessions. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import {
  attachSessions,
  liveSessions,
  liveView,
} from "../../src/recorders/presets/live_view.ts";
import { servicePlatform } from "../../src/recorders/presets/service_platform.ts";
import {
  type StatusClass,
  statusClass,
  workerFleet,
} from "../../src/recorders/presets/worker_fleet.ts";
import { distributionOf, valueOf } from "../../src/testing/mod.ts";

const CLASSES: readonly (readonly [code: number, status: StatusClass])[] = [
  [-Infinity, "1xx"],
  [99, "1xx"],
  [100, "1xx"],
  [199, "1xx"],
  [200, "2xx"],
  [299, "2xx"],
  [300, "3xx"],
  [399, "3xx"],
  [400, "4xx"],
  [499, "4xx"],
  [500, "5xx"],
  [599, "5xx"],
  [600, "5xx"],
  [Infinity, "5xx"],
];

const SERVICE_STATES = [
  "stopped",
  "starting",
  "running",
  "stopping",
  "failed",
] as const;

const BREAKER_STATES = ["closed", "open", "half-open"] as const;

test("statusClass() returns the class of valid and invalid codes", () => {
  for (const [code, status] of CLASSES) {
    assert.equal(statusClass(code), status, `${code}`);
  }
});

test("workerFleet.proxyRequest() counts by the class of the status", () => {
  for (const [code, status] of CLASSES) {
    const registry = createRegistry();
    workerFleet.on(registry).proxyRequest("shop", code);
    const at = { app: "shop", status };
    assert.equal(valueOf(registry, "blockyard_proxy_requests_total", at), 1);
  }
});

test("workerFleet.sessionsEnded() counts one session by default", () => {
  const registry = createRegistry();
  const fleet = workerFleet.on(registry);
  for (let i = 0; i < 4; i++) fleet.sessionStarted();
  fleet.sessionsEnded();
  assert.equal(valueOf(registry, "blockyard_sessions_active"), 3);
  fleet.sessionsEnded(2);
  assert.equal(valueOf(registry, "blockyard_sessions_active"), 1);
});

test("workerFleet.appRemoved() removes both families of the app", () => {
  const registry = createRegistry();
  const fleet = workerFleet.on(registry);
  fleet.proxyRequest("shop", 200);
  fleet.healthCheckFailed("shop");
  fleet.healthCheckFailed("blog");
  fleet.appRemoved("shop");
  const status = { app: "shop", status: "2xx" };
  const requests = "blockyard_proxy_requests_total";
  const checks = "blockyard_health_checks_failed_total";
  assert.equal(valueOf(registry, requests, status), undefined);
  assert.equal(valueOf(registry, checks, { app: "shop" }), undefined);
  assert.equal(valueOf(registry, checks, { app: "blog" }), 1);
});

test("servicePlatform sets states by name to the documented values", () => {
  const registry = createRegistry();
  const platform = servicePlatform.on(registry);
  for (const [index, status] of SERVICE_STATES.entries()) {
    platform.serviceStatus("mailer", status);
    const at = { service: "mailer" };
    assert.equal(valueOf(registry, "semstreams_service_status", at), index);
  }
  for (const [index, state] of BREAKER_STATES.entries()) {
    platform.circuitBreaker(state);
    assert.equal(valueOf(registry, "semstreams_nats_circuit_breaker"), index);
  }
});

test("servicePlatform.natsRtt() truncates milliseconds and keeps seconds", () => {
  const registry = createRegistry();
  const platform = servicePlatform.on(registry, { seconds: true });
  platform.natsRtt(2.0019);
  assert.equal(valueOf(registry, "semstreams_nats_rtt_milliseconds"), 2001);
  assert.equal(valueOf(registry, "semstreams_nats_rtt_seconds"), 2.0019);
});

test("liveView records milliseconds, and seconds with `seconds`", () => {
  const registry = createRegistry();
  const view = liveView.on(registry, { seconds: true });
  view.resourceDuration("user", 1500);
  view.actionDuration("save", 250);
  const sum = (name: string, labels: Record<string, string>) =>
    distributionOf(registry, name, labels)?.sum;
  const user = { resource: "user" };
  const save = { action: "save" };
  assert.equal(sum("vango_resource_duration_ms", user), 1500);
  assert.equal(sum("vango_resource_duration_seconds", user), 1.5);
  assert.equal(sum("vango_action_duration_ms", save), 250);
  assert.equal(sum("vango_action_duration_seconds", save), 0.25);
});

test("liveSessions() records each transition once, and none out of order", () => {
  const backend = liveView.recording();
  const sessions = liveSessions(backend);
  sessions.detach("a");
  sessions.reattach("a");
  sessions.destroy("a", 1);
  sessions.create("a");
  sessions.create("a");
  sessions.reattach("a");
  sessions.detach("a");
  sessions.detach("a");
  sessions.create("b");
  assert.equal(sessions.size, 2);
  sessions.reattach("a");
  sessions.detach("a");
  sessions.destroy("a", 10);
  sessions.destroy("b", 20);
  assert.equal(sessions.size, 0);
  assert.deepEqual(backend.calls, [
    ["sessionCreate"],
    ["sessionDetach"],
    ["sessionCreate"],
    ["sessionReattach"],
    ["sessionDetach"],
    ["sessionDestroy", 10, "detached"],
    ["sessionDestroy", 20, "active"],
  ]);
});

test("attachSessions() follows an emitter until it is disposed", () => {
  const emitter = new EventEmitter();
  const backend = liveView.recording();
  const attached = attachSessions(emitter, backend);
  emitter.emit("session.create", "a");
  emitter.emit("session.detach", "a");
  emitter.emit("session.reattach", "a");
  emitter.emit("session.destroy", "a");
  attached[Symbol.dispose]();
  emitter.emit("session.create", "b");
  assert.deepEqual(backend.calls, [
    ["sessionCreate"],
    ["sessionDetach"],
    ["sessionReattach"],
    ["sessionDestroy", 0, "active"],
  ]);
});
