/** The tracker of mount paths, with requests of any shape. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  expressRoute,
  followRoute,
  MountPaths,
} from "../../src/frameworks/express_route.ts";
import * as fc from "../support/property.ts";

interface FakeRequest {
  baseUrl?: unknown;
  route?: unknown;
  params?: unknown;
}

/** Returns the template of a request that enters a router. */
function mountedAt(baseUrl: string, params: unknown, route: unknown): string {
  const request: FakeRequest = { baseUrl: "" };
  followRoute(request);
  request.params = params;
  request.baseUrl = baseUrl;
  request.route = route;
  return expressRoute(request);
}

test("followRoute() leaves requests of other frameworks alone", () => {
  const request = { url: "/" };
  followRoute(request);
  assert.deepEqual(Reflect.ownKeys(request), ["url"]);
  assert.equal(expressRoute(request), "");
});

test("followRoute() translates wildcards and repeated values", () => {
  const route = { path: "/:id" };
  assert.equal(
    mountedAt("/files/a/b", { path: ["a", "b"] }, route),
    "/files/:path/:id",
  );
  assert.equal(mountedAt("/files/a/b", { 0: "a/b" }, route), "/files/:0/:id");
  assert.equal(mountedAt("/a/a", { x: "a", y: "a" }, route), "/:x/:y/:id");
  assert.equal(mountedAt("/x/x", { x: "x" }, route), "/x/:x/:id");
  assert.equal(mountedAt("/x", null, { path: /^\/y$/ }), "/x/^\\/y$/");
});

test("followRoute() translates values within a segment", () => {
  const route = { path: "/" };
  assert.equal(mountedAt("/v1", { version: "1" }, route), "/v:version");
  assert.equal(
    mountedAt("/flights/a-b", { from: "a", to: "b" }, route),
    "/flights/:from-:to",
  );
  assert.equal(
    mountedAt("/files/f.f", { name: "f", type: "f" }, route),
    "/files/:name.:type",
  );
});

test("followRoute() keeps no text of parameters that the program has changed", () => {
  const route = { path: "/end" };
  const changed: readonly (readonly [string, unknown])[] = [
    ["/users/12abc", 12],
    ["/users/0012", 12],
    ["/users/7", { row: 7 }],
    ["/users/ABC", "abc"],
  ];
  for (const [path, id] of changed) {
    assert.equal(mountedAt(path, { id }, route), "/:id/end", path);
  }
  assert.equal(mountedAt("/users/7", { id: 7 }, route), "/users/:id/end");
  assert.equal(mountedAt("/users", { id: undefined }, route), "/users/end");
});

test("followRoute() knows the parameters that a router inherits", () => {
  const request: FakeRequest = { baseUrl: "/shops/s", params: { shop: "s" } };
  followRoute(request);
  const levels: readonly (readonly [string, object])[] = [
    ["/items/7", { shop: "s", item: "7" }],
    ["/reviews", { shop: "s", item: "7" }],
    ["/shop-7", { shop: "s", item: "7", other: "7" }],
    ["/x/8", { shop: "s", item: "8", other: "7" }], // a name again
  ];
  for (const [path, params] of levels) {
    request.params = params;
    request.baseUrl += path;
  }
  assert.equal(
    expressRoute(request),
    "/items/:item/reviews/shop-:other/x/:item",
  );
});

test("followRoute() keeps the template of a route that an error has left", () => {
  const request: FakeRequest = { baseUrl: "" };
  followRoute(request);
  request.baseUrl = "/api";
  request.route = { path: "/:id" };
  request.baseUrl = "";
  assert.equal(request.baseUrl, "");
  assert.equal(expressRoute(request), "/api/:id");
});

test("followRoute() translates by the prototype of an app, if it has one", () => {
  const prototype = { app: {} };
  const first: FakeRequest = Object.assign(Object.create(prototype), {
    baseUrl: "",
  });
  followRoute(first);
  const requests = [
    first,
    ...[7, 8].map((): FakeRequest => {
      const request: FakeRequest = Object.create(prototype);
      request.baseUrl = "";
      followRoute(request);
      assert.equal(Object.hasOwn(request, "baseUrl"), false);
      return request;
    }),
  ];
  for (const [id, request] of requests.entries()) {
    request.params = { shop: `${id}` };
    request.baseUrl = `/shops/${id}`;
  }
  for (const [id, request] of requests.entries()) {
    request.route = { path: "/:item" };
    assert.equal(request.baseUrl, `/shops/${id}`);
    assert.equal(expressRoute(request), "/shops/:shop/:item");
  }
});

test("followRoute() leaves prototypes alone that are not those of an app", () => {
  const own = { app: {}, baseUrl: "/own" };
  const prototypes = [{}, own, Object.freeze({ app: {} }), null];
  for (const prototype of prototypes) {
    const before = prototype && Object.getOwnPropertyDescriptors(prototype);
    const request = Object.defineProperty(Object.create(prototype), "baseUrl", {
      value: "",
      configurable: true,
      writable: true,
    });
    followRoute(request);
    request.baseUrl = "/api";
    assert.equal(expressRoute(request), "/api");
    const after = prototype && Object.getOwnPropertyDescriptors(prototype);
    assert.deepEqual(after, before);
  }
});

test("law: followRoute() takes requests of any shape", () => {
  const shape = fc.oneof(
    fc.anything(),
    fc.record({ path: fc.anything() }),
    fc.constant({ path: Object.create(null) as object }),
    fc.constant({
      get path(): never {
        throw new Error("of a getter");
      },
    }),
  );
  const url = fc.oneof(
    fc.constantFrom("", "/a", "/a/b", "/a/b/c", "/b", undefined, null),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(fc.property(
    fc.array(fc.tuple(url, shape, shape), { maxLength: 8 }),
    (steps) => {
      const request: FakeRequest = { baseUrl: "" };
      followRoute(request);
      for (const [baseUrl, route, params] of steps) {
        request.params = params;
        request.route = route;
        request.baseUrl = baseUrl;
        assert.equal(request.baseUrl, baseUrl ?? "");
      }
    },
  ));
});

test("MountPaths keeps the first spelling, up to its limit", () => {
  const paths = new MountPaths(10);
  assert.equal(paths.known("/Api"), "/Api");
  assert.equal(paths.known("/API"), "/Api");
  assert.equal(paths.known("/api"), "/Api");
  const templates = new Set<string>();
  for (let i = 0; i < 1000; i++) templates.add(paths.known(`/any${i}`));
  assert.ok(templates.has(""));
  assert.ok(templates.size <= 11, `${templates.size}`);
  assert.equal(paths.known("/aPi"), "/Api");
  const long = new MountPaths(10).known(`/${"x".repeat(100_000)}`);
  assert.ok(long.length < 5000, `${long.length}`);
});
