import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHandler, metricsHandler } from "../../../src/http/mod.ts";
import { createRegistry, defaultRegistry } from "../../../src/metrics/mod.ts";
import { parseExposition } from "../../../src/testing/mod.ts";
import {
  bytesOf,
  gaugeSource,
  get,
  gunzip,
  help,
  OPEN,
  registryOf,
} from "../fixtures.ts";

const GZIP = { "accept-encoding": "gzip" };

test("GET returns the exposition with its type, length and caching headers", async () => {
  const response = await metricsHandler(registryOf())(get());
  assert.equal(response.status, 200);
  const { headers } = response;
  assert.equal(
    headers.get("content-type"),
    "text/plain; version=0.0.4; charset=utf-8",
  );
  assert.equal(headers.get("vary"), "Accept, Accept-Encoding");
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(headers.get("content-encoding"), null);
  const bytes = await bytesOf(response);
  assert.equal(headers.get("content-length"), String(bytes.length));
  const text = new TextDecoder().decode(bytes);
  assert.equal(parseExposition(text, "text-0.0.4")[0]!.name, "x_total");
});

test("Content-Length counts bytes, not characters", async () => {
  const registry = createRegistry();
  registry.gauge({ name: "x", help: "Größe 🌡" }).set(1);
  const response = await metricsHandler(registry)(get());
  const bytes = await bytesOf(response);
  assert.equal(response.headers.get("content-length"), String(bytes.length));
});

test("the format follows the Accept header", async () => {
  const response = await metricsHandler(registryOf())(get({ accept: OPEN }));
  assert.equal(
    response.headers.get("content-type"),
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  );
  const families = parseExposition(await response.text(), "openmetrics-1.0.0");
  assert.equal(families[0]!.name, "x");
});

test("a scrape in one format does not change the body of another", async () => {
  const handler = metricsHandler(registryOf());
  const text = await (await handler(get())).text();
  await handler(get({ accept: OPEN }));
  assert.equal(await (await handler(get())).text(), text);
});

test("HEAD returns the headers of GET, without a body or a length", async () => {
  let collected = 0;
  const handler = metricsHandler(gaugeSource("x", () => ++collected));
  for (const accept of ["text/plain", OPEN]) {
    const head = await handler(get({ accept }, "HEAD"));
    assert.equal(head.status, 200);
    assert.equal(head.headers.get("content-length"), null);
    assert.equal((await bytesOf(head)).length, 0);
    assert.equal(collected, 0);
    const whole = await handler(get({ accept }));
    for (const name of ["content-type", "vary", "cache-control"]) {
      assert.equal(head.headers.get(name), whole.headers.get(name));
    }
    collected = 0;
  }
});

test("OPTIONS answers 204 and other methods 405, both with Allow", async () => {
  const handler = metricsHandler(registryOf());
  const options = await handler(get({}, "OPTIONS"));
  assert.equal(options.status, 204);
  assert.equal(options.headers.get("allow"), "GET, HEAD, OPTIONS");
  assert.equal(options.body, null);
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"]) {
    const response = await handler(get({}, method));
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD, OPTIONS");
    assert.equal(
      response.headers.get("content-type"),
      "text/plain; charset=utf-8",
    );
    assert.equal(await response.text(), "use one of GET, HEAD, OPTIONS\n");
  }
});

test("a client that accepts gzip gets the same exposition compressed", async () => {
  const handler = metricsHandler(registryOf(200));
  for (const accept of ["text/plain", OPEN]) {
    const plain = await (await handler(get({ accept }))).text();
    const response = await handler(get({ accept, ...GZIP }));
    assert.equal(response.headers.get("content-encoding"), "gzip");
    assert.equal(response.headers.get("vary"), "Accept, Accept-Encoding");
    const bytes = await bytesOf(response);
    assert.equal(response.headers.get("content-length"), String(bytes.length));
    assert.ok(bytes.length < plain.length / 2);
    assert.equal(await gunzip(bytes), plain);
  }
});

test("gzip is not used if the client refuses it, it is disabled, or the body is small", async () => {
  const encoding = async (
    headers: Record<string, string>,
    handler = metricsHandler(registryOf(200)),
  ) => (await handler(get(headers))).headers.get("content-encoding");
  assert.equal(await encoding(GZIP), "gzip");
  assert.equal(await encoding({ "accept-encoding": "gzip;q=0, *" }), null);
  assert.equal(await encoding({ "accept-encoding": "br" }), null);
  assert.equal(await encoding({}), null);
  assert.equal(await encoding(GZIP, metricsHandler(registryOf(1))), null);
  const off = metricsHandler(registryOf(200), { compress: false });
  assert.equal(await encoding(GZIP, off), null);
});

test("metricsHandler() serves uncompressed bodies without CompressionStream", async () => {
  const shared = globalThis as { CompressionStream?: unknown };
  const { CompressionStream } = shared;
  delete shared.CompressionStream;
  try {
    const response = await metricsHandler(registryOf(200))(get(GZIP));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-encoding"), null);
  } finally {
    shared.CompressionStream = CompressionStream;
  }
});

test("created: true writes _created samples", async () => {
  const body = async (created: boolean) => {
    const handler = metricsHandler(registryOf(), { created });
    return await (await handler(get({ accept: OPEN }))).text();
  };
  assert.doesNotMatch(await body(false), /_created/);
  assert.match(await body(true), /x_created\{a="0"\} \d+/);
});

test("metricsHandler() without a source serves the default registry", async () => {
  const name = "served_by_default";
  defaultRegistry().gauge({ name, help }).set(42);
  try {
    const body = await (await metricsHandler()(get())).text();
    assert.match(body, /^served_by_default 42$/m);
  } finally {
    defaultRegistry().unregister(name);
  }
});

test("metricsHandler() refuses a timeout out of range", () => {
  for (const timeout of [0, -1, NaN, Infinity, 1e9]) {
    assert.throws(() => metricsHandler(createRegistry(), { timeout }), {
      name: "RangeError",
      message:
        `Cannot serve metrics: timeout is ${timeout}; give seconds, such as 8`,
    });
  }
});

test("metricsHandler() refuses a maxInFlight out of range", () => {
  for (const maxInFlight of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => metricsHandler(createRegistry(), { maxInFlight }), {
      name: "RangeError",
      message: `Cannot serve metrics: maxInFlight is ${maxInFlight}; ` +
        `give a whole number from 1 on, such as 10`,
    });
  }
});

test("each format has the content type that the client requested", async () => {
  const proto = "application/vnd.google.protobuf; " +
    "proto=io.prometheus.client.MetricFamily; encoding=delimited";
  const served: readonly (readonly [accept: string, type: string])[] = [
    ["text/plain", "text/plain; version=0.0.4; charset=utf-8"],
    [
      "text/plain;version=0.0.4;escaping=dots",
      "text/plain; version=0.0.4; charset=utf-8; escaping=dots",
    ],
    [
      "text/plain;version=1.0.0",
      "text/plain; version=1.0.0; charset=utf-8; escaping=underscores",
    ],
    [
      "text/plain;version=1.0.0;escaping=allow-utf-8",
      "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
    ],
    [OPEN, `${OPEN}; version=1.0.0; charset=utf-8`],
    [`${OPEN};version=0.0.1`, `${OPEN}; version=0.0.1; charset=utf-8`],
    [
      `${OPEN};version=1.0.0;escaping=values`,
      `${OPEN}; version=1.0.0; charset=utf-8; escaping=values`,
    ],
    [`${OPEN};version=2.0.0`, `${OPEN}; version=2.0.0; charset=utf-8`],
    [proto, proto],
  ];
  const handler = metricsHandler(registryOf());
  for (const [accept, type] of served) {
    const response = await handler(get({ accept }));
    assert.equal(response.headers.get("content-type"), type);
    assert.equal(response.headers.get("vary"), "Accept, Accept-Encoding");
    assert.ok((await bytesOf(response)).length > 0);
  }
});

test("zstd is used if the runtime supports it and the client names it", async () => {
  const encoding = async (header: string) => {
    const headers = { "accept-encoding": header };
    const response = await metricsHandler(registryOf(200))(get(headers));
    assert.ok((await bytesOf(response)).length > 0);
    return response.headers.get("content-encoding");
  };
  let zstd: string | null = "zstd";
  try {
    new CompressionStream("zstd" as CompressionFormat);
  } catch {
    zstd = null;
  }
  assert.equal(await encoding("zstd"), zstd);
  assert.equal(await encoding("gzip, zstd"), zstd ?? "gzip");
  assert.equal(await encoding("zstd;q=0, *"), "gzip");
  assert.equal(await encoding("deflate"), "deflate");
});

test("metricsHandler() refuses an option of the wrong type and says what to give", () => {
  const wrong: readonly [object, RegExp][] = [
    [{ timeout: "8" }, /timeout is "8"; give seconds, such as 8/],
    [{ compress: "no" }, /compress is of type string; give true or false/],
    [{ created: 1 }, /created is of type number; give true or false/],
    [{ authorize: "token" }, /authorize is of type string; give a function/],
    [{ observer: () => {} }, /observer is of type function; give an object/],
    [
      { clock: null },
      /clock is of type null; give a clock with unix\(\) and mono\(\), such as systemClock/,
    ],
    [{ timeOut: 8 }, /no option "timeOut"; give any of authorize, timeout/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => metricsHandler(createRegistry(), options), message);
  }
});

test("metricsHandler() refuses a first argument that is not a source", () => {
  for (const source of [{ timeout: 3 }, get(), null]) {
    assert.throws(
      () => metricsHandler(source as never),
      /try metricsHandler\(defaultRegistry\(\), options\)/,
    );
  }
});

test("formatHandler() refuses formats that are none", () => {
  for (const formats of [[], [{}], [null], ["text/plain"], {}, undefined]) {
    assert.throws(
      () => formatHandler(createRegistry(), formats as never),
      /^TypeError: Cannot serve metrics: the second argument must be a list of formats; try \[prometheusText\]$/,
    );
  }
});
