import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { request, setUp } from "./fixtures.ts";

test("instrumentHandler() counts requests by method, route and status class", () => {
  const { registry, requests, inFlight } = setUp();
  const handler = instrumentHandler(() => new Response("hi"), {
    registry,
    route: "/users/:id",
  });
  handler(request());
  handler(request());
  handler(request({ method: "POST" }));
  assert.equal(requests("GET", "2xx", "/users/:id"), 2);
  assert.equal(requests("POST", "2xx", "/users/:id"), 1);
  assert.equal(inFlight(), 0);
});

test("instrumentHandler() observes the seconds until the response is returned", async () => {
  const { registry, duration } = setUp();
  const clock = new FakeClock();
  const sync = instrumentHandler(() => {
    clock.advance(0.25);
    return new Response();
  }, { registry, clock });
  sync(request());
  assert.equal(duration("GET", "2xx")?.sum, 0.25);
  const gate = Promise.withResolvers<Response>();
  const later = instrumentHandler(() => gate.promise, { registry, clock });
  const answer = later(request());
  clock.advance(2);
  gate.resolve(new Response(null, { status: 500 }));
  await answer;
  assert.equal(duration("GET", "5xx")?.sum, 2);
  assert.equal(duration("GET", "5xx")?.count, 1);
});

test("instrumentHandler() does not time the route function", () => {
  const { registry, duration } = setUp();
  const clock = new FakeClock();
  const route = () => {
    clock.advance(60);
    return "/slow-router";
  };
  instrumentHandler(() => new Response(), { registry, clock, route })(
    request(),
  );
  assert.equal(duration("GET", "2xx", "/slow-router")?.sum, 0);
});

test("instrumentHandler() takes bucket bounds for the duration", () => {
  const { registry, duration } = setUp();
  instrumentHandler(() => new Response(), { registry, buckets: [0.1, 30] })(
    request(),
  );
  assert.deepEqual([...duration("GET", "2xx")!.bounds], [0.1, 30]);
});

test("instrumentHandler() adds native buckets to the classic ones or replaces them", () => {
  for (const buckets of [undefined, []]) {
    const { registry, duration } = setUp();
    const options = buckets === undefined ? {} : { buckets };
    instrumentHandler(() => new Response(), {
      registry,
      native: { schema: 2 },
      ...options,
    })(request());
    const { bounds, native } = duration("GET", "2xx")!;
    assert.equal(bounds.length, buckets === undefined ? 11 : 0);
    assert.equal(native!.schema, 2);
  }
});

test("instrumentHandler() counts the first and last status of each class", () => {
  const { registry, requests } = setUp();
  for (const status of [200, 299, 300, 399, 400, 499, 500, 599]) {
    instrumentHandler(() => new Response(null, { status }), { registry })(
      request(),
    );
  }
  instrumentHandler(() => Response.error(), { registry })(request());
  const counts = ["2xx", "3xx", "4xx", "5xx"].map((status) =>
    requests("GET", status)
  );
  assert.deepEqual(counts, [2, 2, 2, 3], "Response.error() counts as 5xx");
});

test("instrumentHandler() reads the status of a response from another realm", () => {
  const { registry, requests } = setUp();
  const foreign = { status: 404 } as Response;
  const handler = instrumentHandler(() => foreign, { registry });
  assert.equal(handler(request()), foreign);
  assert.equal(requests("GET", "4xx"), 1);
});

test("instrumentHandler() returns the same response object", async () => {
  const { registry } = setUp();
  const body = new ReadableStream();
  const stream = new Response(body);
  assert.equal(
    instrumentHandler(() => stream, { registry })(request()),
    stream,
  );
  assert.equal(stream.body, body);
  assert.equal(stream.bodyUsed, false);
  assert.equal(body.locked, false);
  const wrapped = instrumentHandler(() => Promise.resolve(stream), {
    registry,
  });
  assert.equal(await wrapped(request()), stream);
});

test("instrumentHandler() leaves the request body unread", async () => {
  const { registry } = setUp();
  const handler = instrumentHandler(
    async (incoming: Request) => new Response(await incoming.text()),
    { registry, route: ({ method }) => method },
  );
  const answer = await handler(request({ method: "POST", body: "hello" }));
  assert.equal(await answer.text(), "hello");
});

test("instrumentHandler() keeps a synchronous handler synchronous", () => {
  const { registry, requests } = setUp();
  const sync = instrumentHandler(() => new Response(), { registry });
  assert.ok(sync(request()) instanceof Response);
  const later = instrumentHandler(() => new Promise<Response>(() => {}), {
    registry,
  });
  assert.ok(later(request()) instanceof Promise);
  assert.equal(requests("GET", "2xx"), 1);
});

test("instrumentHandler() counts a streaming response before its body ends", () => {
  const { registry, requests, inFlight } = setUp();
  const endless = new ReadableStream({ pull: () => new Promise(() => {}) });
  instrumentHandler(() => new Response(endless), { registry })(request());
  assert.equal(requests("GET", "2xx"), 1);
  assert.equal(inFlight(), 0);
});

test("instrumentHandler() counts an upgrade that returns nothing as 1xx", async () => {
  const { registry, requests, inFlight } = setUp();
  const sync = instrumentHandler(() => undefined, { registry });
  assert.equal(sync(request()), undefined);
  const later = instrumentHandler(async () => {}, { registry });
  assert.equal(await later(request()), undefined);
  assert.equal(requests("GET", "1xx"), 2);
  assert.equal(inFlight(), 0);
});

test("instrumentHandler() counts a handler that throws or rejects as 5xx, and passes the error on", async () => {
  const { registry, requests, inFlight } = setUp();
  const error = new Error("broken");
  const throws = instrumentHandler((): Response => {
    throw error;
  }, { registry });
  assert.throws(() => throws(request()), (thrown) => thrown === error);
  const rejects = instrumentHandler(
    (): Promise<Response> => Promise.reject(error),
    { registry },
  );
  await assert.rejects(rejects(request()), (thrown) => thrown === error);
  assert.equal(requests("GET", "5xx"), 2);
  assert.equal(inFlight(), 0);
});

test("instrumentHandler() passes a rejection with undefined on", async () => {
  const { registry, requests } = setUp();
  const rejects = instrumentHandler(
    (): Promise<Response> => Promise.reject(undefined),
    { registry },
  );
  const thrown = await rejects(request()).then(() => "answered", (e) => e);
  assert.equal(thrown, undefined);
  assert.equal(requests("GET", "5xx"), 1);
});

test("instrumentHandler() does not record ignored requests; it records them if `ignore` throws", () => {
  const { registry, requests, inFlight } = setUp();
  const ignore = ({ url }: Request) => {
    if (url.endsWith("/broken")) throw new Error("broken");
    return url.endsWith("/metrics");
  };
  const handler = instrumentHandler(() => new Response(), { registry, ignore });
  handler(request({}, "/metrics"));
  assert.equal(requests("GET", "2xx"), undefined);
  assert.equal(inFlight(), undefined);
  handler(request({}, "/broken"));
  assert.equal(requests("GET", "2xx"), 1);
});

test("instrumentHandler() does not treat a promise from `ignore` as true", () => {
  const { registry, requests } = setUp();
  const ignore = (() => Promise.resolve(false)) as unknown as () => boolean;
  instrumentHandler(() => new Response(), { registry, ignore })(request());
  assert.equal(requests("GET", "2xx"), 1);
});

test("instrumentHandler() passes `this` and further parameters on", async () => {
  const { registry } = setUp();
  const server = {
    name: "server",
    fetch: instrumentHandler(function (
      this: { readonly name: string },
      _request: Request,
      info: { readonly port: number },
    ) {
      return new Response(`${this.name}:${info.port}`);
    }, { registry, ignore: ({ method }) => method === "PUT" }),
  };
  for (const method of ["GET", "PUT"]) {
    const response: Response = server.fetch(request({ method }), { port: 80 });
    assert.equal(await response.text(), "server:80");
  }
});
