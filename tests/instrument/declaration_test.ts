import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry, FamilyConflictError } from "../../src/metrics/mod.ts";
import { expositionOf, valueOf } from "../../src/testing/mod.ts";
import { request, setUp } from "./fixtures.ts";

test("instrumentHandler() adds to the same metrics for all handlers of a registry", () => {
  const { registry, requests } = setUp();
  for (const route of ["/a", "/b", "/a"]) {
    instrumentHandler(() => new Response(), { registry, route })(request());
  }
  assert.equal(requests("GET", "2xx", "/a"), 2);
  assert.equal(requests("GET", "2xx", "/b"), 1);
});

test("instrumentHandler() refuses other buckets on the same registry", () => {
  const { registry } = setUp();
  const wrap = (buckets: readonly number[]) =>
    instrumentHandler(() => new Response(), { registry, buckets });
  wrap([1, 2]);
  assert.throws(() => wrap([1, 3]), FamilyConflictError);
  wrap([1, 2]);
});

test("instrumentHandler() uses the prefix and the labels of a scope", () => {
  const registry = createRegistry();
  const scope = registry.scope({ prefix: "shop_", labels: { zone: "eu" } });
  instrumentHandler(() => new Response(), { registry: scope, route: "/" })(
    request(),
  );
  const labels = {
    zone: "eu",
    method: "GET",
    route: "/",
    status_class: "2xx",
  };
  assert.equal(valueOf(registry, "shop_http_requests_total", labels), 1);
});

test("instrumentHandler() starts again at zero after its series were cleared", () => {
  const { registry, requests } = setUp();
  const handler = instrumentHandler(() => new Response(), {
    registry,
    route: "/",
  });
  handler(request());
  handler(request());
  registry.counter({
    name: "http_requests_total",
    help: "Requests answered.",
    labels: ["method", "route", "status_class"],
    values: {
      method: [
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "DELETE",
        "CONNECT",
        "OPTIONS",
        "TRACE",
        "PATCH",
        "OTHER",
      ],
      status_class: ["1xx", "2xx", "3xx", "4xx", "5xx"],
    },
  }).clear();
  handler(request());
  assert.equal(requests("GET", "2xx", "/"), 1);
});

test("instrumentHandler() declares its families before the first request", () => {
  const { registry } = setUp();
  instrumentHandler(() => new Response(), { registry });
  const families = registry.descs
    .filter(({ name }) => name.startsWith("http_"))
    .map(({ name, type, unit, labelNames }) =>
      [name, type, unit, labelNames.join()].join(" ")
    );
  assert.deepEqual(families, [
    "http_requests_total counter  method,route,status_class",
    "http_request_duration_seconds histogram seconds method,route,status_class",
    "http_requests_in_flight gauge  method",
    "http_request_body_size_bytes histogram bytes method,route",
    "http_response_body_size_bytes histogram bytes method,route,status_class",
  ]);
  assert.equal(
    expositionOf(registry),
    "",
    "no series before the first request",
  );
});

test("instrumentHandler() throws if the handler is not a function", () => {
  const app = { fetch: () => new Response() };
  assert.throws(() => instrumentHandler(app as never), {
    name: "TypeError",
    message: "Cannot instrument a handler of type object: " +
      "give a function, such as app.fetch",
  });
});

test("instrumentHandler() throws on a wrong option and says what to give", () => {
  const wrong: readonly [object, RegExp][] = [
    [{ routes: "/" }, /no option "routes"; give any of registry, route/],
    [{ route: 5 }, /route is of type number; give a template/],
    [{ route: null }, /route is of type null; give a template/],
    [{ ignore: ["/metrics"] }, /ignore is an array; give a function/],
    [{ registry: "main" }, /registry is of type string; give a registry/],
    [{ buckets: 5 }, /buckets is of type number; give a list of seconds/],
    [{ native: 3 }, /native is of type number; give true, or options/],
    [{ clock: Date.now }, /clock is of type function; give a clock/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(
      () => instrumentHandler(() => new Response(), options),
      message,
    );
  }
});
