/** Every function of the presets, with the samples that it changes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import { channels } from "../../src/recorders/presets/channels.ts";
import { liveView } from "../../src/recorders/presets/live_view.ts";
import { servicePlatform } from "../../src/recorders/presets/service_platform.ts";
import { workerFleet } from "../../src/recorders/presets/worker_fleet.ts";
import { expositionOf } from "../../src/testing/mod.ts";

type Functions = Readonly<Record<string, (...args: never) => unknown>>;

/** The arguments of each function, and the samples that the call changes. */
type Calls<R> = {
  readonly [K in keyof R]?: readonly [
    args: R[K] extends (...args: infer A) => unknown ? A : never,
    samples: readonly string[],
  ];
};

/** Returns the samples, one per line, without buckets and namespace. */
function samplesOf(
  registry: Parameters<typeof expositionOf>[0],
  namespace: string,
): string[] {
  return expositionOf(registry).split("\n")
    .filter((line) => line !== "" && !/^#|_bucket\{/.test(line))
    .map((line) => line.replace(`${namespace}_`, ""));
}

function testCalls<R extends object>(
  preset: {
    on(
      registry: ReturnType<typeof createRegistry>,
      options: { seconds: boolean },
    ): R;
  },
  name: string,
  namespace: string,
  calls: Calls<R>,
): void {
  for (
    const [call, [args, samples]] of Object.entries(calls) as [
      string,
      readonly [unknown[], readonly string[]],
    ][]
  ) {
    test(`${name}.${call}() changes its metrics, and no others`, () => {
      const registry = createRegistry({ selfMetrics: false });
      const records = preset.on(registry, { seconds: true });
      const before = new Set(samplesOf(registry, namespace));
      (records as Functions)[call]!(...args as never);
      const changed = samplesOf(registry, namespace)
        .filter((line) => !before.has(line));
      assert.deepEqual(changed, samples);
    });
  }
}

testCalls(workerFleet, "workerFleet", "blockyard", {
  workerSpawned: [[2], [
    "workers_active 1",
    "workers_spawned_total 1",
    "cold_start_seconds_sum 2",
    "cold_start_seconds_count 1",
  ]],
  workerStopped: [["crashed"], [
    "workers_active -1",
    'workers_stopped_total{reason="crashed"} 1',
  ]],
  workerStates: [[{ "busy": 2, "draining": 1 }], [
    'workers{state="busy"} 2',
    'workers{state="draining"} 1',
  ]],
  sessionStarted: [[], ["sessions_active 1"]],
  sessionsEnded: [[2], ["sessions_active -2"]],
  bundleUploaded: [[], ["bundles_uploaded_total 1"]],
  bundleRestored: [[30], [
    "bundle_restores_succeeded_total 1",
    "build_seconds_sum 30",
    "build_seconds_count 1",
  ]],
  bundleRestoreFailed: [[], ["bundle_restores_failed_total 1"]],
  proxyRequest: [["shop", 404], [
    'proxy_requests_total{app="shop",status="4xx"} 1',
  ]],
  proxyRequestDuration: [[0.5], [
    "proxy_request_seconds_sum 0.5",
    "proxy_request_seconds_count 1",
  ]],
  healthCheckFailed: [["shop"], ['health_checks_failed_total{app="shop"} 1']],
  auditEntryDropped: [[], ["audit_entries_dropped_total 1"]],
});

testCalls(servicePlatform, "servicePlatform", "semstreams", {
  serviceStatus: [["shop", "running"], ['service_status{service="shop"} 2']],
  messageReceived: [["shop", "order"], [
    'messages_received_total{service="shop",type="order"} 1',
  ]],
  messageProcessed: [["shop", "order", "ok"], [
    'messages_processed_total{service="shop",type="order",status="ok"} 1',
  ]],
  messagesProcessed: [["shop", 2], [
    'messages_processed_total{service="shop"} 2',
  ]],
  messagesFailed: [["shop", 2], ['messages_failed_total{service="shop"} 2']],
  messagePublished: [["shop", "orders"], [
    'messages_published_total{service="shop",subject="orders"} 1',
  ]],
  processingDuration: [["shop", "save", 0.5], [
    'processing_duration_seconds_sum{service="shop",operation="save"} 0.5',
    'processing_duration_seconds_count{service="shop",operation="save"} 1',
  ]],
  error: [["shop", "db"], ['errors_total{service="shop",type="db"} 1']],
  panic: [["shop"], ['panic_total{service="shop"} 1']],
  healthStatus: [["shop", true], ['health_status{service="shop"} 1']],
  natsStatus: [[true], ["nats_connected 1", "nats_connection_status 1"]],
  natsRtt: [[0.002], ["nats_rtt_milliseconds 2", "nats_rtt_seconds 0.002"]],
  natsReconnect: [[], ["nats_reconnects_total 1"]],
  circuitBreaker: [["half-open"], ["nats_circuit_breaker 2"]],
  natsMessages: [["orders", 2], ['nats_messages_total{subject="orders"} 2']],
});

testCalls(channels, "channels", "gort", {
  messageReceived: [["mail", "inbound", "text"], [
    'messages_received_total{channel="mail",direction="inbound",type="text"} 1',
  ]],
  messageSent: [["mail", "outbound", "text"], [
    'messages_sent_total{channel="mail",direction="outbound",type="text"} 1',
  ]],
  messageDuration: [["mail", 0.5], [
    'message_duration_seconds_sum{channel="mail"} 0.5',
    'message_duration_seconds_count{channel="mail"} 1',
  ]],
  channelStatus: [["mail", "smtp", true], [
    'channel_status{channel="mail",type="smtp"} 1',
  ]],
  channelError: [["mail", "smtp", "timeout"], [
    'channel_errors_total{channel="mail",type="smtp",error_type="timeout"} 1',
  ]],
  sessionsActive: [[3], ["sessions_active 3"]],
  sessionDuration: [[60], [
    "session_duration_seconds_sum 60",
    "session_duration_seconds_count 1",
  ]],
  middlewareDuration: [["auth", 0.5], [
    'middleware_duration_seconds_sum{middleware="auth"} 0.5',
    'middleware_duration_seconds_count{middleware="auth"} 1',
  ]],
  retry: [["send", 3, false], [
    'retry_attempts_total{operation="send",success="false"} 3',
  ]],
});

testCalls(liveView, "liveView", "vango", {
  event: [["", 0.5, [new TypeError("x")]], [
    'events_total{path="/",status="error"} 1',
    'event_duration_seconds_sum{path="/"} 0.5',
    'event_duration_seconds_count{path="/"} 1',
    'event_errors_total{path="/",error_type="internal"} 1',
  ]],
  patches: [[2], ["patches_sent_total 2"]],
  patchBytes: [["/", 100], [
    'patch_bytes_sum{route="/"} 100',
    'patch_bytes_count{route="/"} 1',
  ]],
  patchMismatch: [["order"], ['patch_mismatch_total{reason="order"} 1']],
  resourceDuration: [["user", 500], [
    'resource_duration_ms_sum{resource="user"} 500',
    'resource_duration_ms_count{resource="user"} 1',
    'resource_duration_seconds_sum{resource="user"} 0.5',
    'resource_duration_seconds_count{resource="user"} 1',
  ]],
  resourceError: [["user"], ['resource_error_total{resource="user"} 1']],
  actionDuration: [["save", 500], [
    'action_duration_ms_sum{action="save"} 500',
    'action_duration_ms_count{action="save"} 1',
    'action_duration_seconds_sum{action="save"} 0.5',
    'action_duration_seconds_count{action="save"} 1',
  ]],
  actionError: [["save"], ['action_error_total{action="save"} 1']],
  schemaMismatch: [["version"], ['schema_mismatch_total{reason="version"} 1']],
  persistWriteRejected: [["size", "a"], [
    'persist_write_rejected_total{reason="size",stable_id="a"} 1',
  ]],
  persistBytes: [["a", 100], ['persist_bytes_total{stable_id="a"} 100']],
  sessionPersistBytes: [["id", 100], [
    "session_persist_bytes_sum 100",
    "session_persist_bytes_count 1",
  ]],
  coldDeployAck: [["cli"], ['cold_deploy_ack_total{source="cli"} 1']],
  signalWriteViolation: [["set", "render"], [
    'signal_write_violation_total{operation="set",reason="render"} 1',
  ]],
  sessionActive: [[2], ["sessions_active 2"]],
  sessionDetached: [[2], ["sessions_detached 2"]],
  sessionCreate: [[], ["sessions_active 1"]],
  sessionDestroy: [[100], [
    "sessions_active -1",
    "session_memory_bytes_sum 100",
    "session_memory_bytes_count 1",
  ]],
  sessionDetach: [[], ["sessions_active -1", "sessions_detached 1"]],
  sessionReattach: [[], ["sessions_active 1", "sessions_detached -1"]],
  webSocketError: [["closed"], ['websocket_errors_total{type="closed"} 1']],
  reconnect: [[], ["reconnects_total 1"]],
  resume: [[], ["session_resume_success_total 1"]],
  resumeSuccess: [[], ["session_resume_success_total 1"]],
  resumeFailed: [["expired"], [
    'session_resume_failed_total{reason="expired"} 1',
  ]],
  resumeFailure: [["expired"], [
    'session_resume_failed_total{reason="expired"} 1',
  ]],
  eviction: [[], ["session_evictions_total 1"]],
});

test("servicePlatform.serviceRemoved() removes both states of the service", () => {
  const registry = createRegistry({ selfMetrics: false });
  const platform = servicePlatform.on(registry);
  for (const service of ["shop", "blog"]) {
    platform.serviceStatus(service, "running");
    platform.healthStatus(service, false);
  }
  const before = samplesOf(registry, "semstreams");
  platform.serviceRemoved("shop");
  const after = samplesOf(registry, "semstreams");
  const removed = before.filter((line) => !after.includes(line));
  assert.deepEqual(removed, [
    'service_status{service="shop"} 2',
    'health_status{service="shop"} 0',
  ]);
});

test("channels.channelRemoved() removes the status of the channel", () => {
  const registry = createRegistry({ selfMetrics: false });
  const gateway = channels.on(registry);
  gateway.channelStatus("mail", "smtp", true);
  gateway.channelStatus("chat", "irc", false);
  gateway.channelRemoved("mail");
  assert.deepEqual(
    samplesOf(registry, "gort").filter((line) => /^channel_status/.test(line)),
    [
      'channel_status{channel="chat",type="irc"} 0',
    ],
  );
});
