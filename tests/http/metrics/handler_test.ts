import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHandler, metricsHandler } from "../../../src/http/mod.ts";
import { createRegistry, defaultRegistry } from "../../../src/metrics/mod.ts";
import { bytesOf, get, help, registryOf } from "../fixtures.ts";

const GZIP = { "accept-encoding": "gzip" };

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
