import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import {
  availableCodings,
  chooseCoding,
  type Coding,
  compressed,
  isSupported,
} from "../../../src/http/metrics/compression.ts";
import { metricsHandler } from "../../../src/http/mod.ts";
import { get, gunzip, registryOf } from "../fixtures.ts";

function acceptsGzip(header: string): boolean {
  return chooseCoding(header, ["gzip"]) === "gzip";
}

test("chooseCoding() accepts gzip in every spelling that HTTP allows", () => {
  const headers = [
    "gzip",
    "GZIP",
    "x-gzip",
    "\tgzip ; Q = 0.001 ",
    "deflate, gzip;q=0.1",
    "gzip, deflate, br, zstd",
    "*",
    "br;q=1, *;q=0.5",
    "*;q=0, gzip",
    "gzip;q=1.000",
    "gzip;q=.5",
    "gzip;level=9;q=0.5",
    "identity;q=0, gzip",
    ",,;q=0,gzip",
  ];
  for (const header of headers) assert.equal(acceptsGzip(header), true, header);
});

test("chooseCoding() does not choose gzip unless the header lists it", () => {
  const headers = [
    "",
    "br",
    "identity",
    "gzipped",
    "gzip2, notgzip",
    "q=1",
    ";gzip",
    '"gzip"',
    "gzip\u00a0", // not whitespace in HTTP
    "\u00a0*",
    "identity;q=0",
  ];
  for (const header of headers) {
    assert.equal(acceptsGzip(header), false, `${header}`);
  }
});

test("chooseCoding() respects a weight of 0, whatever else the header lists", () => {
  const headers = [
    "gzip;q=0",
    "gzip;q=0.000",
    "gzip ; q = 0",
    "gzip;level=9;q=0",
    "gzip;q=1;q=0.000",
    "gzip;q=0, *",
    "*, gzip;q=0",
    "gzip, gzip;q=0",
    "gzip;q=0, gzip",
    "x-gzip, gzip;q=0",
    "*;q=0",
    "*, *;q=0",
  ];
  for (const header of headers) {
    assert.equal(acceptsGzip(header), false, header);
  }
});

test("chooseCoding() treats a malformed weight as 0", () => {
  for (const weight of ["NaN", "-1", "2", "1.1", "1e-3", "0x1", "", '"1"']) {
    assert.equal(acceptsGzip(`gzip;q=${weight}`), false, weight);
  }
});

test("chooseCoding() ignores a header that is too long: its end may be a refusal", () => {
  const longest = `gzip,${"x".repeat(1024 - 5)}`;
  assert.equal(acceptsGzip(longest), true);
  assert.equal(acceptsGzip(`${longest}x`), false);
  // Cut at the limit, these two would read "gzip".
  assert.equal(acceptsGzip(`${"x".repeat(1024 - 5)},gzip;q=0`), false);
  assert.equal(acceptsGzip(`*,${"x,".repeat(600)}gzip;q=0`), false);
  assert.equal(acceptsGzip("gzip,".repeat(20_000)), false);
});

test("chooseCoding() takes the largest weight, and the first coding among equals", () => {
  const available = ["zstd", "gzip", "deflate"] as const;
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["gzip, deflate, br, zstd", "zstd"],
    ["gzip, deflate, br", "gzip"],
    ["deflate", "deflate"],
    ["br", undefined],
    ["zstd;q=0.5, gzip", "gzip"],
    ["zstd;q=0.5, gzip;q=0.5, deflate;q=0.6", "deflate"],
    ["zstd;q=0, gzip;q=0.1", "gzip"],
    ["gzip;q=0, deflate;q=0, zstd;q=0", undefined],
    ["*", "gzip"], // the others must be listed by name
    ["*, gzip;q=0", undefined],
    ["*;q=0.5, deflate;q=0.4", "gzip"],
    ["*;q=0, zstd", "zstd"],
  ];
  for (const [header, coding] of cases) {
    assert.equal(chooseCoding(header, available), coding, header);
  }
});

test("chooseCoding() compresses nothing for a client that prefers identity", () => {
  assert.equal(chooseCoding("identity, gzip;q=0.5", ["gzip"]), undefined);
  assert.equal(chooseCoding("identity;q=0.5, gzip", ["gzip"]), "gzip");
  assert.equal(chooseCoding("identity, gzip", ["gzip"]), "gzip");
});

test("chooseCoding() takes only codings that are available", () => {
  assert.equal(chooseCoding("zstd, gzip;q=0.1", ["gzip"]), "gzip");
  assert.equal(chooseCoding("zstd", ["gzip"]), undefined);
  assert.equal(chooseCoding("gzip", []), undefined);
});

test("chooseCoding() asks only whether codings that the client accepts are supported", () => {
  const asked: Coding[] = [];
  const all = ["zstd", "gzip", "deflate"] as const;
  const supports = (coding: Coding) => {
    asked.push(coding);
    return coding !== "zstd";
  };
  assert.equal(chooseCoding("gzip, deflate", all, supports), "gzip");
  assert.deepEqual(asked.splice(0), ["gzip"]);
  assert.equal(chooseCoding("*, zstd;q=0", all, supports), "gzip");
  assert.deepEqual(asked.splice(0), ["gzip"]);
  assert.equal(chooseCoding("zstd, gzip;q=0.5", all, supports), "gzip");
  assert.deepEqual(asked.splice(0), ["zstd", "gzip"]);
  assert.equal(chooseCoding("zstd", all, supports), undefined);
});

/** Runs `work` with another `CompressionStream`, and counts its instances. */
async function streamsOf(work: () => Promise<void>): Promise<number> {
  const own = globalThis.CompressionStream;
  let streams = 0;
  globalThis.CompressionStream = class extends own {
    constructor(format: CompressionFormat) {
      streams++;
      super(format);
    }
  };
  try {
    await work();
  } finally {
    globalThis.CompressionStream = own;
  }
  return streams;
}

test("metricsHandler() creates no CompressionStream for gzip and deflate", async () => {
  const streams = await streamsOf(async () => {
    const handler = metricsHandler(registryOf(200));
    for (const accepted of ["gzip", "deflate", "gzip, deflate, br", "*"]) {
      const response = await handler(get({ "accept-encoding": accepted }));
      assert.ok(response.headers.get("content-encoding") !== null, accepted);
      await response.body?.cancel();
    }
  });
  assert.equal(streams, 0);
});

test("isSupported() creates at most one CompressionStream, for zstd", async () => {
  const streams = await streamsOf(async () => {
    await Promise.resolve();
    for (let i = 0; i < 3; i++) availableCodings().map(isSupported);
  });
  assert.ok(streams <= 1, `${streams}`);
  assert.deepEqual(availableCodings(), ["zstd", "gzip", "deflate"]);
});

test("compressed() compresses at once, or by a stream without node:zlib", async () => {
  const text = "http_requests_total 1\n".repeat(1000);
  const bytes = new TextEncoder().encode(text);
  const shared = globalThis as { process?: unknown };
  const { process } = shared;
  for (const hasZlib of [true, false]) {
    for (const coding of ["gzip", "deflate"] as const) {
      let result: ReturnType<typeof compressed>;
      try {
        if (!hasZlib) shared.process = {};
        result = compressed(bytes, coding);
      } finally {
        shared.process = process;
      }
      assert.equal(result instanceof Uint8Array, hasZlib);
      const body = await result;
      assert.ok(body.length < bytes.length / 10);
      if (coding === "gzip") assert.equal(await gunzip(body), text);
      else assert.equal(inflateSync(body).toString(), text);
    }
  }
});
