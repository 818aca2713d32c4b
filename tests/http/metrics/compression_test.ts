import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseCoding } from "../../../src/http/metrics/compression.ts";

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
