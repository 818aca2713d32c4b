// Attributes of spans were cut at 4096 units, but messages, names and stack traces
// were not: 300 failing requests of 1 MiB held 300 MiB, and each reader as much.
import assert from "node:assert/strict";
import { test } from "node:test";
import { publishScrapes, type ScrapeEvents } from "../../src/bridge/mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";
import { SPAN_ID, TRACE_ID, traced } from "../trace/fixtures.ts";

const MIB = "x".repeat(2 ** 20);
const LINKED = {
  traceId: TRACE_ID,
  spanId: SPAN_ID,
  sampled: true,
  traceState: "",
};

test("a failed request keeps at most 4096 units of each text", async () => {
  const telemetry = createTelemetry({ registry: createRegistry() });
  const records: unknown[] = [];
  telemetry.tracer.onEnd((record) => void records.push(record));
  const app = telemetry.observe(async (request: Request) => {
    throw new Error(await request.text());
  }, { route: "/" });
  const request = new Request("http://localhost/", {
    method: "POST",
    body: MIB,
  });
  await assert.rejects(async () => await app(request));
  using events = telemetry.bus.subscribe({ after: 0 });
  const kept = [...records];
  for (let event = events.read(); event; event = events.read()) {
    kept.push(event);
  }
  assert.equal(kept.length, 3);
  for (const one of kept) assert.ok(JSON.stringify(one).length < 20_000);
  await telemetry.close();
});

test("names and messages of spans are cut, and long names of attributes dropped", () => {
  const { tracer, spans } = traced();
  const library = tracer.named(MIB, MIB);
  library.start(MIB, { links: [{ context: LINKED, attributes: { a: MIB } }] })
    .setStatus("error", MIB)
    .addEvent(MIB, { a: MIB, [MIB]: 1 })
    .recordException(Object.assign(new Error(MIB), { name: MIB, stack: MIB }))
    .setAttribute(MIB, 1)
    .end();
  const [record] = spans;
  const cut = "x".repeat(4096);
  assert.deepEqual(
    [record?.name, record?.status.message, record?.scope.name],
    [cut, cut, cut],
  );
  assert.deepEqual(record?.events.map(({ name }) => name), [cut, "exception"]);
  assert.deepEqual(
    [record.events[0]?.attributes, record.links[0]?.attributes],
    [{ a: cut }, { a: cut }],
  );
  assert.equal(record.dropped.attributes, 2);
  assert.ok(JSON.stringify(record).length < 50_000);
});

test("totalLength bounds attributes, events and links together", () => {
  const { tracer, spans } = traced();
  const span = tracer.start("work");
  const list = Array(128).fill("x".repeat(4096));
  const long = list[0];
  for (let i = 0; i < 100; i++) {
    span.setAttribute(`list ${i}`, list).setAttribute(`text ${i}`, long)
      .addEvent("event", { list, long }).addLink(LINKED, { list, long });
  }
  span.end();
  const { attributes, events, links, dropped } = spans[0]!;
  const size = JSON.stringify([attributes, events, links]).length;
  assert.ok(size > 60_000 && size < 100_000, `${size}`);
  assert.ok(dropped.attributes > 100);
  assert.ok(dropped.events > 0 && dropped.links > 0);
  assert.ok(tracer.stats().dropped.limit > 100);
});

test("totalLength counts what a span has, not what it once had", () => {
  const { tracer, spans } = traced({ limits: { totalLength: 1000 } });
  const span = tracer.start("work");
  for (let i = 0; i < 100; i++) span.setAttribute("text", "x".repeat(900));
  span.setAttribute("text", "x").setAttribute("other", "y".repeat(900)).end();
  assert.equal(tracer.stats().dropped.limit, 0);
  assert.deepEqual(Object.keys(spans[0]!.attributes), ["text", "other"]);
});

test("the event of a failed source is bounded", () => {
  const bus = createBus<ScrapeEvents>();
  const observer = publishScrapes(bus);
  const source = {
    descs: [{ name: MIB, type: "gauge", help: "", unit: "", labels: [] }],
    collect() {},
  };
  observer.failed?.(source as never, new Error(MIB));
  using events = bus.subscribe({ after: 0 });
  assert.ok(JSON.stringify(events.read()).length < 10_000);
});
