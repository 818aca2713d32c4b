import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateRawSync } from "node:zlib";
import * as fc from "../support/property.ts";
import { type Deflate, deflate } from "../../src/platform/internal.ts";
import { withGlobals } from "./fixtures.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An empty final block, which ends a stream of pieces. */
const END = Uint8Array.of(3, 0);

function present(): Deflate {
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

function inflated(pieces: readonly Bytes[]): Buffer {
  return inflateRawSync(Buffer.concat([...pieces, END]));
}

test("Deflate.compress() and a final block are a deflate stream", () => {
  const zip = present();
  for (const size of [0, 1, 7, 8191, 8192, 65_535, 65_536, 300_000]) {
    for (const bytes of [textOf(size), noiseOf(size), new Uint8Array(size)]) {
      const whole = inflated([zip.compress(bytes)]);
      assert.equal(Buffer.compare(whole, bytes), 0, `${size} bytes`);
    }
  }
});

test("law: concatenated pieces inflate to the concatenated inputs", () => {
  const zip = present();
  const anyPieces = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300, size: "max" }),
      fc.constantFrom(textOf(9000), noiseOf(9000), textOf(0)),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(anyPieces, (given) => {
      const pieces = given.map((piece) => new Uint8Array(piece));
      const whole = inflated(pieces.map(zip.compress));
      assert.equal(Buffer.compare(whole, Buffer.concat(pieces)), 0);
    }),
    { numRuns: 300 },
  );
});

test("Deflate.compress() ends on a whole byte and is never the final block", () => {
  const zip = present();
  for (const size of [0, 1, 100, 8192]) {
    const piece = zip.compress(textOf(size));
    // A sync flush: an empty stored block, its length and the complement.
    assert.deepEqual([...piece.slice(-4)], [0, 0, 255, 255]);
    assert.throws(() => inflateRawSync(piece), "it has no final block");
  }
});

test("Deflate.compress() returns a buffer of its exact size", () => {
  const zip = present();
  for (const size of [0, 100, 8192, 300_000]) {
    const piece = zip.compress(textOf(size));
    assert.equal(piece.buffer.byteLength, piece.length);
    assert.equal(Object.getPrototypeOf(piece), Uint8Array.prototype);
  }
});

test("Deflate.compress() compresses repeated text", () => {
  const line = 'http_requests_total{method="GET",route="/items/:id"} 1\n';
  const bytes = new TextEncoder().encode(line.repeat(150));
  assert.ok(present().compress(bytes).length < bytes.length / 10);
});

test("Deflate.compress() compresses only the bytes of a view", () => {
  const zip = present();
  const all = textOf(1000);
  const view = all.subarray(100, 200);
  assert.equal(Buffer.compare(inflated([zip.compress(view)]), view), 0);
  assert.equal(zip.crc32(view), zip.crc32(view.slice()));
});

test("Deflate.crc32() computes the CRC of gzip", () => {
  const { crc32 } = present();
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  assert.equal(crc32(new Uint8Array(0)), 0);
});

test("deflate() is undefined where zlib or its CRC is missing", () => {
  const without: readonly unknown[] = [
    undefined,
    {},
    { getBuiltinModule: () => undefined },
    // Older runtimes have zlib without a CRC.
    { getBuiltinModule: () => ({ deflateRawSync() {}, constants: {} }) },
  ];
  for (const process of without) {
    withGlobals({ process }, () => assert.equal(deflate(), undefined));
  }
  assert.ok(deflate() !== undefined);
});
