/** `logExporter`: the fields of requests, and what it makes of any event. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  logExporter,
  type LogExporterOptions,
  type LogRecord,
} from "../../src/push/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { needs } from "../oracle/programs.ts";
import * as fc from "../support/property.ts";
import { PushTimers } from "./fixtures.ts";
import { readLogs, type SeenLogs, type Tree } from "./log_reader.ts";

const timeout = 120_000;

const PROTOCOLS = ["json", "protobuf"] as const;

const CONTEXT = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  sampled: true,
  random: true,
  traceState: "",
};

/** Returns an exporter, and the requests that it sends. */
function setUp(
  options: Partial<LogExporterOptions> = {},
  answer: (nth: number) => Response = () => new Response(),
) {
  const sent: { readonly url: string; readonly logs: SeenLogs }[] = [];
  const errors: string[] = [];
  const timers = new PushTimers();
  const exporter = logExporter({
    endpoint: "http://collector",
    timers,
    clock: new FakeClock(1_700_000_000.25),
    random: () => 0.5,
    signals: false,
    onError: ({ message }) => void errors.push(message),
    fetch: async (url, init) => {
      const headers = new Headers(init.headers);
      const body = new Response(init.body).body!;
      const plain = headers.get("content-encoding") === "gzip"
        ? body.pipeThrough(new DecompressionStream("gzip"))
        : body;
      const bytes = new Uint8Array(await new Response(plain).arrayBuffer());
      const logs = readLogs(bytes, headers.get("content-type")!);
      return answer(sent.push({ url, logs }));
    },
    ...options,
  });
  return { exporter, sent, errors, timers };
}

/** Exports one event by each protocol; returns it as a collector reads it. */
async function recordsOf(record: LogRecord): Promise<readonly Tree[]> {
  const records: Tree[] = [];
  for (const protocol of PROTOCOLS) {
    const { exporter, sent } = setUp({ protocol });
    exporter.export(record);
    assert.equal(await exporter.flush(), true);
    records.push(...sent[0]!.logs.records);
    await exporter.shutdown();
  }
  return records;
}

test("an event has the fields of the protocol, in both encodings", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const error = new RangeError("out of tea");
  const [json, proto] = await recordsOf({
    severity: "error",
    message: "brewing ☕ failed",
    time: 1_700_000_000,
    context: CONTEXT,
    fields: {
      text: "a",
      yes: true,
      no: false,
      zero: 0,
      whole: -7,
      large: 2n ** 62n,
      least: -(2n ** 63n),
      part: 0.5,
      nan: NaN,
      endless: -Infinity,
      nothing: null,
      bytes: new Uint8Array([0, 1, 255]),
      list: [1, "b", [false], {}],
      map: { a: { b: null }, c: [] },
      "": "no name",
      error,
    },
  });
  assert.deepEqual(proto, json);
  const pair = (key: string, value: object) => ({ key, value });
  assert.deepEqual(proto, {
    timeUnixNano: "1700000000000000000",
    observedTimeUnixNano: "1700000000250000000",
    severityNumber: 17,
    severityText: "ERROR",
    body: { stringValue: "brewing ☕ failed" },
    flags: 3,
    traceId: CONTEXT.traceId,
    spanId: CONTEXT.spanId,
    attributes: [
      pair("text", { stringValue: "a" }),
      pair("yes", { boolValue: true }),
      pair("no", { boolValue: false }),
      pair("zero", { intValue: "0" }),
      pair("whole", { intValue: "-7" }),
      pair("large", { intValue: "4611686018427387904" }),
      pair("least", { intValue: "-9223372036854775808" }),
      pair("part", { doubleValue: 0.5 }),
      pair("nan", { doubleValue: NaN }),
      pair("endless", { doubleValue: -Infinity }),
      pair("nothing", {}),
      pair("bytes", { bytesValue: "AAH/" }),
      pair("list", {
        arrayValue: {
          values: [
            { intValue: "1" },
            { stringValue: "b" },
            { arrayValue: { values: [{ boolValue: false }] } },
            { kvlistValue: {} },
          ],
        },
      }),
      pair("map", {
        kvlistValue: {
          values: [
            pair("a", { kvlistValue: { values: [pair("b", {})] } }),
            pair("c", { arrayValue: {} }),
          ],
        },
      }),
      { value: { stringValue: "no name" } },
      pair("exception.type", { stringValue: "RangeError" }),
      pair("exception.message", { stringValue: "out of tea" }),
      pair("exception.stacktrace", { stringValue: error.stack }),
    ],
  });
});

test("unknown facts are left out, and severities have their numbers", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const numbers: unknown[] = [];
  for (
    const severity of [
      "trace",
      "debug",
      "info",
      "warn",
      "error",
      "fatal",
    ] as const
  ) {
    const [json, proto] = await recordsOf({ severity, message: "" });
    assert.deepEqual(proto, json);
    const { severityNumber, ...rest } = json!;
    numbers.push(severityNumber);
    assert.deepEqual(rest, {
      observedTimeUnixNano: "1700000000250000000",
      severityText: severity.toUpperCase(),
      body: { stringValue: "" },
    });
  }
  assert.deepEqual(numbers, [1, 5, 9, 13, 17, 21]);
});

test("a request names resource and scope, and has the path of logs", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  for (const protocol of PROTOCOLS) {
    for (
      const [endpoint, url] of [
        ["http://c", "http://c/v1/logs"],
        ["http://c/otlp/", "http://c/otlp/v1/logs"],
        ["http://c/my/logs", "http://c/my/logs"],
        ["http://c/v1/traces", "http://c/v1/logs"],
      ] as const
    ) {
      const { exporter, sent } = setUp({
        protocol,
        endpoint,
        resource: { "service.name": "shop" },
      });
      exporter.export({ severity: "info", message: "a" });
      await exporter.shutdown();
      assert.equal(sent[0]!.url, url);
      const { resource, scope } = sent[0]!.logs;
      assert.deepEqual(scope, { name: "barograph" });
      assert.deepEqual(
        resource.find(({ key }) => key === "service.name")!["value"],
        { stringValue: "shop" },
      );
    }
  }
});

test("fields beyond the limit are counted", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const fields = Object.fromEntries(
    Array.from({ length: 130 }, (_, i) => [`f${i}`, i]),
  );
  const message = "x".repeat(20_000);
  const [json, proto] = await recordsOf({ severity: "info", message, fields });
  assert.deepEqual(proto, json);
  assert.equal(json!["droppedAttributesCount"], 2);
  assert.equal((json!["attributes"] as readonly unknown[]).length, 128);
  const { stringValue } = json!["body"] as { readonly stringValue: string };
  assert.equal(stringValue.length, 16_384);
});

test("an event is copied when it is exported, not when it is sent", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const { exporter, sent } = setUp();
  const fields = { state: "open", list: [1] };
  exporter.export({ severity: "info", message: "a", fields });
  fields.state = "closed";
  fields.list.push(2);
  await exporter.shutdown();
  assert.deepEqual(sent[0]!.logs.records[0]!["attributes"], [
    { key: "state", value: { stringValue: "open" } },
    { key: "list", value: { arrayValue: { values: [{ intValue: "1" }] } } },
  ]);
});

test("whatever an event is, it arrives, and both encodings say the same", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const thrower = new Proxy({}, {
    get: (_, name) => {
      if (name === fc.toStringMethod) return () => "thrower";
      throw new Error("get");
    },
    has: (_, name) => name === fc.toStringMethod,
    ownKeys: () => {
      throw new Error("ownKeys");
    },
  });
  const any = fc.oneof(
    fc.anything({ withBigInt: true, withTypedArray: true, withMap: true }),
    fc.string({ unit: "binary" }),
    fc.constantFrom<unknown>(thrower, "\ud800", new Date(NaN), () => {}),
  );
  const event = fc.record({
    severity: fc.oneof(fc.constantFrom("info", "fatal"), any),
    message: any,
    fields: fc.oneof(fc.dictionary(fc.string({ unit: "binary" }), any), any),
    context: fc.oneof(fc.constant(CONTEXT), any),
    time: fc.oneof(fc.double(), any),
  }, { requiredKeys: [], noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(event, any.filter((value) => typeof value !== "string")),
      async (given) => {
        const [json, proto] = await recordsOf(given as LogRecord);
        assert.deepEqual(proto, json);
        assert.ok(json !== undefined);
      },
    ),
    { numRuns: 200 },
  );
});

test("events are counted, retried and bounded like spans", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  let status = 503;
  const { exporter, sent, errors, timers } = setUp(
    { capacity: 10, batch: 4 },
    () => new Response("busy", { status }),
  );
  for (let i = 0; i < 25; i++) {
    exporter.export({ severity: "info", message: `m${i}` });
  }
  await timers.pass(3600);
  const { queued, exported, lost, rejected } = exporter.stats();
  assert.deepEqual([queued, exported, lost, rejected], [10, 0, 15, 0]);
  assert.ok(
    errors.every((text) => /^the collector answered 503: busy$/.test(text)),
  );
  sent.length = 0;
  status = 200;
  await timers.pass(60);
  assert.equal(exporter.stats().exported, 10);
  const messages = sent.flatMap(({ logs }) => logs.records)
    .map(({ body }) => (body as { readonly stringValue: string }).stringValue);
  assert.deepEqual(
    messages,
    Array.from({ length: 10 }, (_, i) => `m${i + 15}`),
  );
  await exporter.shutdown();
  exporter.export({ severity: "info", message: "late" });
  assert.equal(exporter.stats().lost, 16);
  const partly = setUp(
    { protocol: "json" },
    () =>
      Response.json({
        partialSuccess: { rejectedLogRecords: "1", errorMessage: "too old" },
      }),
  );
  partly.exporter.export({ severity: "info", message: "a" });
  partly.exporter.export({ severity: "info", message: "b" });
  await partly.exporter.shutdown();
  assert.equal(partly.exporter.stats().rejected, 1);
  assert.deepEqual(partly.errors, [
    "the collector has rejected 1 logs: too old",
  ]);
});

test("wrong options throw where the exporter is made", () => {
  for (
    const [options, message] of [
      [{}, /Cannot export to "": it is empty/],
      [
        { endpoint: "http://c", capacity: 0 },
        /Cannot export logs: capacity is/,
      ],
      [{ endpoint: "http://c", level: 1 }, /there is no option "level"/],
      [{ endpoint: "http://c", resource: { a: {} } }, /the resource attribute/],
    ] as const
  ) {
    assert.throws(() => logExporter(options as never), message);
  }
});
