/** Hostile requests: no data without the key, and never an answer of 5xx. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { KEY, worldOf } from "./world.ts";

const SECRET = "secret_family_total";

/** Parts of paths and queries; the strange ones stay as they are in a URL. */
const segment = fc.oneof(
  fc.constantFrom(
    ...["feed", "history", "traces", "health", "", ".", "..", "%2e%2e", "%00"],
    ...["a".repeat(32), "__proto__", "constructor", "%", "%ff", "\\", "é"],
  ),
  fc.string({ maxLength: 12 }),
);
const path = fc.array(segment, { maxLength: 5 }).map((parts) =>
  parts.map((part) => `/${part}`).join("")
);
const value = fc.oneof(
  fc.constantFrom(
    ...["", "1", "1,2,3", "0", "-1", "1e9", "NaN", "Infinity", "overview"],
    ...[
      "f:1;events:a",
      "latest",
      "failed",
      "__proto__",
      "model:1",
      "9".repeat(40),
    ],
  ),
  fc.string({ maxLength: 30 }),
  fc.integer({ min: 0, max: 10_000 }).map((n) => "x,".repeat(n)),
);
const query = fc.dictionary(
  fc.oneof(
    fc.constantFrom(
      "f",
      "range",
      "want",
      "after",
      "list",
      "route",
      "text",
      "key",
    ),
    fc.string({ maxLength: 8 }),
  ),
  value,
  { maxKeys: 6 },
);
const header = fc.oneof(
  fc.constantFrom("", "*", "null", "gzip;q=1", "http://a", "same-origin"),
  fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,60}$/),
  fc.integer({ min: 0, max: 20_000 }).map((n) => "x".repeat(n)),
);
const headers = fc.dictionary(
  fc.constantFrom(
    ...["host", "origin", "sec-fetch-site", "accept-encoding", "if-none-match"],
    ...["forwarded", "x-forwarded-host", "last-event-id", "authorization"],
  ),
  header,
);
const method = fc.constantFrom("GET", "HEAD", "POST", "OPTIONS", "PROPFIND");

test("law: no request gets data without the key, or an answer of 5xx with it", async () => {
  using world = worldOf();
  world.registry.counter({ name: SECRET, help: "Secret." }).inc();
  world.timers.advance(20);
  await fc.assert(
    fc.asyncProperty(
      path,
      query,
      headers,
      method,
      fc.boolean(),
      async (path, query, headers, method, hasKey) => {
        const search = new URLSearchParams(query).toString();
        const response = await world.ask(`${path}?${search}`, {
          method,
          headers: { ...headers, ...hasKey && { "x-barograph-key": KEY } },
        });
        const { status } = response;
        assert.ok(status < 500, `${status} ${path}?${search}`);
        const type = response.headers.get("content-type") ?? "";
        if (!hasKey) assert.doesNotMatch(type, /json|event-stream/);
        if (type.includes("event-stream")) return response.body?.cancel();
        const text = await response.text();
        if (!hasKey) assert.ok(!text.includes(SECRET));
      },
    ),
    { numRuns: 600 },
  );
  assert.ok(world.timers.pending < 10, "no request leaves a timer behind");
});

test("a query that is too long is refused before it is read", async () => {
  using world = worldOf();
  const response = await world.get(`/feed?want=${"f:1;".repeat(2000)}`);
  assert.equal(response.status, 414);
});
