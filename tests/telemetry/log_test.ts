/** `log` of a telemetry: events on the bus, and to a collector. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, createTelemetry } from "../../mod.ts";
import type { BusEvent } from "../../src/bus/mod.ts";
import { captureConsole, type ConsoleLike } from "../../src/logs/mod.ts";
import type {
  TelemetryEvents,
  TelemetryOptions,
} from "../../src/telemetry/mod.ts";
import { alwaysOff } from "../../src/trace/mod.ts";
import { PushTimers } from "../push/fixtures.ts";

const timeout = 120_000;

/** Events that a collector has got, as OTLP/JSON. */
interface SentLog {
  readonly severityText: string;
  readonly body: { readonly stringValue: string };
  readonly traceId?: string;
  readonly spanId?: string;
  readonly flags?: number;
  readonly attributes: readonly unknown[];
}

/** Returns a telemetry with a collector, and what the collector gets. */
function setUp(
  options: TelemetryOptions = {},
  answer: () => Response = () => new Response(),
) {
  const timers = new PushTimers();
  const logs: SentLog[] = [];
  const paths: string[] = [];
  const registry = createRegistry();
  const collector = typeof options.collector === "object"
    ? options.collector
    : {};
  const telemetry = createTelemetry({
    service: "shop",
    registry,
    runtime: false,
    environment: false,
    timers,
    clock: timers.clock,
    ...options,
    collector: {
      endpoint: "http://collector",
      protocol: "json",
      compress: false,
      signals: false,
      fetch: async (url, { body }) => {
        const path = new URL(url).pathname;
        paths.push(path);
        const tree = JSON.parse(await new Response(body).text());
        if (path === "/v1/logs") {
          const [{ resource, scopeLogs: [{ logRecords }] }] = tree.resourceLogs;
          assert.ok(
            JSON.stringify(resource).includes('"stringValue":"shop"'),
          );
          logs.push(...logRecords);
        }
        return answer();
      },
      ...collector,
    },
  });
  return { telemetry, registry, timers, logs, paths };
}

/** Returns the events of the topic `log`. */
function eventsOf({ bus }: ReturnType<typeof createTelemetry>) {
  using subscription = bus.subscribe({ after: 0, topics: ["log"] });
  const found: BusEvent<TelemetryEvents, "log">["data"][] = [];
  for (;;) {
    const item = subscription.read();
    if (item === undefined) return found;
    if (item.gap === undefined) found.push(item.data);
  }
}

test("log() publishes an event with the active span, and exports it", {
  timeout,
}, async () => {
  const { telemetry, timers, logs, paths } = setUp();
  telemetry.log("warn", "before any span");
  let ids = { traceId: "", spanId: "" };
  telemetry.tracer.run("checkout", ({ context: { traceId, spanId } }) => {
    ids = { traceId, spanId };
    telemetry.log("error", "payment failed", {
      order: 7n ** 30n,
      part: NaN,
      error: new RangeError("no money"),
      bytes: new Uint8Array([1]),
    });
  });
  const [first, second, ...others] = eventsOf(telemetry);
  assert.deepEqual(others, []);
  assert.deepEqual(first, { severity: "warn", message: "before any span" });
  const { meta, ...rest } = second!;
  assert.deepEqual(rest, {
    severity: "error",
    message: "payment failed",
    ...ids,
  });
  const { "exception.stacktrace": stack, ...fields } = meta!;
  assert.match(String(stack), /no money/);
  assert.deepEqual(fields, {
    order: String(7n ** 30n),
    part: "NaN",
    "exception.type": "RangeError",
    "exception.message": "no money",
    bytes: "AQ==",
  });
  assert.deepEqual(JSON.parse(JSON.stringify(meta)), meta);
  await timers.pass(6);
  assert.deepEqual(paths.toSorted(), ["/v1/logs", "/v1/traces"]);
  assert.deepEqual(
    logs.map(({ severityText, body, traceId, spanId, flags }) => [
      severityText,
      body.stringValue,
      traceId,
      spanId,
      flags,
    ]),
    [
      ["WARN", "before any span", undefined, undefined, undefined],
      ["ERROR", "payment failed", ids.traceId, ids.spanId, 1],
    ],
  );
  assert.equal(logs[1]!.attributes.length, 6);
  assert.equal(await telemetry.close(), true);
});

test("the endpoint of events shows log events", { timeout }, async () => {
  const { telemetry } = setUp();
  telemetry.log("info", "ready", { port: 8000 });
  const response = await telemetry.endpoints.events(
    new Request("http://localhost/events?since=0", {
      headers: { accept: "text/event-stream" },
    }),
  );
  const reader = response.body!.getReader();
  let text = "";
  while (!text.includes("ready")) {
    text += new TextDecoder().decode((await reader.read()).value);
  }
  await reader.cancel();
  const data = JSON.parse(/^data: (.*)$/m.exec(text)![1]!);
  const { kind, severity, message, meta, traceId } = data;
  assert.deepEqual({ kind, severity, message, meta, traceId }, {
    kind: "log",
    severity: "info",
    message: "ready",
    meta: { port: 8000 },
    traceId: "",
  });
  await telemetry.close();
});

test("close() exports waiting logs, and their counts are metrics", {
  timeout,
}, async () => {
  const { telemetry, registry, logs } = setUp();
  telemetry.log("info", "a");
  telemetry.log("info", "b");
  const text = async () => {
    const url = "http://localhost/metrics";
    const response = await telemetry.endpoints.metrics(new Request(url));
    return await response.text();
  };
  assert.match(await text(), /^barograph_logs_queued 2$/m);
  assert.equal(await telemetry.close(), true);
  assert.equal(logs.length, 2);
  assert.equal(
    registry.descs.some(({ name }) => /barograph_logs/.test(name)),
    false,
    "the metrics are gone",
  );
  telemetry.log("info", "after the end"); // harmless
});

test("close() resolves to false if logs are not exported in time", {
  timeout,
}, async () => {
  const { telemetry, timers } = setUp(
    { collector: { onError: () => {} } },
    () => new Response(null, { status: 503 }),
  );
  telemetry.log("info", "a");
  const closing = telemetry.close(2);
  await timers.pass(3);
  assert.equal(await closing, false);
});

test("logs are exported only if they are sent", { timeout }, async () => {
  const { telemetry, paths } = setUp({ collector: { send: ["spans"] } });
  telemetry.tracer.run("a", () => telemetry.log("info", "a"));
  assert.equal(eventsOf(telemetry).length, 1);
  await telemetry.close();
  assert.deepEqual(paths, ["/v1/traces"]);
  const plain = createTelemetry({
    registry: createRegistry(),
    runtime: false,
    environment: false,
  });
  plain.log("info", "nobody listens");
  assert.equal(await plain.close(), true);
});

test("logs of traces that are not recorded keep their ids", {
  timeout,
}, async () => {
  const { telemetry, logs } = setUp({ sampler: alwaysOff });
  telemetry.tracer.run("a", () => telemetry.log("info", "a"));
  await telemetry.close();
  assert.match(logs[0]!.traceId!, /^[0-9a-f]{32}$/);
  assert.equal(eventsOf(telemetry)[0]!.traceId, logs[0]!.traceId);
  assert.notEqual(logs[0]!.flags! & 1, 1);
});

test("wrong arguments of log() are an event, not an error", {
  timeout,
}, async () => {
  const { telemetry, logs } = setUp();
  const log = telemetry.log as (...args: unknown[]) => void;
  const loop: Record<string, unknown> = {};
  loop["loop"] = loop;
  log("loud", { a: 1 }, 7);
  log();
  log("info", Symbol("s"), null);
  log("info", "x".repeat(20_000), loop);
  await telemetry.close();
  assert.deepEqual(
    logs.map(({ severityText, body }) => [
      severityText,
      body.stringValue.slice(0, 9),
    ]),
    [
      ["INFO", '{"a":1}'],
      ["INFO", "undefined"],
      ["INFO", "Symbol(s)"],
      ["INFO", "xxxxxxxxx"],
    ],
  );
  assert.equal(eventsOf(telemetry).length, 4);
});

test("a failing collector and a captured console do not feed each other", {
  timeout,
}, async () => {
  const lines: string[] = [];
  const print = (...args: unknown[]) => void lines.push(String(args[0]));
  const console: ConsoleLike = {
    debug: print,
    log: print,
    info: print,
    warn: print,
    error: print,
  };
  const { telemetry, timers, paths } = setUp(
    { collector: { onError: ({ message }) => console.error(message) } },
    () => new Response(null, { status: 400 }),
  );
  using _ = captureConsole(telemetry, { console, timers });
  console.log("hello");
  await timers.pass(600);
  assert.deepEqual(paths, ["/v1/logs"], "the failure is not exported");
  assert.deepEqual(lines, ["hello", "the collector answered 400"]);
  assert.deepEqual(
    eventsOf(telemetry).map(({ message }) => message),
    lines,
    "but it is published",
  );
  await telemetry.close();
});

test(
  "a printed event is not captured as the next one",
  { timeout },
  async () => {
    const { log } = globalThis.console;
    const lines: string[] = [];
    globalThis.console.log = (line) => void lines.push(line);
    try {
      const telemetry = createTelemetry({
        registry: createRegistry(),
        runtime: false,
        environment: (name) =>
          name === "OTEL_LOGS_EXPORTER" ? "console" : undefined,
      });
      using _ = captureConsole(telemetry);
      telemetry.log("warn", "direct");
      assert.deepEqual(lines, ["warn direct"]);
      globalThis.console.log("captured");
      assert.deepEqual(lines, ["warn direct", "info captured", "captured"]);
      assert.equal(eventsOf(telemetry).length, 2);
      await telemetry.close();
    } finally {
      globalThis.console.log = log;
    }
  },
);
