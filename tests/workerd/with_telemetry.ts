/** `withTelemetry` in workerd, with a collector on loopback. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CollectedSpan,
  type Collector,
  runWorker,
  startCollector,
  until,
} from "./harness.ts";

const SERVER = 2;
const INTERNAL = 1;
const CONSUMER = 5;

function start(collector: Collector, INTERVAL = 0.05) {
  const bindings = { OTLP: collector.address, INTERVAL };
  return runWorker("observed_worker.ts", ["nodejs_compat"], { bindings });
}

function spansOf({ requests }: Collector): readonly CollectedSpan[] {
  return requests.flatMap(({ spans }) => spans);
}

test("a request is answered, counted and exported with its spans", async () => {
  await using collector = await startCollector();
  await using worker = await start(collector);
  const answer = await worker.ask("/orders");
  const { before, after, title } = await answer.json();
  assert.equal(after, before, "the span is active after await");
  assert.equal(title, "a property of the handler");
  await until(() => spansOf(collector).length === 2);
  const [work, server] = spansOf(collector);
  assert.deepEqual([server!.name, server!.kind], ["GET /orders", SERVER]);
  assert.equal(server!.spanId, before);
  assert.deepEqual([work!.name, work!.parentSpanId], ["work", before]);
  const [{ resource, headers }] = collector.requests as [
    Collector["requests"][0],
  ];
  assert.equal(collector.requests.length, 1);
  assert.equal(resource.get("service.name"), "shop");
  assert.equal(resource.get("service.version"), "1.2.0");
  assert.match(String(resource.get("service.instance.id")), /^[0-9a-f-]{36}$/);
  assert.equal(headers["authorization"], "Bearer abc");
  const text = await (await worker.ask("/metrics")).text();
  assert.match(text, /^orders_total 1$/m);
  assert.match(
    text,
    /^http_requests_total\{method="GET",route="\/orders",status_class="2xx"\} 1$/m,
  );
  assert.match(text, /^barograph_spans_exported_total 2$/m);
});

test("a collector that does not answer delays no response", async () => {
  await using collector = await startCollector();
  const gate = Promise.withResolvers<number>();
  collector.answer = () => gate.promise;
  await using worker = await start(collector);
  await worker.ask("/a");
  await until(() => collector.requests.length === 1);
  for (let i = 0; i < 5; i++) {
    assert.equal((await worker.ask("/b")).status, 200);
  }
  assert.equal(collector.requests.length, 1, "one request at a time");
  gate.resolve(200);
});

test("requests of one interval share a flush, and the last ones get one", async () => {
  await using collector = await startCollector();
  await using worker = await start(collector, 1);
  await worker.ask("/first");
  for (let i = 0; i < 5; i++) {
    await Promise.all([1, 2, 3, 4].map(() => worker.ask("/more")));
  }
  await until(() => spansOf(collector).length === 42);
  assert.ok(collector.requests.length <= 3, `${collector.requests.length}`);
});

test("spans that a collector refuses for a time are sent once more", async () => {
  await using collector = await startCollector();
  let refusals = 0;
  collector.answer = () => refusals++ < 2 ? 503 : 200;
  await using worker = await start(collector);
  for (let i = 0; i < 40 && refusals < 3; i++) {
    assert.equal((await worker.ask("/a")).status, 200);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  assert.ok(refusals >= 3);
  const [first] = collector.requests[0]!.spans;
  const ids = collector.requests[2]!.spans.map(({ spanId }) => spanId);
  assert.ok(ids.includes(first!.spanId));
  const text = await (await worker.ask("/metrics")).text();
  assert.match(text, /^barograph_span_export_retries_total 2$/m);
  assert.match(text, /^barograph_spans_lost_total 0$/m);
});

test("a handler that fails does so as before, and is recorded", async () => {
  await using collector = await startCollector();
  await using worker = await start(collector);
  assert.equal((await worker.ask("/fail")).status, 500);
  await until(() => spansOf(collector).length === 1);
  const text = await (await worker.ask("/metrics")).text();
  assert.match(
    text,
    /^http_requests_total\{method="GET",route="\/fail",status_class="5xx"\} 1$/m,
  );
});

test("cron triggers and queues have metrics and spans", async () => {
  await using collector = await startCollector();
  await using worker = await start(collector);
  const { events } = worker;
  const scheduledTime = new Date(1_700_000_000_000);
  await events.scheduled({ cron: "*/5 * * * *", scheduledTime });
  await events.scheduled({ cron: "0 0 * * *", scheduledTime });
  const message = (id: string) => ({
    id,
    timestamp: scheduledTime,
    attempts: 1,
    body: id,
  });
  await events.queue("orders", [message("a"), message("b")]);
  await events.queue("broken", [message("c")]);
  await until(() => spansOf(collector).length === 4);
  const [cron, backup, orders] = spansOf(collector);
  assert.deepEqual([cron!.name, cron!.kind], [
    "scheduled */5 * * * *",
    INTERNAL,
  ]);
  assert.equal(backup!.attributes.get("faas.cron"), "0 0 * * *");
  assert.equal(
    cron!.attributes.get("faas.time"),
    scheduledTime.toISOString(),
  );
  assert.deepEqual([orders!.name, orders!.kind], ["process orders", CONSUMER]);
  const name = "messaging.destination.name";
  assert.equal(orders!.attributes.get(name), "orders");
  const count = orders!.attributes.get("messaging.batch.message_count");
  assert.equal(Number(count), 2);
  const text = await (await worker.ask("/metrics")).text();
  for (
    const line of [
      'scheduled_events_total{path="*/5 * * * *",status="success"} 1',
      'scheduled_events_total{path="0 0 * * *",status="error"} 1',
      'queue_events_total{path="orders",status="success"} 1',
      'queue_events_total{path="broken",status="error"} 1',
      'queue_batch_messages_sum{path="orders"} 2',
      'queue_event_duration_seconds_count{path="orders"} 1',
    ]
  ) assert.ok(text.includes(`\n${line}\n`), line);
});

test("options that are wrong are logged once, and the Worker works", async () => {
  await using worker = await runWorker("observed_worker.ts", [], {
    bindings: { OTLP: "ftp://collector.example", INTERVAL: 1 },
  });
  for (let i = 0; i < 3; i++) {
    assert.equal((await worker.ask("/a")).status, 200);
  }
  await until(() => worker.logged.length > 0);
  const lines = worker.logged.join("").match(/is not observed/g);
  assert.equal(lines?.length, 1, worker.logged.join(""));
});
