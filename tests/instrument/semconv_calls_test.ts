/** Metrics of calls under the names of OpenTelemetry's conventions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fetch, instrumentFetch } from "../../src/instrument/mod.ts";
import { createRegistry, FamilyConflictError } from "../../src/metrics/mod.ts";
import { traced } from "./fixtures.ts";
import {
  dottedRegistry,
  labelSetsOf,
  quietRegistry,
  setOf,
} from "./semconv_fixtures.ts";

const CLIENT = "http_client_request_duration_seconds";

class TimedOut extends Error {
  override readonly name = "TimedOut";
}

/** Calls a service once, under some names; returns the label sets. */
async function called(
  url: string,
  fetch: Fetch,
  init: RequestInit = {},
  registry = quietRegistry(),
) {
  const call = instrumentFetch({ registry, names: "semconv", fetch });
  await call(url, init).catch(() => {});
  const [set = "{}"] = labelSetsOf(registry)[CLIENT] ?? [];
  return JSON.parse(set) as Record<string, string>;
}

test('names: "semconv" labels calls by server, code and error', async () => {
  const answering = (status: number): Fetch => () =>
    Promise.resolve(new Response(null, { status }));
  const common = {
    http_request_method: "GET",
    server_address: "pay.example",
    server_port: "443",
  };
  assert.deepEqual(await called("https://pay.example/x", answering(204)), {
    ...common,
    http_response_status_code: "204",
  });
  assert.deepEqual(
    await called("http://u:p@pay.example:8080/x?q=1", answering(404), {
      method: "PROPFIND",
    }),
    {
      ...common,
      http_request_method: "_OTHER",
      server_port: "8080",
      http_response_status_code: "404",
      error_type: "404",
    },
  );
  const error = Object.assign(new TimedOut(), { status: 503 });
  const failing: Fetch = () => Promise.reject(error);
  assert.deepEqual(await called("https://pay.example/", failing), {
    ...common,
    error_type: "TimedOut",
  });
  const stop = new AbortController();
  stop.abort();
  const { signal } = stop;
  const aborted: Fetch = () => Promise.reject(signal.reason);
  assert.deepEqual(
    await called("https://pay.example/", aborted, { signal }),
    common,
  );
  assert.deepEqual(await called("data:,secret", answering(200)), {
    http_request_method: "GET",
    http_response_status_code: "200",
  });
  const refused: Fetch = () => Promise.reject(new TypeError("no URL"));
  assert.deepEqual(await called("not a url", refused), {
    http_request_method: "GET",
    error_type: "TypeError",
  });
});

test('names: "both" gives calls one family with the labels of both', async () => {
  for (const registry of [quietRegistry(), dottedRegistry()]) {
    const call = instrumentFetch({
      registry,
      names: "both",
      peer: "payments",
      fetch: () => Promise.resolve(new Response(null, { status: 402 })),
    });
    await call("https://pay.example/");
    const own = { method: "GET", peer: "payments", outcome: "4xx" };
    assert.deepEqual(labelSetsOf(registry), {
      http_client_requests_total: [setOf(own)],
      [CLIENT]: [setOf({
        ...own,
        http_request_method: "GET",
        server_address: "pay.example",
        server_port: "443",
        http_response_status_code: "402",
        error_type: "402",
      })],
    });
  }
});

test("calls under other names need a registry of their own", () => {
  const registry = quietRegistry();
  instrumentFetch({ registry });
  assert.throws(
    () => instrumentFetch({ registry, names: "semconv" }),
    FamilyConflictError,
  );
  instrumentFetch({ registry: createRegistry(), names: "semconv" });
});

test("neither span nor metrics take the status of an error for that of a response", async () => {
  const registry = quietRegistry();
  const { tracer, spans } = traced();
  const error = Object.assign(new TimedOut("down"), { status: 503 });
  const call = instrumentFetch({
    registry,
    tracer,
    names: "semconv",
    fetch: () => Promise.reject(error),
  });
  await assert.rejects(call("http://a.example/"), error);
  const { attributes, status } = spans[0]!;
  assert.equal(attributes["http.response.status_code"], undefined);
  assert.equal(attributes["error.type"], "TimedOut");
  assert.deepEqual(status, { code: "error", message: "down" });
  assert.doesNotMatch(labelSetsOf(registry)[CLIENT]!.join(), /503/);
});
