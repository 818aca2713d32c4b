/** The answers of a receiver: methods, paths, encodings, bodies, limits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { bearer } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { otlpReceiver } from "../../src/receiver/mod.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import * as fc from "../support/property.ts";
import { needs } from "../oracle/programs.ts";
import { jsonOf, protoOf, typeOf } from "./encodings.ts";
import {
  createWorld,
  gaugeOf,
  point,
  post,
  requestOf,
  sumOf,
  URL_METRICS,
} from "./world.ts";

const JSON_TYPE = "application/json";
const PROTO_TYPE = "application/x-protobuf";

const request = requestOf([gaugeOf("x", point(1))]);

function gzip(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(bytes));
}

/** Returns the status of an answer and its message, which is JSON. */
async function statusOf(answer: Promise<Response>) {
  const response = await answer;
  assert.equal(response.headers.get("content-type"), JSON_TYPE);
  const { message } = await response.json();
  return [response.status, message];
}

test("a request is accepted in each encoding, compressed or not", {
  ...needs("OTLP_PROTOS"),
}, async () => {
  for (
    const type of [JSON_TYPE, PROTO_TYPE, "Application/JSON; charset=utf-8"]
  ) {
    const isProto = type === PROTO_TYPE;
    const plain = isProto ? protoOf(withLists(request)) : jsonOf(request);
    for (const coding of ["identity", "gzip", "GZIP"]) {
      const { receive, lines } = createWorld();
      const body = coding === "identity" ? plain : gzip(plain);
      const headers = { "content-encoding": coding };
      const response = await receive(post(body, type, headers));
      assert.equal(response.status, 200);
      assert.equal(
        response.headers.get("content-type"),
        isProto ? PROTO_TYPE : JSON_TYPE,
      );
      assert.equal(await response.text(), isProto ? "" : "{}");
      assert.deepEqual(lines(/^x\{/), ['x{job="shop"} 1']);
    }
  }
});

/** protobufjs needs no lists that are empty. */
function withLists(request: object) {
  return request as Parameters<typeof protoOf>[0];
}

test("a partial success in protobuf has the count and the words", {
  ...needs("OTLP_PROTOS"),
}, async () => {
  const { receive } = createWorld();
  const body = protoOf(withLists(requestOf([sumOf("a", [point(-1)])])));
  const response = await receive(post(body, PROTO_TYPE));
  const answer = typeOf("ExportMetricsServiceResponse")
    .decode(new Uint8Array(await response.arrayBuffer())).toJSON();
  assert.deepEqual(answer, {
    partialSuccess: {
      rejectedDataPoints: "1",
      errorMessage:
        'metric "a": a monotonic sum must be a number from 0 on (1)',
    },
  });
});

test("empty requests are accepted; an empty body is none in JSON", async () => {
  const { receive } = createWorld();
  assert.equal((await receive(post("", PROTO_TYPE))).status, 200);
  assert.equal((await receive(post("{}"))).status, 200);
  assert.deepEqual(await statusOf(receive(post(""))), [
    400,
    "not a request of OTLP: it is not JSON in UTF-8",
  ]);
});

test("other paths, methods, types and codings are refused with words", async () => {
  const { receive } = createWorld();
  const at = (path: string) =>
    receive(
      new Request(`http://127.0.0.1:4318${path}`, {
        method: "POST",
        headers: { "content-type": JSON_TYPE },
        body: "{}",
      }),
    );
  for (const path of ["/", "/v1/traces", "/v1/logs", "/v1/metricsx"]) {
    assert.deepEqual(await statusOf(at(path)), [
      404,
      "only metrics are received: /v1/metrics",
    ]);
  }
  for (const path of ["/v1/metrics/", "/otlp/v1/metrics?x=1"]) {
    assert.equal((await at(path)).status, 200);
  }
  const get = await receive(new Request(URL_METRICS));
  assert.equal(get.status, 405);
  assert.equal(get.headers.get("allow"), "POST");
  assert.deepEqual(await statusOf(receive(post("{}", "text/plain"))), [
    415,
    "use application/x-protobuf or application/json",
  ]);
  const brotli = { "content-encoding": "br" };
  assert.deepEqual(await statusOf(receive(post("{}", JSON_TYPE, brotli))), [
    415,
    "use Content-Encoding: gzip, or none",
  ]);
});

test("a refusal of protobuf is a Status of protobuf", async () => {
  const { receive } = createWorld();
  const response = await receive(post(new Uint8Array([0]), PROTO_TYPE));
  assert.equal(response.status, 400);
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.deepEqual([...bytes.subarray(0, 3)], [8, 3, 0x12]); // code, message
  assert.match(
    new TextDecoder().decode(bytes.subarray(4)),
    /^not a request of OTLP: it is not protobuf/,
  );
});

test("with others: drop, traces and logs are accepted, and dropped", async () => {
  const { receive } = createWorld({ others: "drop" });
  for (const path of ["traces", "logs"]) {
    const response = await receive(
      new Request(`http://127.0.0.1:4318/v1/${path}`, {
        method: "POST",
        headers: { "content-type": JSON_TYPE },
        body: '{"anything":1}',
      }),
    );
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "{}");
  }
});

test("a body that is too large is refused, however it says so", async () => {
  const { receive, lines } = createWorld({ maxBytes: 1000 });
  const large = jsonOf(requestOf([gaugeOf("x".repeat(2000), point(1))]));
  const words = "the body is larger than 1000 bytes; " +
    "send fewer points at a time";
  assert.deepEqual(await statusOf(receive(post(large))), [413, words]);
  const declared = { "content-length": "2000" };
  assert.deepEqual(
    await statusOf(receive(post("{}", JSON_TYPE, declared))),
    [413, words],
  );
  const coding = { "content-encoding": "gzip" };
  const packed = gzip(large);
  assert.ok(packed.length < 1000);
  assert.deepEqual(
    await statusOf(receive(post(packed, JSON_TYPE, coding))),
    [413, words],
  );
  assert.deepEqual(lines(/^x/), []);
});

test("a bomb is not decompressed beyond the limit", async () => {
  const { receive } = createWorld();
  const bomb = gzip(new Uint8Array(200 * 2 ** 20));
  const response = await receive(
    post(bomb, PROTO_TYPE, { "content-encoding": "gzip" }),
  );
  assert.equal(response.status, 413);
});

test("gzip that is broken or cut off is refused", async () => {
  const { receive } = createWorld();
  const whole = gzip(jsonOf(request));
  const broken = whole.slice();
  broken[15] = broken[15]! ^ 0xff;
  const coding = { "content-encoding": "gzip" };
  for (const body of [whole.subarray(0, 30), broken, jsonOf(request)]) {
    const response = await receive(post(body, JSON_TYPE, coding));
    assert.equal(response.status, 400);
  }
});

test("a body that does not arrive in time is refused", async () => {
  const timers = new FakeTimers();
  const { receive } = createWorld({ timers, timeout: 5 });
  let wasCancelled = false;
  const body = new ReadableStream({
    pull: () => new Promise(() => {}),
    cancel() {
      wasCancelled = true;
    },
  });
  const slow = receive(
    new Request(URL_METRICS, {
      method: "POST",
      headers: { "content-type": JSON_TYPE },
      body,
      duplex: "half",
    } as RequestInit),
  );
  while (timers.pending === 0) await undefined;
  timers.advance(5);
  assert.deepEqual(await statusOf(slow), [408, "not here within 5 s"]);
  assert.ok(wasCancelled);
  assert.equal(timers.pending, 0);
});

test("a client that leaves while it sends is refused", async () => {
  const { receive } = createWorld();
  const body = new ReadableStream({
    pull: (controller) => controller.error(new Error("gone")),
  });
  const response = await receive(
    new Request(URL_METRICS, {
      method: "POST",
      headers: { "content-type": JSON_TYPE },
      body,
      duplex: "half",
    } as RequestInit),
  );
  assert.equal(response.status, 400);
});

test("too many requests at once get 503 with Retry-After", async () => {
  const { receive } = createWorld({ maxInFlight: 2 });
  let release = () => {};
  const released = new Promise<void>((resolve) => release = resolve);
  const waiting = () =>
    receive(
      new Request(URL_METRICS, {
        method: "POST",
        headers: { "content-type": JSON_TYPE },
        body: new ReadableStream({
          async pull(controller) {
            await released;
            controller.enqueue(jsonOf({}));
            controller.close();
          },
        }),
        duplex: "half",
      } as RequestInit),
    );
  const first = [waiting(), waiting()];
  const third = await receive(post("{}"));
  assert.equal(third.status, 503);
  assert.equal(third.headers.get("retry-after"), "1");
  release();
  for (const response of await Promise.all(first)) {
    assert.equal(response.status, 200);
  }
  assert.equal((await receive(post("{}"))).status, 200);
});

test("a request that is read after the receiver has ended is not accepted", async () => {
  const { receive } = createWorld();
  let release = () => {};
  const released = new Promise<void>((resolve) => release = resolve);
  const waiting = receive(
    new Request(URL_METRICS, {
      method: "POST",
      headers: { "content-type": JSON_TYPE },
      body: new ReadableStream({
        async pull(controller) {
          await released;
          controller.enqueue(jsonOf(request));
          controller.close();
        },
      }),
      duplex: "half",
    } as RequestInit),
  );
  receive[Symbol.dispose]();
  release();
  assert.deepEqual(await statusOf(waiting), [503, "it has ended"]);
  assert.equal(receive.stats().accepted, 0);
});

test("JSON that would take long to parse is refused before", async () => {
  const { receive } = createWorld();
  const deep = "[".repeat(129);
  for (
    const [body, words] of [
      [`{"x":${deep}`, /nested more than 32 levels deep/],
      [`{"x":[${"{},".repeat(500_000)}{}]}`, /more than 250000 messages/],
    ] as const
  ) {
    const [status, message] = await statusOf(receive(post(body)));
    assert.equal(status, 400);
    assert.match(message, words);
  }
  const text = JSON.stringify({ x: `\\"${deep}` });
  assert.equal((await receive(post(text))).status, 200);
});

test("hosts and authorize decide before anything is read", async () => {
  const { receive } = createWorld({
    hosts: ["otlp.example"],
    authorize: bearer("secret"),
  });
  const from = (host: string, token = "") =>
    receive(post("{}", JSON_TYPE, { host, authorization: `Bearer ${token}` }));
  assert.equal((await from("127.0.0.1:4318", "secret")).status, 200);
  assert.equal((await from("127.0.0.1:4318", "wrong")).status, 401);
  assert.equal((await from("127.0.0.1:4318")).status, 401);
  const rebound = new Request("http://evil.example/v1/metrics", {
    method: "POST",
    headers: { authorization: "Bearer secret" },
  });
  assert.equal((await receive(rebound)).status, 403);
});

test("no headers and no body of a client make it fail", async () => {
  const value = fc.stringMatching(/^[ -~]{0,20}$/);
  const type = fc.oneof(value, fc.constantFrom(JSON_TYPE, PROTO_TYPE));
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        "content-type": type,
        "content-encoding": fc.oneof(value, fc.constantFrom("", "gzip")),
        "content-length": fc.oneof(value, fc.constantFrom("1", "-1", "1e99")),
      }, { requiredKeys: [] }),
      fc.constantFrom("POST", "PUT", "DELETE", "OPTIONS", "X"),
      fc.uint8Array({ maxLength: 30 }),
      fc.boolean(),
      async (headers, method, bytes, isUsed) => {
        const { receive } = createWorld();
        const body = new Uint8Array(bytes);
        const request = new Request(URL_METRICS, { method, headers, body });
        if (isUsed) await request.text();
        const { status } = await receive(request);
        assert.ok([200, 400, 405, 413, 415].includes(status), String(status));
        assert.ok(!isUsed || status !== 200);
      },
    ),
    { numRuns: 300 },
  );
});

test("wrong arguments and options are refused with words", () => {
  const registry = createRegistry();
  assert.throws(
    () => otlpReceiver(undefined as never),
    /Cannot receive metrics: the first argument must be a registry; try otlpReceiver\(defaultRegistry\(\)/,
  );
  for (
    const [options, words] of [
      [{ expire: 1 }, /there is no option "expire"/],
      [{ expiry: 0 }, /expiry is 0; give seconds/],
      [{ others: "keep" }, /give "refuse" or "drop"/],
      [{ translation: "x" }, /give "UnderscoreEscapingWithSuffixes" or/],
      [{ maxSeries: 0.5 }, /give a whole number from 1 on/],
    ] as const
  ) assert.throws(() => otlpReceiver(registry, options as never), words);
});
