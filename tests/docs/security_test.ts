/** Tests that SECURITY.md has the limits that the source has. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url);

/** By the begin of a row: the default that it names, and a line of the source. */
const LIMITS: readonly (readonly [
  row: string,
  limit: string,
  file: string,
  line: string,
])[] = [
  [
    "label sets",
    "10 000",
    "metrics/declare.ts",
    "DEFAULT_MAX_SERIES = 10_000;",
  ],
  ["a label value", "4096", "base/cut_text.ts", "MAX_TEXT = 4096;"],
  ["an exemplar", "128", "metrics/exemplars.ts", "MAX_CODE_POINTS = 128;"],
  [
    "buckets of a native",
    "256",
    "metrics/native_buckets.ts",
    'from 1 on, such as 256",\n    256,',
  ],
  [
    "`Accept` of",
    "4096; 64",
    "encode/negotiate.ts",
    "MAX_CHARACTERS = 4096;\nconst MAX_ENTRIES = 64;",
  ],
  [
    "`Accept-Encoding`",
    "1024",
    "http/metrics/compression.ts",
    "MAX_CHARACTERS = 1024;",
  ],
  ["`name[]`", "100; ", "http/metrics/scrape_request.ts", "MAX_NAMES = 100;"],
  [
    "`name[]`",
    "; 16 384",
    "http/metrics/scrape_request.ts",
    "MAX_QUERY_CHARACTERS = 16_384;",
  ],
  [
    "scrapes that",
    "10",
    "http/metrics/handler.ts",
    "maxInFlight: wholeNumber(10)",
  ],
  [
    "slow readers of",
    "10",
    "http/metrics/handler.ts",
    "maxReaders: wholeNumber(10)",
  ],
  ["the cache of", "256 MiB", "http/metrics/handler.ts", "    2 ** 28,"],
  ["pushes by remote", "4; ", "push/remote/target.ts", "capacity = 4;"],
  ["pushes by remote", "; others 1", "push/otlp/metrics.ts", "capacity: 1,"],
  ["time of async", "8", "http/metrics/handler.ts", "timeout: seconds(8)"],
  ["`authorize`", "5", "http/guard.ts", "AUTHORIZE_SECONDS = 5;"],
  ["the body of its", "65 536", "http/guard.ts", "MAX_BODY = 65_536;"],
  ["events in the ring", "1000", "bus/bus.ts", "capacity: events(1000)"],
  ["different topics", "1000", "bus/topics.ts", "MAX_LISTED = 1000;"],
  [
    "clients of an events",
    "1024",
    "http/events/handler.ts",
    "maxClients: wholeNumber(1024)",
  ],
  [
    "bytes buffered",
    "65 536",
    "http/events/handler.ts",
    "maxBytes: wholeNumber(65_536)",
  ],
  [
    "time without reading",
    "30",
    "http/events/handler.ts",
    "patience: seconds(30)",
  ],
  [
    "JSON of an event",
    "65 536",
    "http/events/handler.ts",
    "MIN_EVENT_CHARACTERS = 65_536;",
  ],
  [
    "the query of an events",
    "4096",
    "http/events/handler.ts",
    "MAX_QUERY_CHARACTERS = 4096;",
  ],
  [
    "messages of a WebSocket",
    "1024; ",
    "platform/websocket.ts",
    "MAX_MESSAGE_BYTES = 1024;",
  ],
  [
    "messages of a WebSocket",
    "; 100",
    "http/events/websocket_client.ts",
    "MAX_RECEIVED = 100;",
  ],
  [
    "attributes, events",
    "128",
    "trace/tracer.ts",
    "attributes: wholeNumber(128, 0),\n  events: wholeNumber(128, 0),\n  " +
    "links: wholeNumber(128, 0),",
  ],
  [
    "a text in a span",
    "4096",
    "trace/tracer.ts",
    "valueLength: wholeNumber(4096, 0)",
  ],
  [
    "all texts of a span",
    "65 536",
    "trace/tracer.ts",
    "totalLength: wholeNumber(65_536, 0)",
  ],
  [
    "`traceparent`",
    "512; ",
    "trace/traceparent.ts",
    "MAX_RECEIVED_LENGTH = 512;",
  ],
  [
    "`traceparent`",
    "; 16 384",
    "trace/traceparent.ts",
    "MAX_READ_LENGTH = 16_384;",
  ],
  [
    "`baggage`",
    "8192; 64",
    "trace/baggage.ts",
    "MAX_MEMBERS = 64;\nconst MAX_LENGTH = 8192;",
  ],
  ["`b3`", "68", "trace/b3.ts", "MAX_LENGTH = 68;"],
  ["a log message", "16 384", "telemetry/log.ts", "MAX_MESSAGE = 16_384;"],
  ["a log message", "16 384", "base/plain_value.ts", "MAX_TOTAL = 16_384;"],
  [
    "lines of `capture",
    "1000",
    "logs/capture_console.ts",
    "MAX_LINES = 1000;",
  ],
  [
    "spans that wait",
    "4096",
    "push/otlp/span_exporter_options.ts",
    "capacity: itemCount(4096)",
  ],
  [
    "log events that",
    "2048",
    "push/otlp/log_exporter.ts",
    "capacity: itemCount(2048)",
  ],
  [
    "a request to a coll",
    "10",
    "push/exporter_options.ts",
    "timeout: seconds(10)",
  ],
  [
    "a response of a coll",
    "65 536; of an error 4096",
    "push/post.ts",
    "MAX_ANSWER_BYTES = 64 * 1024;\nconst MAX_MESSAGE_BYTES = 4096;",
  ],
  ["`Retry-After`", "300", "push/post.ts", "MAX_RETRY_AFTER = 300;"],
  ["redirects of", "20", "instrument/redirects.ts", "MAX_HOPS = 20;"],
  ["members of", "; at most 1000", "fleet/options.ts", "MAX_MEMBERS = 1000;"],
  [
    "the file of a member",
    "256 MiB",
    "fleet/slot/slot_format.ts",
    "MAX_BYTES = 2 ** 28;",
  ],
  [
    "a body sent to",
    "4 MiB",
    "receiver/options.ts",
    "maxBytes: wholeNumber(2 ** 22)",
  ],
  [
    "requests to it",
    "10",
    "receiver/options.ts",
    "maxInFlight: wholeNumber(10)",
  ],
  ["time for a body", "10", "receiver/options.ts", "timeout: seconds(10)"],
  [
    "its senders",
    "100; 10 000; 2000",
    "receiver/options.ts",
    "maxSenders: wholeNumber(100),\n  maxSeries: wholeNumber(10_000),\n  " +
    "maxFamilies: wholeNumber(2000),",
  ],
  [
    "memory of received",
    "256 MiB",
    "receiver/options.ts",
    "maxMemory: wholeNumber(2 ** 28)",
  ],
  [
    "an attribute of a received",
    "1024",
    "receiver/options.ts",
    "maxLabelLength: wholeNumber(1024)",
  ],
  ["nesting", "32", "receiver/wire/reader.ts", "MAX_DEPTH = 32;"],
  [
    "history of the live",
    "8 MiB",
    "dashboard/history/history.ts",
    "DEFAULT_BYTES = 8 * 2 ** 20;",
  ],
  [
    "traces of the live",
    "4 MiB; ",
    "dashboard/traces/keeper.ts",
    "DEFAULT_BYTES = 4 * 2 ** 20;",
  ],
  [
    "traces of the live",
    "; 500",
    "dashboard/traces/keeper.ts",
    "MAX_SPANS = 500;",
  ],
  ["feeds of", "32", "dashboard/options.ts", "maxFeeds: wholeNumber(32)"],
  [
    "routes and states",
    "200; ",
    "dashboard/findings/routes.ts",
    "MAX_ROUTES = 200;",
  ],
  [
    "routes and states",
    "; 1000",
    "dashboard/findings/judge.ts",
    "MAX_STATES = 1000;",
  ],
  ["a query of the live", "4096", "dashboard/handler.ts", "MAX_QUERY = 4096;"],
  [
    "a key of the live",
    "16 to 256",
    "dashboard/access.ts",
    "MIN_KEY = 16;\nconst MAX_KEY = 256;",
  ],
  ["a value in an error", "80", "base/errors.ts", "MAX_LENGTH = 80;"],
  [
    "a response to `baro",
    "256 MiB",
    "cli/target.ts",
    "MAX_BYTES = 256 * 1024 * 1024;",
  ],
];

test("SECURITY.md has the limits of the source", () => {
  const page = readFileSync(new URL("SECURITY.md", ROOT), "utf8");
  const [, table = ""] = page.split("### What is bounded by what");
  const rows = [...table.matchAll(/^\| (.*?) +\|[^|]*\| +(.*?) +\|/gm)];
  for (const [start, limit, file, line] of LIMITS) {
    const row = rows.find(([, input]) => input!.startsWith(start));
    assert.ok(row?.[2]?.includes(limit), `${start}: ${limit}`);
    const source = readFileSync(new URL(`src/${file}`, ROOT), "utf8");
    assert.ok(source.includes(line), `src/${file}: ${line}`);
  }
  const unknown = rows.slice(2).map(([, input]) => input!).filter((input) =>
    !LIMITS.some(([start]) => input.startsWith(start))
  );
  assert.deepEqual(unknown, ["methods of HTTP requests"]);
});
