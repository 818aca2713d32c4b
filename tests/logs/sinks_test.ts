/** The sinks of pino and LogTape, with the real loggers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { configure, getLogger, reset } from "@logtape/logtape";
import { pino } from "pino";
import { logtapeSink, pinoDestination } from "../../src/logs/mod.ts";

type Event = readonly [
  severity: string,
  message: string,
  fields?: Readonly<Record<string, unknown>>,
];

function collecting() {
  const events: Event[] = [];
  return {
    events,
    target: { log: (...event: Event) => void events.push(event) },
  };
}

/** Returns the fields of an event that have values. */
function fieldsOf(event: Event | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(event?.[2] ?? {}).filter(([, value]) => value !== undefined),
  );
}

test("pino: levels, messages, fields, children and errors arrive", () => {
  const { events, target } = collecting();
  const logger = pino(
    { level: "trace", base: null, customLevels: { notice: 35 } },
    pinoDestination(target),
  );
  for (
    const level of [
      "trace",
      "debug",
      "info",
      "notice",
      "warn",
      "error",
      "fatal",
    ] as const
  ) logger[level]("hello %s", level);
  assert.deepEqual(events.map(([severity]) => severity), [
    "trace",
    "debug",
    "info",
    "info",
    "warn",
    "error",
    "fatal",
  ]);
  assert.equal(events[0]![1], "hello trace");
  assert.deepEqual(fieldsOf(events[0]), {});
  logger.child({ request: 7 }).info({ items: [1, "a"], user: { id: 1 } }, "ok");
  assert.deepEqual(events[7]!.slice(0, 2), ["info", "ok"]);
  assert.deepEqual(fieldsOf(events[7]), {
    request: 7,
    items: [1, "a"],
    user: { id: 1 },
  });
  logger.error(new RangeError("out of tea"), "failed");
  const { "exception.stacktrace": stack, ...rest } = fieldsOf(events[8]);
  assert.match(String(stack), /RangeError: out of tea\n/);
  assert.deepEqual(rest, {
    "exception.type": "RangeError",
    "exception.message": "out of tea",
  });
  logger.info({ err: "a text" }, "odd");
  assert.deepEqual(fieldsOf(events[9]), { err: "a text" });
});

test("pino: a destination is a stream, alone and among several", () => {
  const { events, target } = collecting();
  pino(pinoDestination(target)).info("alone");
  const streams = [{ stream: pinoDestination(target) }];
  pino({}, pino.multistream(streams)).info("among several");
  assert.deepEqual(events.map(([, message]) => message), [
    "alone",
    "among several",
  ]);
});

test("pino: labels of levels, and lines that are not of pino", () => {
  const { events, target } = collecting();
  const destination = pinoDestination(target);
  const logger = pino({
    base: null,
    timestamp: false,
    formatters: { level: (level) => ({ level }) },
  }, destination);
  logger.warn({ a: 1 });
  destination.write("plain text\n");
  destination.write("[1]\n");
  destination.write('{"level":"loud","msg":{"a":1}}\n');
  destination.write('{"level":1e9}\n');
  assert.deepEqual(events.map(([severity, message]) => [severity, message]), [
    ["warn", ""],
    ["info", "plain text"],
    ["info", ""],
    ["info", '{"a":1}'],
    ["fatal", ""],
  ]);
});

test("LogTape: levels, messages, properties, categories and errors", async () => {
  const { events, target } = collecting();
  await configure({
    reset: true, // the docs configure it, too
    sinks: { telemetry: logtapeSink(target) },
    loggers: [
      { category: "shop", sinks: ["telemetry"], lowestLevel: "trace" },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  try {
    const logger = getLogger(["shop", "orders"]);
    for (
      const level of [
        "trace",
        "debug",
        "info",
        "warning",
        "error",
        "fatal",
      ] as const
    ) logger[level]("hello");
    assert.deepEqual(events.map(([severity]) => severity), [
      "trace",
      "debug",
      "info",
      "warn",
      "error",
      "fatal",
    ]);
    const error = new RangeError("out of tea");
    logger.info("order {id} of {user}", { id: 7, user: { name: "x" }, error });
    logger.info`total ${12n}`;
    assert.deepEqual(events.slice(6), [
      ["info", 'order 7 of {"name":"x"}', {
        category: "shop.orders",
        id: 7,
        user: { name: "x" },
        error,
      }],
      ["info", "total 12", { category: "shop.orders" }],
    ]);
  } finally {
    await reset();
  }
});

test("LogTape: a getter that throws does not fail the program", () => {
  const { events, target } = collecting();
  const sink = logtapeSink(target);
  const properties = {
    get odd(): never {
      throw new Error("odd");
    },
  };
  const record = { category: ["a"], level: "info", message: ["x"] };
  sink({
    ...record,
    get properties() {
      return properties;
    },
  });
  sink({ ...record, properties: {} });
  assert.equal(events.length, 1);
});

test("a target without log is refused where the sink is made", () => {
  assert.throws(() => pinoDestination(undefined as never), TypeError);
  assert.throws(
    () => logtapeSink({} as never),
    /Cannot make a sink of LogTape: the target has no method log/,
  );
});
