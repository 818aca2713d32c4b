/** The hosts that get trace context: the option `propagate`, and redirects. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentFetch, type Propagate } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";
import { withBaggage } from "../../src/trace/mod.ts";
import { traced } from "./fixtures.ts";
import { rawServer } from "./raw_server.ts";

const CONTEXT = /\r\n(traceparent|baggage): /gi;

/** Returns the numbers of context headers in `requests`. */
function contextsIn(requests: readonly string[]): number[] {
  return requests.map((text) => [...text.matchAll(CONTEXT)].length);
}

function inContext(work: () => Promise<unknown>): Promise<unknown> {
  return withBaggage({ tenant: "blue" }, work);
}

test("instrumentFetch() sends the context to the hosts of the option propagate", async () => {
  const hosts = ["api.example", "localhost:8080", "*.Internal"];
  const cases: readonly [Propagate | undefined, string, boolean][] = [
    [undefined, "https://any.example/", true],
    [[], "https://any.example/", false],
    [hosts, "https://api.example/", true],
    [hosts, "https://API.example:8443/x", true],
    [hosts, "http://localhost:8080/", true],
    [hosts, "http://localhost:8081/", false],
    [hosts, "http://a.b.internal/", true],
    [hosts, "http://internal/", false],
    [hosts, "http://notinternal/", false],
    [hosts, "http://api.example.evil/", false],
    [() => true, "https://any.example/", true],
    [() => false, "https://any.example/", false],
    [({ pathname }) => pathname === "/x", "https://any.example/x", true],
    [() => 1 as never, "https://any.example/", false],
    [() => Promise.reject(new Error("late")) as never, "https://a/", false],
    [
      () => {
        throw new Error("boom");
      },
      "https://any.example/",
      false,
    ],
    [undefined, "data:,content", false],
  ];
  for (const [propagate, url, expected] of cases) {
    const registry = createRegistry();
    const { tracer, spans } = traced();
    const seen: unknown[] = [];
    const call = instrumentFetch({
      registry,
      tracer,
      propagate,
      fetch: (...args) => {
        seen.push(...args);
        return Promise.resolve(new Response());
      },
    });
    const init = { headers: { "x-mine": "1" } };
    await inContext(() => call(url, init));
    const headers = new Headers((seen[1] as RequestInit).headers);
    assert.equal(headers.has("traceparent"), expected, url);
    assert.equal(headers.has("baggage"), expected, url);
    assert.equal(headers.get("x-mine"), "1");
    if (!expected) assert.equal(seen[1], init);
    assert.equal(spans.length, 1);
  }
});

test("instrumentFetch() refuses hosts that no URL has", () => {
  for (
    const propagate of ["a.example", ["http://a.example"], [1], [""], true]
  ) {
    assert.throws(() => instrumentFetch({ propagate: propagate as never }), {
      name: "TypeError",
      message: /propagate is .*; give a list of hosts, such as/,
    });
  }
});

test("instrumentFetch() sends the context along redirects of one origin only", async () => {
  await using server = await rawServer();
  const own = `http://127.0.0.1:${server.port}`;
  const other = `http://localhost:${server.port}`;
  const registry = createRegistry();
  const { tracer, spans } = traced();
  const call = instrumentFetch({ registry, tracer });
  const back = encodeURIComponent(`${own}/end`);
  const cases: readonly [url: string, contexts: number[]][] = [
    [`${own}/302?to=/end`, [2, 2]],
    [`${own}/302?to=${other}/end`, [2, 0]],
    [`${own}/307?to=${other}/302%3Fto=${back}`, [2, 0, 0]],
  ];
  for (const [url, expected] of cases) {
    for (const target of [url, new Request(url)]) {
      spans.length = 0;
      server.taken();
      await inContext(async () => {
        const response = await call(target);
        assert.equal(response.redirected, true);
        assert.equal(response.clone().redirected, true);
        assert.equal(await response.text(), "ok");
      });
      assert.deepEqual(contextsIn(server.taken()), expected, url);
      assert.equal(spans.length, 1);
    }
  }
  const at = { method: "GET", peer: "unknown", outcome: "2xx" };
  assert.equal(valueOf(registry, "http_client_requests_total", at), 6);
});

test("instrumentFetch() asks the option propagate for each redirect", async () => {
  await using server = await rawServer();
  const { tracer } = traced();
  const call = instrumentFetch({
    registry: createRegistry(),
    tracer,
    propagate: ({ pathname }) => pathname !== "/end",
  });
  const url = `http://127.0.0.1:${server.port}/302?to=/end`;
  await inContext(async () => await (await call(url)).text());
  assert.deepEqual(contextsIn(server.taken()), [2, 0]);
});

test("instrumentFetch() sends bodies of a Request again after a redirect", async () => {
  await using server = await rawServer();
  const url = `http://127.0.0.1:${server.port}/307?to=/end`;
  const call = instrumentFetch({
    registry: createRegistry(),
    tracer: traced().tracer,
  });
  const large = "x".repeat(3 * 2 ** 20);
  for (const body of ["", "small", large]) {
    server.taken();
    await inContext(async () => {
      await (await call(new Request(url, { method: "POST", body }))).text();
    });
    const [first, second] = server.taken();
    assert.ok(first!.endsWith(`\r\n\r\n${body}`));
    assert.ok(second!.endsWith(`\r\n\r\n${body}`));
  }
});

test("instrumentFetch() rejects redirects of streams", async () => {
  await using server = await rawServer();
  const url = `http://127.0.0.1:${server.port}/307?to=/end`;
  const call = instrumentFetch({
    registry: createRegistry(),
    tracer: traced().tracer,
  });
  const streamed = () => ({
    method: "POST",
    body: new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("text"));
        controller.close();
      },
    }),
    duplex: "half",
  } as const);
  await assert.rejects(inContext(() => call(url, streamed())), TypeError);
  await assert.rejects(
    inContext(() => call(new Request(url, streamed()))),
    TypeError,
  );
});

test("instrumentFetch() sends a body again as it was when it was given", async () => {
  await using server = await rawServer();
  const url = `http://127.0.0.1:${server.port}/307?to=/end`;
  const call = instrumentFetch({
    registry: createRegistry(),
    tracer: traced().tracer,
  });
  const bytes = new TextEncoder().encode("before");
  const params = new URLSearchParams("a=before");
  const form = new FormData();
  form.set("a", "before");
  const calls = [bytes, bytes.buffer, params, form].map((body) =>
    inContext(async () => {
      await (await call(url, { method: "POST", body })).text();
    })
  );
  bytes.fill(48);
  params.set("a", "after");
  form.set("a", "after");
  await Promise.all(calls);
  const requests = server.taken();
  assert.equal(requests.length, 8);
  for (const request of requests) assert.match(request, /before/);
});

test("instrumentFetch() leaves the limit of redirects to the platform", async () => {
  await using server = await rawServer();
  const call = instrumentFetch({
    registry: createRegistry(),
    tracer: traced().tracer,
  });
  const endless = `http://127.0.0.1:${server.port}/302?to=self`;
  await assert.rejects(inContext(() => call(endless)), TypeError);
  const contexts = contextsIn(server.taken());
  assert.ok(contexts.length > 20);
  assert.deepEqual(new Set(contexts.slice(0, 20)), new Set([2]));
  assert.deepEqual(new Set(contexts.slice(20)), new Set([0]));
});
