/** `captureConsole`: events of the console, without loops and without harm. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { captureConsole, type ConsoleLike } from "../../src/logs/mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import * as fc from "../support/property.ts";

type Line = readonly [method: string, ...args: unknown[]];
type Event = readonly [
  severity: string,
  message: string,
  fields?: Readonly<Record<string, unknown>>,
];

/** Returns a console that stores its lines. */
function fakeConsole(): { readonly console: ConsoleLike; lines: Line[] } {
  const lines: Line[] = [];
  const method = (name: string) => (...args: unknown[]) =>
    void lines.push([name, ...args]);
  const console = {
    debug: method("debug"),
    log: method("log"),
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
  };
  return { console, lines };
}

/** Captures a fake console into a list of events. */
function setUp() {
  const { console, lines } = fakeConsole();
  const events: Event[] = [];
  const timers = new FakeTimers();
  const target = { log: (...event: Event) => void events.push(event) };
  const capture = captureConsole(target, { console, timers });
  return { console, lines, events, timers, capture };
}

test("each method is an event of its severity, and still prints", () => {
  const { console, lines, events, capture } = setUp();
  console.debug("a");
  console.log("b");
  console.info("c");
  console.warn("d", 1);
  console.error("e");
  assert.deepEqual(events, [
    ["debug", "a", undefined],
    ["info", "b", undefined],
    ["info", "c", undefined],
    ["warn", "d 1", undefined],
    ["error", "e", undefined],
  ]);
  assert.deepEqual(lines.map(([method]) => method), [
    "debug",
    "log",
    "info",
    "warn",
    "error",
  ]);
  assert.deepEqual(lines[3], ["warn", "d", 1]);
  capture[Symbol.dispose]();
  console.log("f");
  assert.equal(events.length, 5);
  assert.equal(lines.length, 6);
});

test("the message is the text of the console, and an error is a field", () => {
  const { console, events } = setUp();
  const error = new RangeError("out of tea");
  console.log(
    "%s has %d of %i, %f%%, %j %o %c!",
    "x",
    "2",
    2.7,
    0.5,
    {
      a: 1,
    },
    [1],
    "color: red",
    "rest",
  );
  console.log("%s", "%s", 1);
  console.log("100%", 1n, undefined, null, true, Symbol("s"));
  console.log("%d %i", {}, Symbol("s"));
  console.log("%s and %s", "one");
  console.error("failed:", error, { id: 7n, at: new Date(0) });
  console.log();
  console.log(function brew() {}, new Map([["a", 1]]), new Set([2]));
  assert.deepEqual(events.map(([, message]) => message), [
    'x has 2 of 2, 0.5%, {"a":1} [1] ! rest',
    "%s 1",
    "100% 1 undefined null true Symbol(s)",
    "NaN NaN",
    "one and %s",
    'failed: RangeError: out of tea {"id":7,"at":"1970-01-01T00:00:00.000Z"}',
    "",
    '[function brew] {"a":1} [2]',
  ]);
  assert.deepEqual(events[5]![2], { error });
  assert.equal(events[0]![2], undefined);
});

test("lines that the target prints are not captured", () => {
  const { console, lines } = fakeConsole();
  const events: string[] = [];
  using _ = captureConsole({
    log(_severity, message) {
      events.push(message);
      console.error("I log as well");
    },
  }, { console });
  console.log("a");
  console.log("b");
  assert.deepEqual(events, ["a", "b"]);
  assert.equal(lines.length, 4);
});

test("a subscriber that prints each event does not print for ever", async () => {
  const { console, lines } = fakeConsole();
  const bus = createBus<{ log: string }>();
  const timers = new FakeTimers();
  using capture = captureConsole({
    log: (_severity, message) => bus.publish("log", message),
  }, { console, timers });
  const events = bus.subscribe({ topics: ["log"] });
  const printing = (async () => {
    for await (const event of events) {
      if (event.gap === undefined) console.log(`got ${event.id}`);
    }
  })();
  console.log("first");
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(bus.newest, 1000);
  assert.ok(lines.length <= 1001);
  timers.advance(0);
  capture.original.log("not captured");
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(bus.newest, 1000, "the loop has ended");
  console.log("captured again");
  assert.equal(bus.newest, 1001);
  bus.close();
  await printing;
});

test("a timer that never fires ends the capture for 1000 lines at most", () => {
  const { console } = fakeConsole();
  const seen: string[] = [];
  const pending: (() => void)[] = [];
  const after = (_seconds: number, work: () => void) => {
    if (pending.push(work) === 1) throw new Error("outside of a request");
    return () => {};
  };
  const timers = { after, every: after };
  const log = (_severity: unknown, message: string) => void seen.push(message);
  using _capture = captureConsole({ log }, { console, timers });
  for (let i = 0; i < 2500; i++) console.log(String(i));
  assert.equal(pending.length, 3);
  assert.equal(seen.length, 1000);
  pending[2]!();
  console.log("again");
  assert.equal(seen.at(-1), "again");
});

test("captures may be nested, and end in any order", () => {
  const { console, lines } = fakeConsole();
  const before = { ...console };
  const first: string[] = [];
  const second: string[] = [];
  const a = captureConsole({
    log: (_, message) => first.push(message),
  }, { console });
  const b = captureConsole({
    log: (_, message) => second.push(message),
  }, { console });
  console.log("1");
  a[Symbol.dispose]();
  console.log("2");
  b[Symbol.dispose]();
  console.log("3");
  assert.deepEqual(first, ["1"]);
  assert.deepEqual(second, ["1", "2"]);
  assert.equal(lines.length, 3);
  const c = captureConsole({ log: () => {} }, { console });
  c[Symbol.dispose]();
  c[Symbol.dispose]();
  const inherited = Object.create(before) as ConsoleLike;
  captureConsole({ log: () => {} }, { console: inherited })
    [Symbol.dispose]();
  assert.deepEqual(Object.keys(inherited), []);
});

test("only the chosen methods are captured", () => {
  const { console } = fakeConsole();
  const { log } = console;
  const events: string[] = [];
  using capture = captureConsole({
    log: (severity) => events.push(severity),
  }, { console, methods: ["error"] });
  assert.equal(console.log, log);
  console.warn("a");
  console.error("b");
  capture.original.error("c");
  assert.deepEqual(events, ["error"]);
});

test("whatever is printed or thrown, the console works on", () => {
  const hostile = new Proxy({}, {
    get: () => {
      throw new Error("get");
    },
    ownKeys: () => {
      throw new Error("ownKeys");
    },
    getPrototypeOf: () => {
      throw new Error("getPrototypeOf");
    },
  });
  const loop: Record<string, unknown> = {};
  loop["loop"] = loop;
  const anything = fc.oneof(
    fc.anything({ withBigInt: true, withSparseArray: true, withDate: true }),
    fc.constantFrom(hostile, loop, Symbol.iterator, Object.create(null)),
  );
  const format = fc.array(
    fc.constantFrom("%s", "%d", "%i", "%o", "%c", "%%", "%", "x"),
  ).map((parts) => parts.join(" "));
  fc.assert(fc.property(format, fc.array(anything), (first, rest) => {
    const { console, lines, events } = setUp();
    console.warn(first, ...rest);
    console.warn(...rest);
    assert.equal(lines.length, 2);
    assert.equal(events.length, 2);
    for (const [, message] of events) {
      assert.equal(typeof message, "string");
      assert.ok(message.length < 5000 * (rest.length + 1));
    }
  }));
  const { console, lines } = fakeConsole();
  using _ = captureConsole({
    log: () => {
      throw new Error("no room");
    },
  }, { console });
  using _late = captureConsole({
    log: () => Promise.reject(new Error("too late")),
  }, { console });
  console.log("a");
  assert.deepEqual(lines, [["log", "a"]]);
});

test("wrong arguments throw, and leave the console as it was", () => {
  const target = { log: () => {} };
  assert.throws(() => captureConsole({} as never), {
    name: "TypeError",
    message:
      "Cannot capture the console: the target has no method log; give an " +
      "object with log(severity, message, fields), such as createTelemetry()",
  });
  assert.throws(
    () => captureConsole(target, { methods: ["table" as never] }),
    /methods is \["table"\]; give a list of methods, such as \["warn", "error"\]/,
  );
  const { console } = fakeConsole();
  const { debug } = console;
  Object.defineProperty(console, "info", {
    value: console.info,
    writable: false,
  });
  assert.throws(
    () => captureConsole(target, { console }),
    /its methods cannot be replaced; give \{ console \}/,
  );
  assert.equal(console.debug, debug);
});
