import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { request, setUp } from "./fixtures.ts";

function declaring(length: string, init: ResponseInit = {}): Response {
  return new Response(null, { ...init, headers: { "content-length": length } });
}

test("instrumentHandler() observes declared body sizes", () => {
  const { registry, requestSize, responseSize } = setUp();
  const handler = instrumentHandler(() => declaring("5"), { registry });
  handler(request({ method: "POST", headers: { "content-length": "300" } }));
  handler(request({ method: "POST", headers: { "content-length": "0" } }));
  assert.equal(requestSize("POST")?.count, 2);
  assert.equal(requestSize("POST")?.sum, 300);
  assert.equal(responseSize("POST", "2xx")?.count, 2);
  assert.equal(responseSize("POST", "2xx")?.sum, 10);
});

test("instrumentHandler() observes no size that is undeclared or malformed", () => {
  const { registry, requestSize, responseSize } = setUp();
  const lengths = ["-1", "1e9", "0x10", "1.5", "5, 5", "9".repeat(16), "", "x"];
  for (const length of lengths) {
    const handler = instrumentHandler(() => declaring(length), { registry });
    handler(request({ headers: { "content-length": length } }));
  }
  const handler = instrumentHandler(() => new Response("hello"), { registry });
  handler(request({ method: "GET" }));
  assert.equal(requestSize("GET"), undefined);
  assert.equal(responseSize("GET", "2xx"), undefined);
});

test("instrumentHandler() observes no size of a body that is not sent: HEAD and 304", () => {
  const { registry, requests, responseSize } = setUp();
  const handler = instrumentHandler(() => declaring("5000"), { registry });
  handler(request({ method: "HEAD" }));
  instrumentHandler(() => declaring("7000", { status: 304 }), { registry })(
    request(),
  );
  assert.equal(requests("HEAD", "2xx"), 1);
  assert.equal(requests("GET", "3xx"), 1);
  assert.equal(responseSize("HEAD", "2xx"), undefined);
  assert.equal(responseSize("GET", "3xx"), undefined);
});

test("instrumentHandler() observes the request size of a failed handler too", () => {
  const { registry, requestSize } = setUp();
  const handler = instrumentHandler((): Response => {
    throw new Error("broken");
  }, { registry });
  const headers = { "content-length": "12" };
  assert.throws(() => handler(request({ method: "PUT", headers })));
  assert.equal(requestSize("PUT")?.sum, 12);
});

test("instrumentHandler() uses size buckets from 64 bytes to 16 MiB, by factors of four", () => {
  const { registry, responseSize } = setUp();
  instrumentHandler(() => declaring("5"), { registry })(request());
  const bounds = [...responseSize("GET", "2xx")!.bounds];
  assert.equal(bounds[0], 64);
  assert.equal(bounds.at(-1), 16 * 1024 * 1024);
  assert.ok(
    bounds.every((bound, i) => i === 0 || bound === bounds[i - 1]! * 4),
  );
});
