/** Calls to other services: metrics, spans and propagation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Fetch,
  instrumentFetch,
  type InstrumentFetchOptions,
} from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { distributionOf, FakeClock, valueOf } from "../../src/testing/mod.ts";
import { alwaysOff, withBaggage } from "../../src/trace/mod.ts";
import { traced } from "./fixtures.ts";

/** Returns a `fetch` that responds with `status`, and a list of its calls. */
function answering(
  status = 200,
): { fetch: Fetch; sent: { input: unknown; headers: Headers }[] } {
  const sent: { input: unknown; headers: Headers }[] = [];
  const fetch: Fetch = (input, init) => {
    const headers = new Headers(
      init?.headers ?? (input instanceof Request ? input.headers : undefined),
    );
    sent.push({ input, headers });
    return Promise.resolve(new Response(null, { status }));
  };
  return { fetch, sent };
}

test("instrumentFetch() counts and times calls by method, peer and outcome", async () => {
  const registry = createRegistry();
  const clock = new FakeClock();
  const call = instrumentFetch({
    registry,
    clock,
    peer: "payments",
    fetch: () => {
      clock.advance(0.5);
      return Promise.resolve(new Response(null, { status: 402 }));
    },
  });
  await call("http://payments/charge", { method: "post" });
  const at = { method: "POST", peer: "payments", outcome: "4xx" };
  assert.equal(valueOf(registry, "http_client_requests_total", at), 1);
  const name = "http_client_request_duration_seconds";
  assert.equal(distributionOf(registry, name, at)?.sum, 0.5);
});

test("instrumentFetch() takes the peer from the user, never the host of the URL", async () => {
  const registry = createRegistry();
  const { fetch } = answering();
  const byHost = { "a.example": "a" } as Record<string, string>;
  const call = instrumentFetch({
    registry,
    fetch,
    peer: ({ hostname }) => byHost[hostname],
  });
  await call("http://a.example/x");
  await call(new URL("http://whoever.example/x"));
  await instrumentFetch({ registry, fetch })("http://b.example");
  const count = (peer: string) =>
    valueOf(registry, "http_client_requests_total", {
      method: "GET",
      peer,
      outcome: "2xx",
    });
  assert.equal(count("a"), 1);
  assert.equal(count("unknown"), 2);
});

test("instrumentFetch() sends the context of the client span that it starts", async () => {
  const { tracer, spans } = traced();
  const { fetch, sent } = answering();
  const call = instrumentFetch({ registry: createRegistry(), tracer, fetch });
  await tracer.run(
    "job",
    () =>
      withBaggage({ tenant: "blue" }, () => call("http://b.example/path?q=1")),
  );
  const [client, job] = spans;
  const { headers } = sent[0]!;
  assert.equal(client?.kind, "client");
  assert.equal(client.parentSpanId, job?.context.spanId);
  assert.equal(
    headers.get("traceparent"),
    `00-${job?.context.traceId}-${client.context.spanId}-01`,
  );
  assert.equal(headers.get("baggage"), "tenant=blue");
  assert.deepEqual({ ...client.attributes }, {
    "http.request.method": "GET",
    "http.response.status_code": 200,
    "server.address": "b.example",
    "server.port": 80,
    "url.full": "http://b.example/path",
  });
});

test("instrumentFetch() keeps the caller's headers in every form that fetch accepts", async () => {
  const { tracer } = traced();
  const { fetch, sent } = answering();
  const call = instrumentFetch({ registry: createRegistry(), tracer, fetch });
  const url = "http://b.example/";
  const headers = { "x-mine": "1", traceparent: "stale" };
  await call(url, { headers });
  await call(url, { headers: new Headers(headers) });
  await call(new Request(url, { headers }));
  await call(new Request(url, { headers: { "x-mine": "2" } }), { headers });
  for (const { headers } of sent) {
    assert.equal(headers.get("x-mine"), "1");
    assert.match(headers.get("traceparent")!, /^00-/);
  }
});

test("instrumentFetch() sends an unsampled context if the trace is not sampled", async () => {
  const { tracer, spans } = traced({ sampler: alwaysOff });
  const { fetch, sent } = answering();
  const call = instrumentFetch({ registry: createRegistry(), tracer, fetch });
  await call("http://b.example");
  assert.match(sent[0]!.headers.get("traceparent")!, /-00$/);
  assert.equal(spans.length, 0);
});

test("instrumentFetch() passes a call on unchanged if there is no context", async () => {
  const { fetch } = answering();
  const seen: unknown[] = [];
  const call = instrumentFetch({
    registry: createRegistry(),
    fetch: (...args) => {
      seen.push(...args);
      return fetch(...args);
    },
  });
  const init = { method: "PUT" };
  await call("http://b.example", init);
  assert.equal(seen[1], init);
});

test("instrumentFetch() returns the same response and throws the same error", async () => {
  const registry = createRegistry();
  const { tracer, spans } = traced();
  const response = new Response();
  const boom = new TypeError("refused");
  const good = instrumentFetch({
    registry,
    tracer,
    fetch: () => Promise.resolve(response),
  });
  assert.equal(await good("http://b.example"), response);
  for (
    const fetch of [() => Promise.reject(boom), (): never => {
      throw boom;
    }]
  ) {
    const bad = instrumentFetch({ registry, tracer, fetch });
    await assert.rejects(async () => await bad("http://b.example"), boom);
  }
  const at = { method: "GET", peer: "unknown", outcome: "error" };
  assert.equal(valueOf(registry, "http_client_requests_total", at), 2);
  assert.deepEqual(spans.map(({ status }) => status.code), [
    "unset",
    "error",
    "error",
  ]);
  assert.equal(spans[1]?.attributes["error.type"], "TypeError");
  assert.equal(spans[1].events[0]?.name, "exception");
});

test("instrumentFetch() marks the span as failed from status 400 on", async () => {
  const failed: Readonly<Record<number, boolean>> = {
    200: false,
    399: false,
    400: true,
    404: true,
    499: true,
    500: true,
    599: true,
  };
  for (const [status, isFailed] of Object.entries(failed)) {
    const { tracer, spans } = traced();
    const { fetch } = answering(Number(status));
    const call = instrumentFetch({ registry: createRegistry(), tracer, fetch });
    await call("http://b.example");
    const [span] = spans;
    assert.equal(span?.status.code, isFailed ? "error" : "unset", status);
    const type = isFailed ? status : undefined;
    assert.equal(span.attributes["error.type"], type, status);
  }
});

test("instrumentFetch() counts each status in its class, and an invalid one as error", async () => {
  const outcomes: Readonly<Record<number, string>> = {
    0: "error",
    99: "error",
    100: "1xx",
    199: "1xx",
    200: "2xx",
    299: "2xx",
    300: "3xx",
    399: "3xx",
    400: "4xx",
    499: "4xx",
    500: "5xx",
    599: "5xx",
    600: "error",
  };
  for (const [status, outcome] of Object.entries(outcomes)) {
    const registry = createRegistry();
    const response = { status: Number(status) } as Response;
    const fetch = () => Promise.resolve(response);
    await instrumentFetch({ registry, fetch })("http://b.example");
    const at = { method: "GET", peer: "unknown", outcome };
    assert.equal(valueOf(registry, "http_client_requests_total", at), 1);
  }
});

test("instrumentFetch() records the default port of the scheme", async () => {
  const ports: Readonly<Record<string, number>> = {
    "http://b.example": 80,
    "https://b.example": 443,
    "https://b.example:8443": 8443,
  };
  for (const [url, port] of Object.entries(ports)) {
    const { tracer, spans } = traced();
    const { fetch } = answering();
    await instrumentFetch({ registry: createRegistry(), tracer, fetch })(url);
    assert.equal(spans[0]?.attributes["server.port"], port, url);
  }
});

test("instrumentFetch() records no user, query or fragment of a URL", async () => {
  const { tracer, spans } = traced();
  const { fetch } = answering();
  const call = instrumentFetch({ registry: createRegistry(), tracer, fetch });
  await call("http://user:hunter2@b.example:8080/a?token=hunter2#hunter2");
  assert.equal(spans[0]?.attributes["url.full"], "http://b.example:8080/a");
  assert.equal(spans[0].attributes["server.port"], 8080);
  assert.ok(!JSON.stringify(spans).includes("hunter2"));
});

test("instrumentFetch() counts an invalid URL as an error, and throws as fetch does", async () => {
  const registry = createRegistry();
  const call = instrumentFetch({ registry });
  await assert.rejects(async () => await call("no url"), TypeError);
  const at = { method: "GET", peer: "unknown", outcome: "error" };
  assert.equal(valueOf(registry, "http_client_requests_total", at), 1);
});

test("instrumentFetch() tells a call that its caller aborts from one that failed", async () => {
  const mine = new Error("mine");
  const late = new DOMException("late", "TimeoutError");
  const never: Fetch = (input, init) => {
    const { signal } = new Request(input, init);
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  };
  const cases: readonly [reason: unknown, fetch: Fetch, outcome: string][] = [
    [undefined, never, "aborted"],
    [mine, never, "aborted"],
    ["text", never, "aborted"],
    [late, never, "error"],
    [mine, () => Promise.reject(new TypeError("refused")), "error"],
  ];
  for (const [reason, fetch, outcome] of cases) {
    for (const isRequest of [false, true]) {
      const registry = createRegistry();
      const { tracer, spans } = traced();
      const call = instrumentFetch({ registry, tracer, fetch });
      const stop = new AbortController();
      const { signal } = stop;
      const url = "http://b.example/";
      const answer = isRequest
        ? call(new Request(url, { signal }))
        : call(url, { signal });
      stop.abort(reason);
      await answer.then(() => assert.fail(), () => {});
      const at = { method: "GET", peer: "unknown", outcome };
      assert.equal(valueOf(registry, "http_client_requests_total", at), 1);
      const isError = outcome === "error";
      assert.equal(spans[0]?.status.code, isError ? "error" : "unset");
      assert.equal("error.type" in spans[0]!.attributes, isError);
      assert.equal(spans[0]!.events.length, isError ? 1 : 0);
    }
  }
});

test("instrumentFetch() passes on whatever a custom fetch resolves to", async () => {
  const boom = (): never => {
    throw new Error("boom");
  };
  const odd: readonly unknown[] = [
    undefined,
    null,
    "text",
    { status: "200" },
    { headers: {} },
    Object.defineProperty({}, "status", { get: boom }),
    new Proxy(new Response(), {
      get: (target, key) =>
        key === "then" ? undefined : Reflect.get(target, key, {}),
    }),
  ];
  for (const value of odd) {
    const registry = createRegistry();
    const { tracer, spans } = traced();
    const fetch: Fetch = () => Promise.resolve(value as Response);
    const call = instrumentFetch({ registry, tracer, fetch });
    assert.equal(await call("http://b.example/"), value);
    const at = { method: "GET", peer: "unknown", outcome: "error" };
    assert.equal(valueOf(registry, "http_client_requests_total", at), 1);
    assert.equal(spans.length, 1);
  }
});

test("instrumentFetch() is not affected by hooks that throw or reject", async () => {
  const registry = createRegistry();
  const { fetch } = answering();
  const fail = (): never => {
    throw new Error("boom");
  };
  const hooks: readonly InstrumentFetchOptions[] = [
    { peer: fail },
    { peer: () => Promise.reject(new Error("late")) as never },
    { propagate: fail },
    { clock: { unix: fail, mono: fail } },
    { clock: { unix: () => NaN, mono: () => "1" as never } },
  ];
  for (const hook of hooks) {
    const { tracer } = traced();
    const call = instrumentFetch({ registry, tracer, fetch, ...hook });
    assert.equal((await call("http://b.example/")).status, 200);
  }
  const at = { method: "GET", peer: "unknown", outcome: "2xx" };
  const requests = valueOf(registry, "http_client_requests_total", at);
  assert.equal(requests, hooks.length);
});

test("instrumentFetch() names a span by a method of the standard only", async () => {
  const sent: Readonly<Record<string, readonly [string, string, unknown]>> = {
    post: ["POST payments", "POST", undefined],
    patch: ["PATCH payments", "PATCH", "patch"],
    PROPFIND: ["HTTP payments", "_OTHER", "PROPFIND"],
  };
  for (const [method, expected] of Object.entries(sent)) {
    const { tracer, spans } = traced();
    const { fetch } = answering();
    const registry = createRegistry();
    const call = instrumentFetch({ registry, tracer, fetch, peer: "payments" });
    await call("http://b.example/", { method });
    const { name, attributes } = spans[0]!;
    assert.deepEqual([
      name,
      attributes["http.request.method"],
      attributes["http.request.method_original"],
    ], expected);
  }
});

test("instrumentFetch() records nothing of the content of a URL without a host", async () => {
  const urls: Readonly<Record<string, string>> = {
    "data:text/plain,secret": "data:",
    "blob:http://a.example/secret": "blob:",
    "file:///home/secret": "file:",
    "s3://bucket/key": "s3://bucket/key",
  };
  for (const [url, expected] of Object.entries(urls)) {
    const { tracer, spans } = traced();
    const { fetch } = answering();
    await instrumentFetch({ registry: createRegistry(), tracer, fetch })(url);
    const { attributes } = spans[0]!;
    assert.equal(attributes["url.full"], expected);
    assert.equal(attributes["server.port"], undefined);
    assert.ok(!JSON.stringify(spans).includes("secret"));
  }
});

test("instrumentFetch() throws on a wrong or misspelt option", () => {
  const wrong = { tracer: 1, peer: 1, fetch: 1, bucket: [1] };
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(() => instrumentFetch({ [name]: value }), TypeError, name);
  }
});

test("instrumentFetch() calls the given fetch without `this`", async () => {
  const seen: unknown[] = [];
  const call = instrumentFetch({
    registry: createRegistry(),
    tracer: traced().tracer,
    fetch: function (this: unknown) {
      seen.push(this);
      return Promise.resolve(new Response());
    } as never,
  });
  await call("http://a.example/");
  await call(new Request("http://a.example/", { method: "POST", body: "a" }));
  await call("no url");
  assert.deepEqual(seen, [undefined, undefined, undefined]);
});
