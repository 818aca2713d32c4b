/** Tracers: starting spans, parents, listeners, options. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { stopwatch } from "../../src/base/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import {
  activeBaggage,
  alwaysOff,
  createTracer,
  inject,
  record,
  type Span,
  spanFromContext,
  withBaggage,
} from "../../src/trace/mod.ts";
import { CALLER, SPAN_ID, TRACE_ID, traced } from "./fixtures.ts";

test("run() ends its span once, whether its work returns, throws or rejects", async () => {
  const boom = new Error("boom");
  const { tracer, spans } = traced();
  assert.equal(tracer.run("returns", () => 42), 42);
  assert.throws(() =>
    tracer.run("throws", () => {
      throw boom;
    }), boom);
  assert.equal(await tracer.run("resolves", () => Promise.resolve(42)), 42);
  await assert.rejects(tracer.run("rejects", () => Promise.reject(boom)), boom);
  tracer.run("ends itself", (span) => span.end());
  assert.deepEqual(
    spans.map(({ name, status, events }) => [
      name,
      status.code,
      status.message,
      events.length,
    ]),
    [
      ["returns", "unset", "", 0],
      ["throws", "error", "boom", 1],
      ["resolves", "unset", "", 0],
      ["rejects", "error", "boom", 1],
      ["ends itself", "unset", "", 0],
    ],
  );
});

test("run() ends its span when the promise of its work settles", async () => {
  const { tracer, spans } = traced();
  let release!: () => void;
  const gate = new Promise<void>((resolve) => release = resolve);
  const running = tracer.run("work", async () => await gate);
  assert.equal(spans.length, 0);
  release();
  await running;
  assert.equal(spans.length, 1);
});

test("run() nests spans in one trace", () => {
  const { tracer, spans } = traced();
  tracer.run("a", () => {
    tracer.run("b", () => tracer.start("c").end());
    tracer.start("d", { parent: null }).end();
  });
  const [c, b, d, a] = spans;
  assert.equal(b?.parentSpanId, a?.context.spanId);
  assert.equal(c?.parentSpanId, b?.context.spanId);
  assert.equal(c?.context.traceId, a?.context.traceId);
  assert.equal(c?.parentIsRemote, false);
  assert.equal(d?.parentSpanId, "");
  assert.notEqual(d?.context.traceId, a?.context.traceId);
});

test("start() takes a span or a remote context as parent", () => {
  const { tracer, spans } = traced();
  const parent = tracer.start("parent");
  tracer.start("child", { parent }).end();
  tracer.start("far", {
    parent: {
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      sampled: true,
      traceState: "a=1",
    },
  }).end();
  const [child, far] = spans;
  assert.equal(child?.parentSpanId, parent.context.spanId);
  assert.equal(far?.parentSpanId, SPAN_ID);
  assert.equal(far?.context.traceId, TRACE_ID);
  assert.equal(far?.context.traceState, "a=1");
  assert.equal(far?.parentIsRemote, true);
});

test("Span.root is the outermost span of this process", () => {
  const { tracer } = traced();
  tracer.run("a", (a) => {
    tracer.run("b", () => {
      const c = tracer.start("c");
      assert.equal(c.root, a);
      assert.equal(a.root, a);
    });
  });
});

test("record() records finished work within the active span", () => {
  const clock = new FakeClock(1000);
  const { tracer, spans } = traced({ clock });
  tracer.run("request", () => {
    const watch = stopwatch(clock);
    clock.advance(2);
    record("by stopwatch", watch);
    record("by unix seconds", 1001);
    record("by date", new Date(1_000_500));
    record("failed", 1001, new Error("no table"));
    record("in the future", 5000);
    record("never", NaN);
  });
  record("outside", 1000);
  const recorded = spans.map(({ name, kind, start, end, status }) => [
    name,
    kind,
    start,
    end,
    status.message,
  ]);
  assert.deepEqual(recorded.slice(0, -1), [
    ["by stopwatch", "client", 1000, 1002, ""],
    ["by unix seconds", "client", 1001, 1002, ""],
    ["by date", "client", 1000.5, 1002, ""],
    ["failed", "client", 1001, 1002, "no table"],
    ["in the future", "client", 1002, 1002, ""],
    ["never", "client", 1002, 1002, ""],
  ]);
  assert.equal(spans[0]?.parentSpanId, spans.at(-1)?.context.spanId);
});

test("onStart() and onEnd() call listeners for each recorded span until disposed", () => {
  const tracer = createTracer();
  const calls: string[] = [];
  const listen = () => [
    tracer.onStart((span, { name }) => {
      calls.push(`start ${name} ${span.recording}`);
    }),
    tracer.onEnd(({ name }, span) => {
      calls.push(`end ${name} ${span.recording}`);
    }),
  ];
  const listening = listen();
  tracer.start("a").end();
  for (const registration of listening) registration[Symbol.dispose]();
  tracer.start("b").end();
  assert.deepEqual(calls, ["start a true", "end a false"]);
});

test("onEnd() calls a function once per registration", () => {
  const tracer = createTracer();
  let calls = 0;
  const listener = () => void calls++;
  const [first] = [tracer.onEnd(listener), tracer.onEnd(listener)];
  tracer.start("a").end();
  assert.equal(calls, 2);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  tracer.start("b").end();
  assert.equal(calls, 3);
});

test("a listener that throws affects neither the work nor other listeners", () => {
  const { tracer, spans } = traced();
  tracer.onStart(() => {
    throw new Error("listener");
  });
  tracer.onEnd(() => {
    throw new Error("listener");
  });
  let after = 0;
  tracer.onEnd(() => void after++);
  assert.equal(tracer.run("work", () => 42), 42);
  assert.equal(spans.length, 1);
  assert.equal(after, 1);
  assert.equal(tracer.stats().failures, 2);
});

test("an attribute function that throws does not fail the work", () => {
  const { tracer, spans } = traced();
  const attributes = () => {
    throw new Error("attributes");
  };
  assert.equal(tracer.run("work", () => 42, { attributes }), 42);
  assert.equal(spans.length, 1);
  assert.equal(tracer.stats().failures, 1);
});

test("named() shares everything but name and version", () => {
  const { tracer, spans } = traced({ name: "shop", version: "1" });
  const db = tracer.named("db", "7");
  tracer.run("a", () => db.run("b", () => {}));
  assert.deepEqual(spans.map(({ scope }) => ({ ...scope })), [
    { name: "db", version: "7" },
    { name: "shop", version: "1" },
  ]);
  assert.equal(db.origin, tracer);
  assert.equal(tracer.origin, tracer);
  assert.deepEqual(db.stats(), tracer.stats());
  assert.equal(tracer.stats().recorded, 2);
  assert.equal(tracer.stats().ended, 2);
});

test("a tracer without listeners records and propagates nothing", () => {
  const tracer = createTracer();
  const headers = new Headers();
  const seen: (Span | undefined)[] = [];
  const result = tracer.run("work", (span) => {
    assert.equal(span.recording, false);
    inject(headers);
    seen.push(spanFromContext());
    return 42;
  });
  assert.equal(result, 42);
  assert.equal(headers.get("traceparent"), null);
  assert.equal(tracer.stats().recorded, 0);
});

test("a tracer without listeners propagates the context of a caller", () => {
  const tracer = createTracer();
  const headers = new Headers();
  const parent = {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    sampled: true,
    traceState: "a=1",
  };
  tracer.run("work", () => inject(headers), { parent });
  assert.equal(headers.get("traceparent"), CALLER);
  assert.equal(headers.get("tracestate"), "a=1");
});

test("a tracer records only spans that start after its first listener", () => {
  const tracer = createTracer();
  const early = tracer.start("early");
  let ended = 0;
  tracer.onEnd(() => void ended++);
  early.end();
  tracer.start("late").end();
  assert.equal(ended, 1);
});

test("createTracer() refuses wrong options with advice", () => {
  const wrong = [
    { name: 1 },
    { version: null },
    { sampler: 0.1 },
    { limits: { attributes: -1 } },
    { limits: { attributes: 1.5 } },
    { limits: { stacks: 1 } },
    { limits: 128 },
    { clock: 5 },
    { random: "dice" },
    null,
  ];
  for (const options of wrong) {
    assert.throws(
      () => createTracer(options as never),
      /^(?:Type|Range)Error: Cannot make a tracer: .*(?:give|such as)/,
      JSON.stringify(options),
    );
  }
  const tracer = createTracer();
  assert.throws(() => tracer.onEnd(1 as never), /give a function/);
});

test("createTracer() refuses a misspelt option by name", () => {
  assert.throws(() => createTracer({ sampling: alwaysOff } as never), {
    name: "TypeError",
    message: 'Cannot make a tracer: there is no option "sampling"; ' +
      "give any of name, version, sampler, limits, clock, random",
  });
  assert.throws(() => createTracer({ limits: { stacks: 1 } } as never), {
    name: "TypeError",
    message: 'Cannot make a tracer: limits: there is no option "stacks"; ' +
      "give any of attributes, events, links, valueLength, totalLength",
  });
});

test("createTracer() uses the default of an undefined option", () => {
  const { tracer, spans } = traced({
    name: undefined,
    version: undefined,
    sampler: undefined,
    limits: { attributes: undefined, events: 1 },
    clock: undefined,
    random: undefined,
  });
  const span = tracer.start("work");
  for (let i = 0; i < 130; i++) span.setAttribute(`a${i}`, i);
  span.addEvent("first").addEvent("second").end();
  assert.equal(tracer.name, "barograph");
  assert.deepEqual(spans[0]?.dropped, { attributes: 2, events: 1, links: 0 });
});

test("run() replaces the active baggage by the option `baggage`", () => {
  const { tracer } = traced();
  const baggage = new Map([["tenant", { value: "blue" }]]);
  withBaggage({ region: "eu" }, () => {
    tracer.run("inherits", () => {
      assert.deepEqual([...activeBaggage().keys()], ["region"]);
    });
    tracer.run("replaces", () => {
      assert.deepEqual([...activeBaggage().keys()], ["tenant"]);
    }, { baggage });
  });
});
