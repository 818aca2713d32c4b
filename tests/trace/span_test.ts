/** Spans: their data, limits, times and end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../src/testing/mod.ts";
import type { AttributeValue, SpanContext } from "../../src/trace/mod.ts";
import { SPAN_ID, TRACE_ID, traced } from "./fixtures.ts";

const ELSEWHERE: SpanContext = {
  traceId: TRACE_ID,
  spanId: SPAN_ID,
  sampled: true,
  traceState: "",
};

test("a span record contains all data from start to end", () => {
  const clock = new FakeClock(1000);
  const { tracer, spans } = traced({ name: "shop", version: "2", clock });
  const span = tracer.start("first", {
    kind: "client",
    attributes: { a: 1 },
    links: [{ context: ELSEWHERE, attributes: { why: "batch" } }],
  });
  clock.advance(1);
  span.setAttribute("b", true).setAttributes({ c: "x", d: [1, 2] })
    .addEvent("hit", { n: 1 }).updateName("second").setStatus("ok");
  clock.advance(2);
  assert.equal(span.recording, true);
  span.end();
  assert.equal(span.recording, false);
  assert.deepEqual(spans, [{
    name: "second",
    kind: "client",
    context: span.context,
    parentSpanId: "",
    parentIsRemote: false,
    start: 1000,
    end: 1003,
    attributes: { a: 1, b: true, c: "x", d: [1, 2] },
    events: [{ name: "hit", time: 1001, attributes: { n: 1 } }],
    links: [{ context: ELSEWHERE, attributes: { why: "batch" } }],
    status: { code: "ok", message: "" },
    dropped: { attributes: 0, events: 0, links: 0 },
    scope: { name: "shop", version: "2" },
  }]);
});

test("end() ends a span once; later changes are ignored", () => {
  const clock = new FakeClock(1000);
  const { tracer, spans } = traced({ clock });
  const span = tracer.start("work");
  clock.advance(1);
  span.end();
  clock.advance(1);
  span.end();
  span.setAttribute("late", 1).addEvent("late").addLink(ELSEWHERE)
    .recordException(new Error("late")).setStatus("error").updateName("late");
  span.end(5000);
  assert.equal(spans.length, 1);
  assert.deepEqual(spans[0]?.attributes, {});
  assert.equal(spans[0].events.length + spans[0].links.length, 0);
  assert.deepEqual([spans[0].name, spans[0].end], ["work", 1001]);
  assert.equal(spans[0].status.code, "unset");
});

test("`using` ends a span with its block, also after an exception", () => {
  const { tracer, spans } = traced();
  const work = () => {
    using span = tracer.start("work");
    span.setAttribute("a", 1);
    throw new Error("boom");
  };
  assert.throws(work, /boom/);
  assert.equal(spans.length, 1);
});

test("setAttribute() drops and counts invalid values, and ignores undefined and null", () => {
  const { tracer, spans } = traced();
  const span = tracer.start("work");
  const wrong: readonly unknown[] = [
    {},
    () => {},
    Symbol("x"),
    1n,
    [1, "a"],
    [{}],
    [null],
    new Map(),
    Array(129).fill(1),
  ];
  for (const value of wrong) span.setAttribute("x", value as AttributeValue);
  span.setAttribute("", 1).setAttribute("__proto__", 1);
  span.setAttribute("u", undefined).setAttribute("n", null);
  span.setAttribute("list", []).setAttribute("nan", NaN);
  span.end();
  assert.deepEqual({ ...spans[0]?.attributes }, { list: [], nan: NaN });
  assert.equal(spans[0]?.dropped.attributes, wrong.length + 2);
});

test("setAttribute() accepts lists of up to 128 items", () => {
  const { tracer, spans } = traced();
  tracer.start("work").setAttribute("list", Array(128).fill("x")).end();
  assert.deepEqual(spans[0]?.attributes["list"], Array(128).fill("x"));
});

test("setAttribute() copies lists", () => {
  const { tracer, spans } = traced();
  const list = [1, 2];
  const span = tracer.start("work").setAttribute("list", list);
  list.push(3);
  span.end();
  assert.deepEqual(spans[0]?.attributes["list"], [1, 2]);
});

test("limits drop and count excess data; existing attributes can still change", () => {
  const { tracer, spans } = traced({
    limits: { attributes: 2, events: 1, links: 1, valueLength: 4 },
  });
  const span = tracer.start("work", { attributes: { a: 1, b: 2, c: 3 } });
  span.setAttribute("a", "changed").setAttribute("d", 4);
  for (let i = 0; i < 3; i++) span.addEvent("e").addLink(ELSEWHERE);
  span.end();
  const [record] = spans;
  assert.deepEqual({ ...record?.attributes }, { a: "chan", b: 2 });
  assert.deepEqual(record?.dropped, { attributes: 2, events: 2, links: 2 });
  assert.equal(record.events.length, 1);
  assert.equal(record.links.length, 1);
});

test("valueLength cuts strings between characters, not within one", () => {
  const { tracer, spans } = traced({ limits: { valueLength: 3 } });
  tracer.start("work", { attributes: { text: "ab🚀" } }).end();
  const cut = String(spans[0]?.attributes["text"]);
  assert.ok(cut.isWellFormed());
  assert.match(cut, /^ab/);
});

test("recordException() adds an event and leaves the status", () => {
  const { tracer, spans } = traced();
  tracer.start("work").recordException(new RangeError("boom")).end();
  const [record] = spans;
  assert.equal(record?.status.code, "unset");
  const [event] = record.events;
  assert.equal(event?.name, "exception");
  assert.equal(event.attributes["exception.type"], "RangeError");
  assert.equal(event.attributes["exception.message"], "boom");
  assert.match(String(event.attributes["exception.stacktrace"]), /span_test/);
});

test("recordException() accepts any thrown value", () => {
  const hostile = {
    get message(): string {
      throw new Error("no");
    },
    get stack(): string {
      throw new Error("no");
    },
  };
  const { tracer, spans } = traced();
  const span = tracer.start("work");
  for (const thrown of ["text", null, undefined, 7, {}, hostile]) {
    span.recordException(thrown);
  }
  span.end();
  const recorded = spans[0]?.events.map(({ attributes }) => [
    attributes["exception.type"],
    attributes["exception.message"],
  ]);
  assert.deepEqual(recorded, [
    ["string", "text"],
    ["null", "null"],
    ["undefined", "undefined"],
    ["number", "7"],
    ["object", ""],
    ["object", ""],
  ]);
});

test("setStatus() keeps ok, and lets an error become ok", () => {
  const { tracer, spans } = traced();
  tracer.start("a").setStatus("ok").setStatus("error", "late").end();
  tracer.start("b").setStatus("error", "bad").end();
  tracer.start("c").setStatus("error", "bad").setStatus("ok").end();
  assert.deepEqual(spans.map(({ status }) => status), [
    { code: "ok", message: "" },
    { code: "error", message: "bad" },
    { code: "ok", message: "" },
  ]);
});

test("start() and end() accept times; a span never ends before its start", () => {
  const clock = new FakeClock(1000);
  const { tracer, spans } = traced({ clock });
  tracer.start("a", { start: 990 }).addEvent("e", {}, 995).end(998);
  tracer.start("b", { start: 2000 }).end();
  assert.deepEqual(spans.map(({ start, end }) => [start, end]), [
    [990, 998],
    [2000, 2000],
  ]);
  assert.equal(spans[0]?.events[0]?.time, 995);
});

test("spans of one trace agree on the time even if the system clock is set", () => {
  const clock = new FakeClock(1000);
  let jump = 0;
  const jumping = {
    unix: () => clock.unix() + jump,
    mono: () => clock.mono(),
  };
  const { tracer, spans } = traced({ clock: jumping });
  tracer.run("outer", () => {
    clock.advance(1);
    jump = -500;
    tracer.run("inner", () => clock.advance(1));
    clock.advance(1);
  });
  assert.deepEqual(spans.map(({ start, end }) => [start, end]), [
    [1001, 1002],
    [1000, 1003],
  ]);
});

test("the record of an ended span is frozen", () => {
  const { tracer, spans } = traced();
  tracer.start("work").end();
  assert.ok(Object.isFrozen(spans[0]));
});
