import assert from "node:assert/strict";
import { test } from "node:test";
import * as zlib from "node:zlib";
import * as fc from "../support/property.ts";
import {
  compress,
  type Deflate,
  deflate,
} from "../../src/platform/internal.ts";
import { withGlobals } from "./fixtures.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An empty final block, which ends a deflate stream. */
const END = Uint8Array.of(3, 0);

function requireDeflate(): Deflate {
  const zip = deflate();
  assert.ok(zip !== undefined, "Deno, Bun and Node have node:zlib");
  return zip;
}

function textOf(size: number): Bytes {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = 97 + (i * i >> 4) % 25;
  return bytes;
}

/** Returns bytes that do not compress. */
function noiseOf(size: number): Bytes {
  const bytes = new Uint8Array(size);
  let state = 1;
  for (let i = 0; i < size; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

function inflated(chunks: readonly Bytes[]): Buffer {
  return zlib.inflateRawSync(Buffer.concat([...chunks, END]));
}

test("Deflate.compress() followed by a final block is a deflate stream", () => {
  const zip = requireDeflate();
  for (const size of [0, 1, 7, 8191, 8192, 65_535, 65_536, 300_000]) {
    for (const bytes of [textOf(size), noiseOf(size), new Uint8Array(size)]) {
      const whole = inflated([zip.compress(bytes)]);
      assert.equal(Buffer.compare(whole, bytes), 0, `${size} bytes`);
    }
  }
});

test("law: concatenated results of Deflate.compress() inflate to the concatenated inputs", () => {
  const zip = requireDeflate();
  const anyInputs = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300, size: "max" }),
      fc.constantFrom(textOf(9000), noiseOf(9000), textOf(0)),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(anyInputs, (arrays) => {
      const inputs = arrays.map((bytes) => new Uint8Array(bytes));
      const whole = inflated(inputs.map(zip.compress));
      assert.equal(Buffer.compare(whole, Buffer.concat(inputs)), 0);
    }),
    { numRuns: 300 },
  );
});

test("Deflate.compress() ends on a byte boundary and never writes the final block", () => {
  const zip = requireDeflate();
  for (const size of [0, 1, 100, 8192]) {
    const chunk = zip.compress(textOf(size));
    // A sync flush: an empty stored block, its length and the complement.
    assert.deepEqual([...chunk.slice(-4)], [0, 0, 255, 255]);
    assert.throws(() => zlib.inflateRawSync(chunk), "there is a final block");
  }
});

test("Deflate.compress() returns a buffer of its exact size", () => {
  const zip = requireDeflate();
  for (const size of [0, 100, 8192, 300_000]) {
    const chunk = zip.compress(textOf(size));
    assert.equal(chunk.buffer.byteLength, chunk.length);
    assert.equal(Object.getPrototypeOf(chunk), Uint8Array.prototype);
  }
});

test("Deflate.compress() compresses repeated text", () => {
  const line = 'http_requests_total{method="GET",route="/items/:id"} 1\n';
  const bytes = new TextEncoder().encode(line.repeat(150));
  assert.ok(requireDeflate().compress(bytes).length < bytes.length / 10);
});

test("Deflate.compress() compresses only the bytes of a view", () => {
  const zip = requireDeflate();
  const all = textOf(1000);
  const view = all.subarray(100, 200);
  assert.equal(Buffer.compare(inflated([zip.compress(view)]), view), 0);
  assert.equal(zip.crc32(view), zip.crc32(view.slice()));
});

test("Deflate.crc32() computes the CRC of gzip", () => {
  const { crc32 } = requireDeflate();
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  assert.equal(crc32(new Uint8Array(0)), 0);
});

test("deflate() is undefined without zlib or its crc32", () => {
  const without: readonly unknown[] = [
    undefined,
    {},
    { getBuiltinModule: () => undefined },
    // Older runtimes have a zlib without crc32.
    { getBuiltinModule: () => ({ deflateRawSync() {}, constants: {} }) },
  ];
  for (const process of without) {
    withGlobals({ process }, () => assert.equal(deflate(), undefined));
  }
  assert.ok(deflate() !== undefined);
});

test("compress() compresses whole bodies in each coding of node:zlib", () => {
  const { gunzipSync, inflateSync, zstdDecompressSync } = zlib;
  const decompress = {
    gzip: gunzipSync,
    deflate: inflateSync,
    zstd: zstdDecompressSync,
  };
  for (const coding of ["gzip", "deflate", "zstd"] as const) {
    for (const size of [0, 1, 8192, 300_000]) {
      for (const bytes of [textOf(size), noiseOf(size)]) {
        const whole = compress(bytes, coding)!;
        const plain = decompress[coding](whole);
        assert.equal(Buffer.compare(plain, bytes), 0, `${coding} ${size}`);
        assert.equal(Object.getPrototypeOf(whole), Uint8Array.prototype);
        assert.equal(whole.buffer.byteLength, whole.length);
      }
    }
    const line = 'http_requests_total{method="GET",route="/items/:id"} 1\n';
    const text = new TextEncoder().encode(line.repeat(150));
    assert.ok(compress(text, coding)!.length < text.length / 10, coding);
  }
});

test("compress() returns undefined without zlib or its zstd", () => {
  const bytes = textOf(10);
  const { gzipSync, deflateSync, constants } = zlib;
  const older = { gzipSync, deflateSync, constants };
  const process = { getBuiltinModule: () => older };
  withGlobals({ process }, () => {
    assert.equal(compress(bytes, "zstd"), undefined);
    assert.ok(compress(bytes, "gzip") !== undefined);
    assert.ok(compress(bytes, "deflate") !== undefined);
  });
  for (const process of [undefined, {}]) {
    withGlobals({ process }, () => {
      for (const coding of ["gzip", "deflate", "zstd"] as const) {
        assert.equal(compress(bytes, coding), undefined);
      }
    });
  }
});
