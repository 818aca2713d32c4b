/** The metric and registry checks of reference 003: a platform of services. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, FamilyConflictError } from "../../mod.ts";
import {
  createRegistrar,
  type MetricsRegistrar,
  OwnerConflictError,
} from "../../src/recorders/mod.ts";
import { servicePlatform } from "../../src/recorders/presets/service_platform.ts";
import { processMetrics } from "../../src/runtime/mod.ts";
import { assertLines, countOf, linesOf } from "./lines.ts";

test("003.1 a new backend exposes zeros, and no labelled series", () => {
  const registry = createRegistry();
  servicePlatform.on(registry);
  registry.add(processMetrics());
  assert.equal(countOf(registry, "process_start_time_seconds"), 1);
  assert.equal(countOf(registry, "process_cpu_seconds_total"), 1);
  assertLines(
    registry,
    "semstreams_nats_connected 0",
    "semstreams_nats_reconnects_total 0",
    "semstreams_nats_circuit_breaker 0",
  );
  assert.equal(countOf(registry, "semstreams_service_status"), 0);
});

test("003.2 each function records one family", () => {
  const registry = createRegistry();
  const platform = servicePlatform.on(registry);
  const service = "test-service";
  platform.serviceStatus(service, "running");
  platform.messageReceived(service, "event");
  platform.messageProcessed(service, "event", "success");
  platform.messagePublished(service, "events.out");
  platform.processingDuration(service, "read", 0.1);
  platform.error(service, "timeout");
  platform.healthStatus(service, true);
  platform.natsStatus(true);
  platform.natsRtt(0.05);
  platform.natsReconnect();
  platform.circuitBreaker("half-open");
  const at = `service="${service}"`;
  assertLines(
    registry,
    `semstreams_service_status{${at}} 2`,
    `semstreams_messages_received_total{${at},type="event"} 1`,
    `semstreams_messages_processed_total{${at},type="event",status="success"} 1`,
    `semstreams_messages_published_total{${at},subject="events.out"} 1`,
    `semstreams_processing_duration_seconds_bucket{${at},operation="read",le="0.1"} 1`,
    `semstreams_processing_duration_seconds_sum{${at},operation="read"} 0.1`,
    `semstreams_errors_total{${at},type="timeout"} 1`,
    `semstreams_health_status{${at}} 1`,
    "semstreams_nats_connected 1",
    "semstreams_nats_rtt_milliseconds 50",
    "semstreams_nats_reconnects_total 1",
    "semstreams_nats_circuit_breaker 2",
  );
});

test("003.3 states are set by number or by name", () => {
  const registry = createRegistry();
  const platform = servicePlatform.on(registry);
  platform.serviceStatus("p", 2);
  platform.serviceStatus("q", "failed");
  platform.healthStatus("p", true);
  platform.healthStatus("q", false);
  assertLines(
    registry,
    'semstreams_service_status{service="p"} 2',
    'semstreams_service_status{service="q"} 4',
    'semstreams_health_status{service="p"} 1',
    'semstreams_health_status{service="q"} 0',
  );
  platform.serviceRemoved("q");
  assert.equal(countOf(registry, "semstreams_health_status"), 1);
});

test("003.4 a round trip is recorded in milliseconds, and optionally in seconds", () => {
  const registry = createRegistry();
  const platform = servicePlatform.on(registry, { seconds: true });
  platform.natsRtt(0.05);
  assertLines(
    registry,
    "semstreams_nats_rtt_milliseconds 50",
    "semstreams_nats_rtt_seconds 0.05",
  );
  platform.natsRtt(0.0004);
  assertLines(registry, "semstreams_nats_rtt_seconds 0.0004");
  const plain = createRegistry();
  servicePlatform.on(plain).natsRtt(0.05);
  assert.equal(countOf(plain, "semstreams_nats_rtt_seconds"), 0);
});

const OPTIONS = { name: "custom_total", help: "Custom." };

test("003.5 a registered metric is exposed until it is unregistered", () => {
  const registry = createRegistry();
  const registrar = createRegistrar(registry);
  registrar.counter("svc", OPTIONS).inc();
  registrar.gauge("svc", { name: "level", help: "Level." }).set(3);
  assertLines(registry, "custom_total 1", "level 3");
  assert.equal(registrar.unregister("svc", "custom_total"), true);
  assert.equal(countOf(registry, "custom_total"), 0);
  assertLines(registry, "level 3");
  assert.equal(registrar.unregister("svc", "custom_total"), false);
  assert.equal(registrar.unregister("other", "level"), false);
  registrar.counter("other", OPTIONS).inc(7);
  assertLines(registry, "custom_total 7");
});

test("003.6 registering a metric again returns the same metric", () => {
  const registry = createRegistry();
  const registrar = createRegistrar(registry);
  const [first, second] = [
    registrar.counter("svc", OPTIONS),
    registrar.counter("svc", OPTIONS),
  ];
  first.inc();
  second.inc();
  assertLines(registry, "custom_total 2");
});

test("003.7 a name of another service is refused, and the error names both", () => {
  const registry = createRegistry();
  const registrar = createRegistrar(registry);
  registrar.counter("a.b", OPTIONS).inc();
  assert.throws(() => registrar.counter("a", OPTIONS), (error) => {
    assert.ok(error instanceof OwnerConflictError);
    assert.deepEqual(
      [error.metric, error.owner, error.requester],
      ["custom_total", "a.b", "a"],
    );
    assert.match(error.message, /"custom_total".*"a".*"a\.b"/);
    return true;
  });
  assertLines(registry, "custom_total 1");
});

test("003.8 a wrong declaration is refused and leaves nothing behind", () => {
  const registry = createRegistry();
  const registrar = createRegistrar(registry);
  registrar.counter("svc", OPTIONS);
  const before = linesOf(registry);
  const wrong: readonly (() => unknown)[] = [
    () => registrar.counter("svc", null as never),
    () => registrar.counter("svc", { name: "bad name_total", help: "x" }),
    () => registrar.counter("svc", { ...OPTIONS, labels: ["more"] }),
    () => registrar.gauge("svc", OPTIONS as never),
    () => registrar.counter("", OPTIONS),
    () => registrar.counter(7 as never, OPTIONS),
  ];
  for (const attempt of wrong) {
    assert.throws(
      attempt,
      (error) =>
        error instanceof TypeError || error instanceof RangeError ||
        error instanceof FamilyConflictError,
    );
  }
  assert.deepEqual(linesOf(registry), before);
  assert.equal(registrar.unregister("svc", "bad name_total"), false);
});

test("003.9 concurrent registrations all succeed", async () => {
  const registry = createRegistry();
  const registrar: MetricsRegistrar = createRegistrar(registry);
  await Promise.all(Array.from({ length: 10 }, async (_, n) => {
    await new Promise((done) => setTimeout(done, n % 3));
    registrar.counter(`svc${n}`, { name: `n${n}_total`, help: "N." }).inc();
  }));
  for (let n = 0; n < 10; n++) assertLines(registry, `n${n}_total 1`);
});

test("003.10 functions that take a count add up", () => {
  const registry = createRegistry();
  const platform = servicePlatform.on(registry);
  platform.messagesProcessed("s", 100);
  platform.messagesProcessed("s", 200);
  platform.messagesFailed("s", 2);
  platform.panic("s");
  platform.natsMessages("events.in", 3);
  assertLines(
    registry,
    'semstreams_messages_processed_total{service="s"} 300',
    'semstreams_messages_failed_total{service="s"} 2',
    'semstreams_panic_total{service="s"} 1',
    'semstreams_nats_messages_total{subject="events.in"} 3',
  );
});
