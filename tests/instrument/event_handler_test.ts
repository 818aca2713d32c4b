/** Middleware of chains `(ctx, next)`: events, messages, jobs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCategory, instrumentEvents } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { distributionOf, FakeClock, valueOf } from "../../src/testing/mod.ts";
import {
  activeBaggage,
  spanFromContext,
  withBaggage,
} from "../../src/trace/mod.ts";
import { traced } from "./fixtures.ts";

interface Job {
  readonly queue?: string;
  readonly headers?: Headers;
}

test("instrumentEvents() counts and times an event, and returns the result of next()", async () => {
  const registry = createRegistry();
  const clock = new FakeClock();
  const measure = instrumentEvents<Job>({
    registry,
    clock,
    namespace: "jobs",
    route: ({ queue }) => queue,
  });
  assert.equal(measure({ queue: "mail" }, () => 42), 42);
  const later = measure({ queue: "mail" }, async () => {
    await Promise.resolve();
    clock.advance(2);
    return "done";
  });
  assert.equal(await later, "done");
  const at = { path: "mail" };
  const status = { ...at, status: "success" };
  assert.equal(valueOf(registry, "jobs_events_total", status), 2);
  const name = "jobs_event_duration_seconds";
  assert.equal(distributionOf(registry, name, at)?.sum, 2);
});

test("instrumentEvents() counts a failed event once by category, and passes the error on", async () => {
  const registry = createRegistry();
  const measure = instrumentEvents<Job>({ registry });
  const boom = new Error("Rate Limit exceeded");
  assert.throws(() =>
    measure({}, () => {
      throw boom;
    }), boom);
  await assert.rejects(measure({}, () => Promise.reject(boom)), boom);
  const at = { path: "unknown" };
  const error = { ...at, status: "error" };
  assert.equal(valueOf(registry, "events_total", error), 2);
  const kind = { ...at, error_type: "rate_limit" };
  assert.equal(valueOf(registry, "event_errors_total", kind), 2);
  const name = "event_duration_seconds";
  assert.equal(distributionOf(registry, name, at)?.count, 2);
});

test("instrumentEvents() nests: each middleware measures the rest of the chain", async () => {
  const { tracer, spans } = traced();
  const outer = instrumentEvents<Job>({
    registry: createRegistry(),
    tracer,
    spanName: () => "outer",
  });
  const inner = instrumentEvents<Job>({
    registry: createRegistry(),
    tracer,
    spanName: () => "inner",
    kind: "consumer",
  });
  await outer({}, () => inner({}, () => Promise.resolve()));
  assert.deepEqual(spans.map(({ name }) => name), ["inner", "outer"]);
  assert.equal(spans[0]?.parentSpanId, spans[1]?.context.spanId);
  assert.equal(spans[0]?.kind, "consumer");
  assert.equal(spans[1]?.kind, "server");
});

test("instrumentEvents() continues the trace in the headers of a message", async () => {
  const { tracer, spans } = traced();
  const sent = new Headers();
  const measure = instrumentEvents<Job>({
    registry: createRegistry(),
    tracer,
    headers: ({ headers }) => headers,
  });
  sent.set(
    "traceparent",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  );
  sent.set("baggage", "tenant=blue");
  let tenant: string | undefined;
  await measure({ headers: sent }, async () => {
    await Promise.resolve();
    tenant = activeBaggage().get("tenant")?.value;
  });
  assert.equal(tenant, "blue");
  assert.equal(spans[0]?.parentSpanId, "00f067aa0ba902b7");
  await measure({}, () => Promise.resolve());
  assert.equal(spans[1]?.parentSpanId, "");
});

test("instrumentEvents() starts a child of the active span if there are no headers", () => {
  const { tracer, spans } = traced();
  const measure = instrumentEvents({ registry: createRegistry(), tracer });
  tracer.run("session", () => measure({}, () => {}));
  assert.equal(spans[0]?.parentSpanId, spans[1]?.context.spanId);
});

test("instrumentEvents() keeps the active baggage if the headers have no context", () => {
  const { tracer } = traced();
  const measure = instrumentEvents<Job>({
    registry: createRegistry(),
    tracer,
    headers: () => new Headers(),
  });
  const tenant = withBaggage(
    { tenant: "blue" },
    () => measure({}, () => activeBaggage().get("tenant")?.value),
  );
  assert.equal(tenant, "blue");
});

test("instrumentEvents() takes baggage from headers without a traceparent", () => {
  const { tracer } = traced();
  const measure = instrumentEvents<Job>({
    registry: createRegistry(),
    tracer,
    headers: () => new Headers({ baggage: "tenant=red" }),
  });
  const tenant = withBaggage(
    { tenant: "blue" },
    () => measure({}, () => activeBaggage().get("tenant")?.value),
  );
  assert.equal(tenant, "red");
});

test("instrumentEvents() hides the outer span from an event that `filter` excludes", () => {
  const { tracer, spans } = traced();
  const registry = createRegistry();
  const measure = instrumentEvents<Job>({
    registry,
    tracer,
    filter: ({ queue }) => queue !== "health",
  });
  const inside = tracer.run(
    "outside",
    () => measure({ queue: "health" }, () => spanFromContext()),
  );
  assert.equal(inside, undefined);
  assert.deepEqual(spans.map(({ name }) => name), ["outside"]);
  measure({ queue: "mail" }, () => {});
  assert.equal(spans.length, 2);
  const at = { path: "unknown", status: "success" };
  assert.equal(valueOf(registry, "events_total", at), 2);
});

test("instrumentEvents() ignores option functions that throw or return a wrong type", () => {
  const fail = (): never => {
    throw new Error("choice");
  };
  for (const choice of [fail, (() => 42) as never]) {
    const registry = createRegistry();
    const { tracer, spans } = traced();
    const measure = instrumentEvents({
      registry,
      tracer,
      route: choice,
      spanName: choice,
      filter: choice,
      attributes: choice,
      outcome: choice,
      headers: choice,
    });
    assert.equal(measure({}, () => "fine"), "fine");
    assert.equal(spans[0]?.name, "event unknown");
    const at = { path: "unknown", status: "success" };
    assert.equal(valueOf(registry, "events_total", at), 1);
  }
});

test("instrumentEvents() leaves no span active after the event", async () => {
  const { tracer } = traced();
  const measure = instrumentEvents({ registry: createRegistry(), tracer });
  await measure({}, () => Promise.resolve());
  assert.equal(spanFromContext(), undefined);
});

test("errorCategory() accepts any thrown value", () => {
  const throws = {
    get message(): string {
      throw new Error();
    },
  };
  for (const nothing of [undefined, null, 1, {}, throws, "", new Error("")]) {
    assert.equal(errorCategory(nothing), "unknown");
  }
  assert.equal(errorCategory("user NOT FOUND"), "not_found");
  assert.equal(errorCategory({ message: "disk full" }), "internal");
});

test("instrumentEvents() throws on a wrong or misspelt option", () => {
  const wrong = { tracer: 1, namespace: 1, route: "x", kinds: "server" };
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(
      () => instrumentEvents({ [name]: value } as never),
      TypeError,
      name,
    );
  }
});
