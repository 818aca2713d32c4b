import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import { metricsHandler } from "../../../src/http/mod.ts";
import { parseExposition } from "../../../src/testing/mod.ts";
import { headerSoup } from "../arbitraries.ts";
import { bytesOf, get, gunzip, OPEN, registryOf } from "../fixtures.ts";

const handler = metricsHandler(registryOf(200));

/** Checks that a response is a complete exposition and matches its headers. */
async function check(response: Response): Promise<void> {
  const { headers } = response;
  assert.equal(response.status, 200);
  const bytes = await bytesOf(response);
  assert.equal(headers.get("content-length"), String(bytes.length));
  const text = headers.get("content-encoding") === "gzip"
    ? await gunzip(bytes)
    : new TextDecoder().decode(bytes);
  const open = headers.get("content-type")!.startsWith(OPEN);
  const dialect = open ? "openmetrics-1.0.0" : "text-0.0.4";
  assert.equal(parseExposition(text, dialect)[0]!.samples.length, 200);
}

test("law: metricsHandler() answers any headers with 200 and a complete exposition", async () => {
  await fc.assert(
    fc.asyncProperty(headerSoup, headerSoup, async (accept, encoding) => {
      const headers = { accept, "accept-encoding": encoding };
      await check(await handler(get(headers)));
    }),
    { numRuns: 300 },
  );
});

test("metricsHandler() serves requests with headers of 64 KiB or 1000 entries", async () => {
  const headers = [
    "x".repeat(65_536),
    '"'.repeat(65_536),
    ";q=".repeat(20_000),
    `${OPEN};q=NaN,`.repeat(1000),
    "a/b;q=0.5,".repeat(1000),
    "gzip;q=0.5,".repeat(1000),
    "*;q=0,".repeat(1000),
  ];
  for (const header of headers) {
    const request = get({ accept: header, "accept-encoding": header });
    await check(await handler(request));
  }
});
