import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateRawSync } from "node:zlib";
import * as fc from "../support/property.ts";
import { type Deflate, deflate } from "../../src/platform/internal.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An empty block that is the last one: what ends a stream of pieces. */
const END = Uint8Array.of(3, 0);

function present(): Deflate {
  const zip = deflate();
  assert.ok(zip !== undefined, "each runtime of ours has node:zlib");
  return zip;
}

function textOf(size: number): Bytes {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = 97 + (i * i >> 4) % 25;
  return bytes;
}

/** Bytes that cannot be made smaller. */
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

test("a piece and an end are a stream of deflate", () => {
  const zip = present();
  for (const size of [0, 1, 7, 8191, 8192, 65_535, 65_536, 300_000]) {
    for (const bytes of [textOf(size), noiseOf(size), new Uint8Array(size)]) {
      const whole = inflated([zip.piece(bytes)]);
      assert.equal(Buffer.compare(whole, bytes), 0, `${size} bytes`);
    }
  }
});

test("law: pieces in any order and number are the pieces in that order", () => {
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
      const whole = inflated(pieces.map(zip.piece));
      assert.equal(Buffer.compare(whole, Buffer.concat(pieces)), 0);
    }),
    { numRuns: 300 },
  );
});

test("a piece ends where a byte ends, and is never the last one", () => {
  const zip = present();
  for (const size of [0, 1, 100, 8192]) {
    const piece = zip.piece(textOf(size));
    // A sync flush: an empty stored block, its length and the complement.
    assert.deepEqual([...piece.slice(-4)], [0, 0, 255, 255]);
    assert.throws(() => inflateRawSync(piece), "it has no end of its own");
  }
});

test("a piece holds no more memory than it has bytes", () => {
  const zip = present();
  for (const size of [0, 100, 8192, 300_000]) {
    const piece = zip.piece(textOf(size));
    assert.equal(piece.buffer.byteLength, piece.length);
    assert.equal(Object.getPrototypeOf(piece), Uint8Array.prototype);
  }
});

test("a piece is smaller where there is something to save", () => {
  const line = 'http_requests_total{method="GET",route="/items/:id"} 1\n';
  const bytes = new TextEncoder().encode(line.repeat(150));
  assert.ok(present().piece(bytes).length < bytes.length / 10);
});

test("a view into a larger buffer is compressed alone", () => {
  const zip = present();
  const all = textOf(1000);
  const view = all.subarray(100, 200);
  assert.equal(Buffer.compare(inflated([zip.piece(view)]), view), 0);
  assert.equal(zip.crc32(view), zip.crc32(view.slice()));
});

test("crc32() is that of gzip", () => {
  const { crc32 } = present();
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  assert.equal(crc32(new Uint8Array(0)), 0);
});

test("a runtime without its own modules has no deflate", () => {
  const global = globalThis as { process?: unknown };
  const own = Object.getOwnPropertyDescriptor(global, "process")!;
  const without: readonly unknown[] = [
    undefined,
    {},
    { getBuiltinModule: () => undefined },
    // Older runtimes have zlib, and no CRC in it.
    { getBuiltinModule: () => ({ deflateRawSync() {}, constants: {} }) },
  ];
  try {
    for (const value of without) {
      Object.defineProperty(global, "process", { value, configurable: true });
      assert.equal(deflate(), undefined);
    }
  } finally {
    Object.defineProperty(global, "process", own);
  }
  assert.ok(deflate() !== undefined);
});
