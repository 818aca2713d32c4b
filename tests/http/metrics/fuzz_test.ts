import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import { metricsHandler } from "../../../src/http/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { headerSoup } from "../arbitraries.ts";
import { get, help, OPEN } from "../fixtures.ts";

/** A handler with only two families: it is called up to 100 000 times. */
function handlerOfTwo() {
  const registry = createRegistry({ selfMetrics: false });
  registry.counter({ name: "one_total", help }).inc();
  registry.scope({ names: "utf-8" })
    .histogram({ name: "two.x", help, native: true }).observe(1);
  return metricsHandler(registry);
}

const anyName = fc.oneof(
  fc.constantFrom("one_total", "two.x", "two_x_sum", "", "[]", "%", "&name[]="),
  fc.string({ unit: "binary", maxLength: 12 }),
);

/** Queries as a browser formats them, and malformed ones. */
const anyQuery = fc.oneof(
  fc.constant(""),
  fc.array(anyName, { maxLength: 4 }).map((names) =>
    names.map((name) => `name[]=${name}`).join("&")
  ),
  fc.array(anyName, { maxLength: 4 }).map((names) =>
    new URLSearchParams(names.map((name) => ["name[]", name])).toString()
  ),
  fc.array(anyName, { maxLength: 3 }).map((names) =>
    `name[]=a&${names.join("&")}&`.repeat(50)
  ),
);

/** The formats that are asked for among the soup: each is served in every run. */
const FORMATS = [
  "text/plain; version=0.0.4; charset=utf-8",
  `${OPEN}; version=1.0.0; charset=utf-8`,
  "application/vnd.google.protobuf; " +
  "proto=io.prometheus.client.MetricFamily; encoding=delimited",
];

const anyAccept = fc.oneof(
  { weight: 4, arbitrary: headerSoup },
  { weight: 1, arbitrary: fc.constantFrom(...FORMATS) },
);

const anyRequest = fc.tuple(anyAccept, headerSoup, anyQuery, fc.string());

test(
  "law: no header and no query makes a scrape fail",
  { timeout: 240_000 },
  async () => {
    const handler = handlerOfTwo();
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRequest, { minLength: 20, maxLength: 20, size: "max" }),
        async (requests) => {
          for (const [accept, encoding, query, timeout] of requests) {
            const headers = { accept, "accept-encoding": encoding };
            const request = get(headers, "GET", query && `?${query}`);
            if (/^[\x21-\x7e]*$/.test(timeout)) {
              const name = "x-prometheus-scrape-timeout-seconds";
              request.headers.set(name, timeout);
            }
            const response = await handler(request);
            const { status } = response;
            assert.ok(status === 200 || status === 400, `${status}`);
            seen.add(`${status} ${response.headers.get("content-type")}`);
            await response.body?.cancel();
          }
        },
      ),
      { numRuns: 5000 },
    );
    for (const format of FORMATS) {
      assert.ok(seen.has(`200 ${format}`), [...seen].join("\n"));
    }
  },
);
