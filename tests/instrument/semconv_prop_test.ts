import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import {
  instrumentFetch,
  instrumentHandler,
} from "../../src/instrument/mod.ts";
import type { Registry } from "../../src/metrics/mod.ts";
import {
  expositionOf,
  FakeClock,
  parseExposition,
} from "../../src/testing/mod.ts";
import { anyRequest, quietRegistry } from "./semconv_fixtures.ts";

type Names = "prometheus" | "semconv" | "both";

const visit = fc.record({
  method: fc.oneof(fc.constantFrom("GET", "POST", "HEAD"), fc.string()),
  url: fc.oneof(
    fc.constantFrom("http://a/x", "https://a/x", "/x"),
    fc.string(),
  ),
  route: fc.constantFrom("", "/users/:id", "/"),
  size: fc.constantFrom("7", "70000", "x"),
  status: fc.oneof(
    fc.constantFrom(101, 200, 404, 500, 503),
    fc.double(),
    fc.constant("throw" as const),
  ),
});

type Visit = typeof visit extends fc.Arbitrary<infer T> ? T : never;

/** Handles the visits with one handler a route, as each of the names says. */
function served(visits: readonly Visit[], names: Names): Registry {
  const registry = quietRegistry();
  const clock = new FakeClock();
  for (const { method, url, route, size, status } of visits) {
    const handler = instrumentHandler(() => {
      clock.advance(0.1);
      if (status === "throw") throw new TypeError("broken");
      const headers = new Headers({ "content-length": size });
      return { status, headers } as Response;
    }, { registry, clock, names, ...route !== "/" && { route } });
    try {
      handler(anyRequest(method, url, { "content-length": size }));
    } catch (error) {
      assert.ok(error instanceof TypeError);
    }
  }
  return registry;
}

const linesOf = (registry: Registry): string[] =>
  expositionOf(registry).split("\n").filter((line) => line !== "");

test('law: names: "both" of handlers is the union of the two', () => {
  fc.assert(
    fc.property(fc.array(visit, { maxLength: 12 }), (visits) => {
      const [own, conventional, both] =
        (["prometheus", "semconv", "both"] as const)
          .map((names) => linesOf(served(visits, names)));
      assert.deepEqual(both!.sort(), [...own!, ...conventional!].sort());
    }),
  );
});

const DURATION = "http_client_request_duration_seconds";

/** Returns the number of calls by those labels that are among `names`. */
function countsBy(registry: Registry, names: readonly string[]) {
  const families = parseExposition(expositionOf(registry), "text-0.0.4");
  const counts: Record<string, number> = {};
  for (const { samples } of families) {
    for (const { name, labels, value } of samples) {
      if (name !== `${DURATION}_count`) continue;
      const key = JSON.stringify(names.map((label) => labels.get(label) ?? ""));
      counts[key] = (counts[key] ?? 0) + value;
    }
  }
  return counts;
}

const call = fc.record({
  method: fc.constantFrom("GET", "POST", "PURGE"),
  url: fc.constantFrom("http://a/", "https://b:8443/x", "data:,x"),
  status: fc.constantFrom(200, 404, 503, "down"),
});

test('law: names: "both" of calls is either when the labels of the other are left out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 1, maxLength: 8 }),
      async (calls) => {
        const made = async (names: Names): Promise<Registry> => {
          const registry = quietRegistry();
          for (const { method, url, status } of calls) {
            const fetch = instrumentFetch({
              registry,
              names,
              peer: ({ protocol }) => protocol,
              fetch: () =>
                status === "down"
                  ? Promise.reject(new TypeError("down"))
                  : Promise.resolve(
                    new Response(null, { status: Number(status) }),
                  ),
            });
            await fetch(url, { method }).catch(() => {});
          }
          return registry;
        };
        const both = await made("both");
        for (const names of ["prometheus", "semconv"] as const) {
          const single = await made(names);
          const labels = single.descs.find(({ name }) => name === DURATION)!
            .labelNames;
          assert.deepEqual(countsBy(both, labels), countsBy(single, labels));
        }
      },
    ),
  );
});

test("law: whatever clients send, series of requests have a closed set of labels", () => {
  const hostile = fc.record({
    method: fc.string(),
    url: fc.oneof(
      fc.webUrl({ withQueryParameters: true }),
      fc.string().map((text) => `${text}://host/`),
      fc.string(),
    ),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      { host: "a.example", "x-forwarded-proto": "gopher" },
      { forwarded: "proto=x;host=y" },
    ),
  });
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 40 }), (requests) => {
      const registry = quietRegistry();
      const handler = instrumentHandler(() => new Response(), {
        registry,
        names: "semconv",
        route: "/",
      });
      for (const { method, url, headers } of requests) {
        handler(anyRequest(method, url, headers));
      }
      const counts = linesOf(registry).filter((line) =>
        line.startsWith("http_server_request_duration_seconds_count")
      );
      for (const line of counts) {
        assert.match(
          line,
          /\{http_request_method="(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|_OTHER)",url_scheme="https?",http_route="\/",http_response_status_code="200"\}/,
        );
      }
    }),
  );
});

test("hosts of calls beyond the limit are one overflow series", async () => {
  const registry = quietRegistry();
  const response = new Response();
  const fetch = instrumentFetch({
    registry,
    names: "semconv",
    fetch: () => Promise.resolve(response),
  });
  const limit = 10_000;
  for (let i = 0; i < limit + 5; i++) await fetch(`http://h${i}.example/`);
  const counts = linesOf(registry).filter((line) =>
    line.startsWith(`${DURATION}_count`)
  );
  assert.equal(counts.length, limit + 1);
  assert.match(counts.at(-1)!, /server_address="overflow".* 5$/);
});
