/** The metric checks of reference 000: a live view. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { instrumentEvents } from "../../src/instrument/mod.ts";
import { createRegistry, FamilyConflictError } from "../../mod.ts";
import {
  attachSessions,
  liveSessions,
  liveView,
  type LiveViewRecords,
} from "../../src/recorders/presets/live_view.ts";
import { assertLines, countOf, linesOf } from "./lines.ts";

interface UiEvent {
  readonly path: string;
}

/** Returns middleware that records into `backend`. */
function measuring(backend: Pick<LiveViewRecords, "event">) {
  return instrumentEvents<UiEvent>({
    record: backend.event,
    route: ({ path }) => path,
  });
}

test("000.1 a successful event is counted and timed", () => {
  const registry = createRegistry();
  measuring(liveView.on(registry))({ path: "/test" }, () => {});
  assertLines(
    registry,
    'vango_events_total{path="/test",status="success"} 1',
    'vango_event_duration_seconds_count{path="/test"} 1',
  );
  assert.equal(linesOf(registry).join().includes('status="error"'), false);
});

test("000.2 a failed event is counted by category, and its error is passed on", async () => {
  const registry = createRegistry();
  const boom = new Error("timeout exceeded");
  const measure = measuring(liveView.on(registry));
  await assert.rejects(
    measure({ path: "/test" }, () => Promise.reject(boom)),
    boom,
  );
  assertLines(
    registry,
    'vango_events_total{path="/test",status="error"} 1',
    'vango_event_errors_total{path="/test",error_type="timeout"} 1',
    'vango_event_duration_seconds_count{path="/test"} 1',
  );
});

test("000.4 an empty path becomes /", () => {
  const registry = createRegistry();
  measuring(liveView.on(registry))({ path: "" }, () => {});
  assertLines(registry, 'vango_events_total{path="/",status="success"} 1');
});

test("000.5 a session is detached, reattached and destroyed, and its memory is observed", () => {
  const registry = createRegistry();
  const live = liveView.on(registry);
  live.sessionCreate();
  live.sessionDetach();
  assertLines(
    registry,
    "vango_sessions_active 0",
    "vango_sessions_detached 1",
  );
  live.sessionReattach();
  live.sessionDestroy(2048);
  assertLines(
    registry,
    "vango_sessions_active 0",
    "vango_sessions_detached 0",
    'vango_session_memory_bytes_bucket{le="1024.0"} 0',
    'vango_session_memory_bytes_bucket{le="10240.0"} 1',
    'vango_session_memory_bytes_bucket{le="1.048576e+06"} 1',
    "vango_session_memory_bytes_sum 2048",
    "vango_session_memory_bytes_count 1",
  );
});

test("000.6 destroying a detached session returns both gauges to zero", () => {
  const byState = createRegistry();
  const live = liveView.on(byState);
  live.sessionCreate();
  live.sessionDetach();
  live.sessionDestroy(1, "detached");
  const byId = createRegistry();
  const sessions = liveSessions(liveView.on(byId));
  for (let round = 0; round < 2; round++) {
    sessions.create("s");
    sessions.detach("s");
    sessions.detach("s");
    sessions.destroy("s", 1);
    sessions.destroy("s", 1);
    sessions.reattach("s");
  }
  assert.equal(sessions.size, 0);
  for (const registry of [byState, byId]) {
    assertLines(
      registry,
      "vango_sessions_active 0",
      "vango_sessions_detached 0",
    );
  }
  assertLines(byId, "vango_session_memory_bytes_count 2");
});

test("000.7 patches add up, and nothing is recorded before a backend is set", () => {
  const { record } = liveView.global;
  record.patches(5);
  record.sessionCreate();
  record.sessionDestroy(1);
  record.sessionDetach();
  record.sessionReattach();
  record.webSocketError("reset");
  record.reconnect();
  record.resume();
  record.resumeFailed("expired");
  record.eviction();
  const registry = createRegistry();
  liveView.global.use(liveView.on(registry));
  try {
    assertLines(registry, "vango_patches_sent_total 0");
    record.patches(5);
    assertLines(registry, "vango_patches_sent_total 5");
    record.webSocketError("reset");
    record.reconnect();
    record.resume();
    record.resumeFailed("expired");
    record.eviction();
  } finally {
    liveView.global.use(null);
  }
  record.patches(5);
  assertLines(
    registry,
    "vango_patches_sent_total 5",
    'vango_websocket_errors_total{type="reset"} 1',
    "vango_reconnects_total 1",
    "vango_session_resume_success_total 1",
    'vango_session_resume_failed_total{reason="expired"} 1',
    "vango_session_evictions_total 1",
  );
});

test("000.8 options replace names, labels and buckets", () => {
  const registry = createRegistry();
  const live = liveView.on(registry, {
    namespace: "myapp",
    subsystem: "api",
    labels: { env: "t" },
    buckets: { eventDuration: [0.1, 0.5, 1] },
  });
  live.event("/x", 0.2);
  assertLines(
    registry,
    'myapp_api_events_total{env="t",path="/x",status="success"} 1',
    'myapp_api_event_duration_seconds_bucket{env="t",path="/x",le="0.1"} 0',
    'myapp_api_event_duration_seconds_bucket{env="t",path="/x",le="0.5"} 1',
    'myapp_api_event_duration_seconds_bucket{env="t",path="/x",le="1.0"} 1',
    'myapp_api_event_duration_seconds_bucket{env="t",path="/x",le="+Inf"} 1',
  );
  assert.equal(countOf(registry, "myapp_api_event_duration_seconds_bucket"), 4);
});

test("000.9 each function of the collector records one series", () => {
  const registry = createRegistry();
  const live = liveView.on(registry, { seconds: true });
  live.patchBytes("/r", 100);
  live.patchMismatch("hash");
  live.resourceDuration("users", 12);
  live.resourceError("users");
  live.actionDuration("save", 7);
  live.actionError("save");
  live.schemaMismatch("version");
  live.persistWriteRejected("size", "cart");
  live.persistBytes("cart", 64);
  live.sessionPersistBytes("sess-secret", 2000);
  live.coldDeployAck("page");
  live.signalWriteViolation("set", "render");
  live.sessionActive(2);
  live.sessionActive(-1);
  live.sessionDetached(3);
  live.resumeSuccess();
  live.resumeFailure("token_expired");
  assertLines(
    registry,
    'vango_patch_bytes_bucket{le="256.0",route="/r"} 1',
    'vango_patch_mismatch_total{reason="hash"} 1',
    'vango_resource_duration_ms_bucket{le="10.0",resource="users"} 0',
    'vango_resource_duration_ms_bucket{le="25.0",resource="users"} 1',
    'vango_resource_duration_seconds_sum{resource="users"} 0.012',
    'vango_resource_error_total{resource="users"} 1',
    'vango_action_duration_ms_sum{action="save"} 7',
    'vango_action_duration_seconds_sum{action="save"} 0.007',
    'vango_action_error_total{action="save"} 1',
    'vango_schema_mismatch_total{reason="version"} 1',
    'vango_persist_write_rejected_total{reason="size",stable_id="cart"} 1',
    'vango_persist_bytes_total{stable_id="cart"} 64',
    "vango_session_persist_bytes_sum 2000",
    'vango_cold_deploy_ack_total{source="page"} 1',
    'vango_signal_write_violation_total{operation="set",reason="render"} 1',
    "vango_sessions_active 1",
    "vango_sessions_detached 3",
    "vango_session_resume_success_total 1",
    'vango_session_resume_failed_total{reason="token_expired"} 1',
  );
  assert.ok(!linesOf(registry).join().includes("sess-secret"));
});

test("000.15 two backends on one registry share the metrics or conflict; another registry is independent", () => {
  const registry = createRegistry();
  const [first, second] = [liveView.on(registry), liveView.on(registry)];
  first.patches(1);
  second.patches(2);
  assertLines(registry, "vango_patches_sent_total 3");
  assert.throws(
    () => liveView.on(registry, { buckets: { eventDuration: [1, 2] } }),
    (error) =>
      error instanceof FamilyConflictError &&
      error.message.includes("vango_event_duration_seconds"),
  );
  const other = createRegistry();
  liveView.on(other).patches(7);
  assertLines(registry, "vango_patches_sent_total 3");
  assertLines(other, "vango_patches_sent_total 7");
});

test("attachSessions() and attach() record an emitter's events until they are disposed", () => {
  const registry = createRegistry();
  const live = liveView.on(registry);
  const emitter = new EventEmitter();
  const listening = [
    attachSessions(emitter, live),
    liveView.attach(emitter, live),
  ];
  emitter.emit("session.create", "a");
  emitter.emit("session.create", "b");
  emitter.emit("session.detach", "a");
  emitter.emit("session.detach", "a");
  emitter.emit("patches", 3);
  emitter.emit("resumeFailed", "expired");
  for (const listener of listening) listener[Symbol.dispose]();
  emitter.emit("session.destroy", "b", 100);
  emitter.emit("patches", 3);
  assertLines(
    registry,
    "vango_sessions_active 1",
    "vango_sessions_detached 1",
    "vango_patches_sent_total 3",
    'vango_session_resume_failed_total{reason="expired"} 1',
    "vango_session_memory_bytes_count 0",
  );
  assert.deepEqual(emitter.eventNames(), []);
});
