/** Metrics under the names of OpenTelemetry's conventions: their label values. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openMetrics } from "../../src/encode/mod.ts";
import {
  instrumentFetch,
  instrumentHandler,
} from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import {
  distributionOf,
  expositionOf,
  valueOf,
} from "../../src/testing/mod.ts";
import { NODE_REQUEST } from "../../src/platform/internal.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";
import { request, traced } from "./fixtures.ts";
import {
  anyRequest,
  dottedRegistry,
  labelSetsOf,
  quietRegistry,
  setOf,
} from "./semconv_fixtures.ts";

const DURATION = "http_server_request_duration_seconds";
const TRACE = "0af7651916cd43dd8448eb211c80319c";

class TimedOut extends Error {
  override readonly name = "TimedOut";
}

test('names: "semconv" labels requests by the attributes that apply', async () => {
  const registry = quietRegistry();
  const answers: readonly [() => Response | undefined, object][] = [
    [() => new Response(), { http_response_status_code: "200" }],
    [
      () => new Response(null, { status: 404 }),
      { http_response_status_code: "404" },
    ],
    [
      () => new Response(null, { status: 503 }),
      { http_response_status_code: "503", error_type: "503" },
    ],
    [
      () => {
        throw new TimedOut();
      },
      { http_response_status_code: "500", error_type: "TimedOut" },
    ],
    [
      () => {
        throw undefined;
      },
      { http_response_status_code: "500", error_type: "undefined" },
    ],
    [() => undefined, { http_response_status_code: "101" }],
  ];
  for (const [answer] of answers) {
    const handler = instrumentHandler(async () => await answer(), {
      registry,
      names: "semconv",
      route: "/users/:id",
    });
    await handler(request()).catch(() => {});
  }
  const { [DURATION]: durations, ...others } = labelSetsOf(registry);
  assert.deepEqual(
    durations,
    answers.map(([, labels]) =>
      setOf({
        http_request_method: "GET",
        url_scheme: "http",
        http_route: "/users/:id",
        ...labels,
      })
    ).sort(),
  );
  assert.deepEqual(others, {
    http_server_active_requests: [
      setOf({ http_request_method: "GET", url_scheme: "http" }),
    ],
  });
  const active = { http_request_method: "GET", url_scheme: "http" };
  assert.equal(valueOf(registry, "http_server_active_requests", active), 0);
});

test('names: "semconv" has no route without a template, and never a path', () => {
  const registry = quietRegistry();
  const names = "semconv";
  instrumentHandler(() => new Response(), { registry, names })(request());
  instrumentHandler(() => new Response(), {
    registry,
    names,
    route: () => undefined,
  })(request());
  const labels = {
    http_request_method: "GET",
    url_scheme: "http",
    http_response_status_code: 200,
  };
  assert.equal(distributionOf(registry, DURATION, labels)?.count, 2);
  assert.doesNotMatch(expositionOf(registry), /secret|unknown|route/);
});

test('names: "semconv" takes scheme and version from the connection, not from headers', () => {
  const registry = quietRegistry();
  const handler = instrumentHandler(() => new Response(), {
    registry,
    names: "semconv",
  });
  const proxied = { "x-forwarded-proto": "https", "forwarded": "proto=https" };
  handler(anyRequest("GET", "http://a/", proxied));
  handler(anyRequest("GET", "https://a/"));
  handler(anyRequest("GET", "/path-only"));
  handler(anyRequest("GET", "gopher://a/"));
  for (const httpVersion of ["1.0", "1.1", "2.0", "2", "3.0", "9.9", "x"]) {
    const behind = { [NODE_REQUEST]: { httpVersion, headers: {} } };
    handler(Object.assign(anyRequest("GET"), behind));
  }
  const of = (url_scheme: string, version?: string) =>
    setOf({
      http_request_method: "GET",
      url_scheme,
      ...version !== undefined && { network_protocol_version: version },
      http_response_status_code: "200",
    });
  assert.deepEqual(
    labelSetsOf(registry)[DURATION],
    [
      of("https"),
      of("http"),
      ...["1.0", "1.1", "2", "3"].map((version) => of("http", version)),
    ].sort(),
  );
});

test('names: "semconv" sends codes that no server can send as 500', () => {
  const registry = quietRegistry();
  const handler = instrumentHandler(
    (incoming) =>
      ({
        status: Number(incoming.headers.get("x-status")),
        headers: new Headers(),
      }) as Response,
    { registry, names: "semconv" },
  );
  const codes = [99, 100, 599, 600, 0, -1, NaN, 1e9, 204.5];
  for (const code of codes) {
    handler(anyRequest("GET", undefined, { "x-status": `${code}` }));
  }
  const found = [
    ...new Set(
      [...expositionOf(registry).matchAll(/status_code="(\w+)"/g)]
        .map(([, code]) => code),
    ),
  ];
  assert.deepEqual(found.sort(), ["100", "204", "500", "599"]);
});

test('names: "semconv" calls unknown methods _OTHER, and knownMethods replaces the list', () => {
  const methodsWith = (options: { knownMethods?: string[] }) => {
    const registry = quietRegistry();
    const { tracer, spans } = traced();
    const handler = instrumentHandler(() => new Response(), {
      registry,
      tracer,
      names: "both",
      ...options,
    });
    for (const method of ["GET", "get", "QUERY", "PURGE", ""]) {
      handler(anyRequest(method));
    }
    const texts = expositionOf(registry);
    const valuesOf = (pattern: RegExp) => [
      ...new Set([...texts.matchAll(pattern)].map(([, value]) => value)),
    ];
    return {
      own: valuesOf(/[{,]method="(\w+)"/g),
      conventional: valuesOf(/http_request_method="(\w+)"/g),
      spans: spans.map(({ name }) => name),
    };
  };
  assert.deepEqual(methodsWith({}), {
    own: ["GET", "OTHER"],
    conventional: ["GET", "_OTHER"],
    spans: ["GET", "HTTP", "HTTP", "HTTP", "HTTP"],
  });
  assert.deepEqual(methodsWith({ knownMethods: ["QUERY"] }), {
    own: ["OTHER", "QUERY"],
    conventional: ["_OTHER", "QUERY"],
    spans: ["HTTP", "HTTP", "QUERY", "HTTP", "HTTP"],
  });
});

test('names: "semconv" observes declared sizes with the labels of the duration', () => {
  const registry = quietRegistry();
  const handler = instrumentHandler(
    () => new Response("1234567", { headers: { "content-length": "7" } }),
    { registry, names: "semconv", route: "/" },
  );
  handler(anyRequest("POST", undefined, { "content-length": "70" }));
  handler(anyRequest("HEAD"));
  const labels = {
    http_request_method: "POST",
    url_scheme: "http",
    http_route: "/",
    http_response_status_code: 200,
  };
  const sum = (message: string) =>
    distributionOf(registry, `http_server_${message}_body_size_bytes`, labels)
      ?.sum;
  assert.equal(sum("request"), 70);
  assert.equal(sum("response"), 7);
  const { http_server_response_body_size_bytes: sizes } = labelSetsOf(registry);
  assert.equal(sizes?.length, 1, "HEAD has no body");
});

test('names: "semconv" counts a request whose client has left as 499, without an error', async () => {
  const registry = quietRegistry();
  const gone = new AbortController();
  const { signal } = gone;
  const handler = instrumentHandler(async () => {
    gone.abort();
    await Promise.reject(
      new DOMException("The request has been cancelled.", "AbortError"),
    );
  }, { registry, names: "semconv" });
  const incoming = Object.assign(anyRequest("GET"), { signal });
  await assert.rejects(handler(incoming));
  assert.deepEqual(labelSetsOf(registry)[DURATION], [
    setOf({
      http_request_method: "GET",
      url_scheme: "http",
      http_response_status_code: "499",
    }),
  ]);
});

test("the dotted spelling is that of the classic one for readers of classic names", () => {
  const texts = [dottedRegistry(), quietRegistry()].map((registry) => {
    instrumentHandler(() => new Response(), {
      registry,
      names: "semconv",
      route: "/",
      clock: { unix: () => 0, mono: () => 0 },
    })(request());
    return registry;
  });
  const [dotted, classic] = texts;
  assert.equal(
    expositionOf(dotted!),
    expositionOf(classic!),
  );
});

test('status: "code" labels requests and calls by the full code', async () => {
  const registry = quietRegistry();
  const statuses = [undefined, 200, 404, 999];
  for (const status of statuses) {
    const answer = status === undefined
      ? undefined
      : { status, headers: new Headers() } as Response;
    instrumentHandler(() => answer, { registry, route: "/", status: "code" })(
      request(),
    );
  }
  const { http_requests_total: requests, http_request_duration_seconds } =
    labelSetsOf(registry);
  const expected = ["101", "200", "404", "500"].map((status_code) =>
    setOf({ method: "GET", route: "/", status_code })
  );
  assert.deepEqual(requests, expected);
  assert.deepEqual(http_request_duration_seconds, expected);
  const answers: (() => Promise<Response>)[] = [
    () => Promise.resolve(new Response(null, { status: 418 })),
    () => Promise.resolve(Response.error()),
    () => Promise.reject(new TypeError("down")),
  ];
  const call = instrumentFetch({
    registry,
    status: "code",
    fetch: () => answers.shift()!(),
  });
  await call("http://a/");
  await call("http://a/");
  await assert.rejects(call("http://a/"));
  const outcomes = { method: "GET", peer: "unknown" };
  assert.deepEqual(labelSetsOf(registry)["http_client_requests_total"], [
    setOf({ ...outcomes, outcome: "418" }),
    setOf({ ...outcomes, outcome: "error" }),
  ]);
});

test("metrics under all names get the exemplar of their trace", async () => {
  const registry = createRegistry();
  await using telemetry = createTelemetry({ registry });
  telemetry.observe(() => new Response(), { names: "both" })(
    request({ headers: { traceparent: `00-${TRACE}-b7ad6b7169203331-01` } }),
  );
  const page = expositionOf(registry, openMetrics);
  for (const name of ["http_request", "http_server_request"]) {
    assert.match(
      page,
      new RegExp(`^${name}_duration_seconds_bucket.* # .*${TRACE}`, "m"),
    );
  }
});

test('names: "semconv" uses the prefix and the labels of a scope', () => {
  const registry = quietRegistry();
  const scope = registry.scope({ prefix: "shop_", labels: { zone: "eu" } });
  const handler = instrumentHandler(() => new Response(), {
    registry: scope,
    names: "semconv",
    route: "/",
  });
  for (let i = 0; i < 3; i++) handler(request());
  const labels = {
    zone: "eu",
    http_request_method: "GET",
    url_scheme: "http",
    http_route: "/",
    http_response_status_code: 200,
  };
  assert.equal(distributionOf(registry, `shop_${DURATION}`, labels)?.count, 3);
});

test("wrong names, statuses and methods are refused with advice", () => {
  const wrong: readonly [object, RegExp][] = [
    [
      { names: "otel" },
      /names is "otel"; give "prometheus" or "semconv" or "both"/,
    ],
    [{ status: "number" }, /status is "number"; give "class" or "code"/],
    [{ knownMethods: "GET" }, /knownMethods is "GET"; give a list of methods/],
    [{ knownMethods: [1] }, /knownMethods is \[1\]; give a list of methods/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(
      () => instrumentHandler(() => new Response(), options),
      message,
    );
    assert.throws(() => instrumentFetch(options), message);
  }
});
