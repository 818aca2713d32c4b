/** Answers, requests and hooks that misbehave: they never fail the work. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  instrumentEvents,
  type InstrumentEventsOptions,
  instrumentHandler,
  type InstrumentOptions,
} from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { request, setUp, traced } from "./fixtures.ts";

const boom = (): never => {
  throw new Error("boom");
};
const late = (): never => Promise.reject(new Error("late")) as never;
const hostile: unknown = new Proxy({}, { get: boom, has: boom });
/** A proxy that can be awaited. */
const opaque = new Proxy({}, {
  get: (_, key) => key === "then" ? undefined : boom(),
});

test("instrumentHandler() passes any answer on, and no request stays in flight", async () => {
  const answers: readonly unknown[] = [
    null,
    "text",
    { status: 200, headers: { "content-length": "5" } },
    { status: 200, headers: null },
    { status: 200, headers: { get: boom } },
    { status: 200, headers: { get: () => 5 } },
    Object.defineProperty({ status: 200 }, "headers", { get: boom }),
    Object.defineProperty({}, "status", { get: boom }),
    { status: 1n },
    { status: NaN },
    hostile,
    opaque,
    Object.create(Response.prototype),
  ];
  for (const answer of answers) {
    const { registry, inFlight } = setUp();
    const { tracer, spans } = traced();
    const options = { registry, tracer };
    const atOnce = instrumentHandler(() => answer as Response, options);
    assert.equal(atOnce(request()), answer);
    if (answer !== hostile) {
      const later = instrumentHandler(
        () => Promise.resolve(answer as Response),
        options,
      );
      assert.equal(await later(request()), answer);
    }
    assert.equal(inFlight(), 0);
    assert.ok(spans.every(({ end, start }) => end >= start));
    assert.ok(spans.length > 0);
  }
});

test("instrumentHandler() handles requests that are none", () => {
  const requests: readonly unknown[] = [
    {},
    { method: "GET", url: "/path", headers: { "content-length": "5" } },
    { method: "POST", url: "http://a.example/", headers: { get: boom } },
    { method: 5 },
    hostile,
    null,
    undefined,
  ];
  for (const one of requests) {
    const { registry } = setUp();
    const { tracer } = traced();
    const answer = new Response();
    const handler = instrumentHandler(() => answer, { registry, tracer });
    assert.equal(handler(one as Request), answer);
  }
});

test("instrumentHandler() is not affected by hooks that throw or reject", async () => {
  const clocks = [
    { unix: boom, mono: boom },
    { unix: () => NaN, mono: () => "1" as never },
  ];
  for (const hook of [boom, late]) {
    const options: readonly InstrumentOptions[] = [
      { route: hook },
      { ignore: hook },
      { filter: hook },
      { attributes: hook },
      { userId: hook },
      ...clocks.map((clock) => ({ clock })),
    ];
    for (const option of options) {
      const { registry, inFlight } = setUp();
      const { tracer, spans } = traced();
      const answer = new Response();
      const mine = new Error("mine");
      const good = instrumentHandler(() => answer, {
        registry,
        tracer,
        ...option,
      });
      const bad = instrumentHandler(() => Promise.reject(mine), {
        registry,
        tracer,
        ...option,
      });
      assert.equal(good(request()), answer);
      await assert.rejects(bad(request()), mine);
      assert.equal(inFlight(), 0);
      assert.equal(spans.length, 2);
    }
  }
});

test("instrumentEvents() is not affected by hooks that throw or reject", async () => {
  const mine = new Error("mine");
  for (const hook of [boom, late]) {
    const options: readonly InstrumentEventsOptions<unknown>[] = [
      { record: hook },
      { route: hook },
      { spanName: hook },
      { filter: hook },
      { attributes: hook },
      { outcome: hook },
      { headers: hook },
      { headers: () => ({ get: hook }) },
      { clock: { unix: hook, mono: hook } },
    ];
    for (const option of options) {
      for (const { tracer } of [traced(), { tracer: undefined }]) {
        const registry = createRegistry();
        const measure = instrumentEvents({ registry, tracer, ...option });
        assert.equal(measure({}, () => "result"), "result");
        assert.equal(await measure({}, () => Promise.resolve(7)), 7);
        assert.throws(() =>
          measure({}, () => {
            throw mine;
          }), mine);
        await assert.rejects(measure({}, () => Promise.reject(mine)), mine);
      }
    }
  }
});

test("instrumentEvents() measures a generator to its end, in its span", async () => {
  const { tracer, spans } = traced();
  const measure = instrumentEvents({ registry: createRegistry(), tracer });
  const events = measure({}, () =>
    (async function* () {
      yield 1;
      tracer.run("inner", () => {});
      yield 2;
    })());
  for await (const _ of events) assert.ok(spans.length < 2);
  const [inner, event] = spans;
  assert.equal(inner?.parentSpanId, event?.context.spanId);
});
