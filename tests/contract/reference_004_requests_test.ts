/** The request checks of reference 004: requests as events, in order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { busFromContext, type RequestEvents } from "../../src/bridge/mod.ts";
import type { BusEvent } from "../../src/bus/mod.ts";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import {
  createTelemetry,
  type Telemetry,
  type TelemetryOptions,
} from "../../src/telemetry/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import {
  createTracer,
  inject,
  record,
  spanFromContext,
} from "../../src/trace/mod.ts";

type Event = BusEvent<RequestEvents>;

function setUp(
  options: TelemetryOptions = {},
): { telemetry: Telemetry; events(): Event[] } {
  const telemetry = createTelemetry({
    registry: createRegistry(),
    service: "pets",
    ...options,
  });
  const events = (): Event[] => {
    using all = telemetry.bus.subscribe({ after: 0 });
    const found: Event[] = [];
    for (let next = all.read(); next !== undefined; next = all.read()) {
      if (next.gap === undefined) found.push(next as Event);
    }
    return found;
  };
  return { telemetry, events };
}

const visit = (headers: Record<string, string> = {}) =>
  new Request("http://localhost/pets?token=secret", { headers });

test("004.10 a request gives start, downstream and end events of one trace", async () => {
  const clock = new FakeClock();
  const { telemetry, events } = setUp({ clock });
  const handler = telemetry.observe(async () => {
    await Promise.resolve();
    const start = clock.unix();
    clock.advance(0.005);
    record("db.pets.list", start);
    record("db.pets.fail", start, new Error("no such table"));
    return new Response("[]");
  }, { route: "/pets" });
  await handler(visit());
  const found = events();
  assert.deepEqual(found.map(({ topic }) => topic), [
    "request.start",
    "downstream",
    "downstream",
    "request.end",
  ]);
  const [start, list, fail, end] = found.map(({ data }) => data) as [
    RequestEvents["request.start"],
    RequestEvents["downstream"],
    RequestEvents["downstream"],
    RequestEvents["request.end"],
  ];
  const { traceId, spanId } = start;
  assert.match(traceId, /^[0-9a-f]{32}$/);
  const facts = {
    traceId,
    spanId,
    service: "pets",
    endpoint: "GET /pets",
    transport: "rest",
    method: "GET",
    path: "/pets",
  };
  assert.deepEqual(start, facts);
  assert.deepEqual(end, { ...facts, status: 200, durationMs: 5 });
  assert.equal(list.traceId, traceId);
  assert.equal(list.parentId, spanId);
  assert.equal(list.message, "db.pets.list");
  assert.equal(list.endpoint, "GET /pets");
  assert.equal(list.durationMs, 5);
  assert.equal(list.error, undefined);
  assert.equal(fail.error, "no such table");
});

test("004.11 a handler that throws gives an end event with status and error", async () => {
  const { telemetry, events } = setUp();
  const failures = [(): never => {
    throw new Error("boom");
  }, () => Promise.reject(new Error("boom"))];
  for (const fail of failures) {
    const handler = telemetry.observe(fail);
    await assert.rejects(async () => await handler(visit()), /boom/);
  }
  const ends = events().filter(({ topic }) => topic === "request.end");
  assert.equal(ends.length, 2);
  for (const { data } of ends as BusEvent<RequestEvents, "request.end">[]) {
    assert.equal(data.status, 500);
    assert.equal(data.error, "boom");
  }
});

test("004.12 nested work finds its span and bus, other work finds none", async () => {
  const { telemetry, events } = setUp();
  const nested = async () => {
    await new Promise((resolve) => setTimeout(resolve));
    return [spanFromContext()?.context.traceId, busFromContext()] as const;
  };
  let inside: Awaited<ReturnType<typeof nested>> | undefined;
  const handler = telemetry.observe(async () => {
    inside = await nested();
    return new Response();
  });
  await handler(visit());
  const before = events();
  const [{ data }] = before as [BusEvent<RequestEvents, "request.start">];
  assert.equal(inside?.[0], data.traceId);
  assert.equal(inside[1], telemetry.bus);
  assert.deepEqual(await nested(), [undefined, undefined]);
  record("db.outside", 0);
  assert.equal(events().length, before.length);
});

test("004.15 a later version of traceparent is continued, unknown flags are passed on", async () => {
  const { telemetry, events } = setUp();
  const handler = telemetry.observe(() => new Response());
  const id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const later = ["01", "cc", "fe"].flatMap((version) =>
    ["", "-what-comes-later"].map((rest) =>
      `${version}-${id}-00f067aa0ba902b7-01${rest}`
    )
  );
  for (const traceparent of later) await handler(visit({ traceparent }));
  const starts = events()
    .filter(({ topic }) => topic === "request.start")
    .map(({ data }) => data as RequestEvents["request.start"]);
  assert.deepEqual(starts.map(({ traceId }) => traceId), later.map(() => id));

  const sent = new Headers();
  const passing = instrumentHandler(() => {
    inject(sent);
    return new Response();
  }, { tracer: createTracer(), registry: createRegistry() });
  for (const traceparent of [`00-${id}-00f067aa0ba902b7-ff`, ...later]) {
    await passing(visit({ traceparent }));
    assert.equal(sent.get("traceparent"), traceparent);
  }
});

test("004.15 a valid traceparent is continued, an invalid one starts a new trace", async () => {
  const { telemetry, events } = setUp();
  const handler = telemetry.observe(() => new Response());
  const id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const wrong = [
    `00-${id.slice(1)}-00f067aa0ba902b7-01`,
    `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
    `00-${id}-${"0".repeat(16)}-01`,
    `00-${id.toUpperCase()}-00f067aa0ba902b7-01`,
    `01-${id}-00f067aa0ba902b7-01.more`,
    `ff-${id}-00f067aa0ba902b7-01`,
    `00-${id}-00f067aa0ba902b7-01-more`,
    `00-${id}-00f067aa0ba902b7-zz`,
    "x".repeat(100_000),
  ];
  for (const traceparent of [`00-${id}-00f067aa0ba902b7-01`, ...wrong]) {
    await handler(visit({ traceparent }));
  }
  const [inherited, ...fresh] = events()
    .filter(({ topic }) => topic === "request.start")
    .map(({ data }) => data as RequestEvents["request.start"]);
  assert.equal(inherited?.traceId, id);
  assert.equal(inherited.parentId, "00f067aa0ba902b7");
  assert.equal(fresh.length, wrong.length);
  for (const { traceId, parentId } of fresh) {
    assert.match(traceId, /^[0-9a-f]{32}$/);
    assert.notEqual(traceId, id);
    assert.equal(parentId, undefined);
  }
});
