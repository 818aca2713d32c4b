import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsHandler } from "../../../src/http/mod.ts";
import type { Source } from "../../../src/model/mod.ts";
import { bytesOf, get, OPEN, registryOf } from "../fixtures.ts";

/** A family of this many series has several pages. */
const SERIES = 1000;

test("keep: 0 serves the same bytes as a cache", async () => {
  for (const series of [3, SERIES, 20_000]) {
    const source = registryOf(series);
    const cached = metricsHandler(source, { compress: false });
    const uncached = metricsHandler(source, { compress: false, keep: 0 });
    for (let i = 0; i < 3; i++) {
      for (const accept of ["text/plain", OPEN]) {
        const request = () => get({ accept });
        const [a, b] = [await cached(request()), await uncached(request())];
        assert.equal(a.status, 200);
        const [left, right] = [await bytesOf(a), await bytesOf(b)];
        assert.equal(Buffer.compare(left, right), 0);
      }
    }
  }
});

test("metricsHandler() refuses a keep that is not a number of bytes and says what to give", () => {
  const source = registryOf();
  for (const keep of [-1, NaN, -Infinity]) {
    assert.throws(
      () => metricsHandler(source, { keep }),
      new RangeError(
        `Cannot serve metrics: keep is ${keep}; ` +
          `give bytes, such as 2 ** 28, or 0 for no cache`,
      ),
    );
  }
  const loose = metricsHandler as (source: Source, options: object) => unknown;
  for (const keep of ["1 MB", null, 5n, {}, true]) {
    assert.throws(() => loose(source, { keep }), (error: Error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /keep/);
      assert.match(
        error.message,
        /bytes, such as 2 \*\* 28, or 0 for no cache/,
      );
      return true;
    });
  }
  for (const keep of [0, 0.5, 1, 2 ** 28, Infinity]) {
    metricsHandler(source, { keep });
  }
});
