import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { ByteWriter } from "../../src/base/mod.ts";
import { FullProtoWriter } from "../../src/base/internal.ts";

function written(write: (proto: FullProtoWriter) => void): number[] {
  const out = new ByteWriter(1);
  write(new FullProtoWriter(out));
  return [...out.take()];
}

/** Encodes a varint literally as specified, with BigInt. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const last = rest < 128n;
    bytes.push(Number(rest & 127n) | (last ? 0 : 128));
    rest >>= 7n;
  } while (rest > 0n);
  return bytes;
}

test("ProtoWriter writes the examples of the encoding guide", () => {
  assert.deepEqual(written((proto) => proto.unsigned(1, 150)), [8, 150, 1]);
  assert.deepEqual(written((proto) => proto.string(2, "testing")), [
    ...[0x12, 7],
    ...new TextEncoder().encode("testing"),
  ]);
  const nested = written((proto) => {
    const at = proto.open(3);
    proto.unsigned(1, 150);
    proto.close(at);
  });
  assert.deepEqual(nested, [0x1a, 3, 8, 150, 1]);
  const zigzags: readonly (readonly [number, number])[] = [
    [0, 0],
    [-1, 1],
    [1, 2],
    [-2, 3],
  ];
  for (const [value, code] of zigzags) {
    assert.deepEqual(written((proto) => proto.zigzag(1, value)), [8, code]);
  }
  assert.deepEqual(
    written((proto) => proto.signed(1, -2)),
    [8, 0xfe, ...Array(8).fill(0xff), 1],
  );
  assert.deepEqual(written((proto) => proto.double(1, 1)), [
    ...[9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
  ]);
});

test("ProtoWriter packs lists", () => {
  assert.deepEqual(written((proto) => proto.zigzags(1, [1, -1, 64])), [
    ...[10, 4, 2, 1, 128, 1],
  ]);
  assert.deepEqual(written((proto) => proto.doubles(1, [0])), [
    ...[10, 8, 0, 0, 0, 0, 0, 0, 0, 0],
  ]);
  assert.deepEqual(written((proto) => proto.zigzags(1, [])), [10, 0]);
});

test("ProtoWriter writes field numbers above 15 as two bytes", () => {
  assert.deepEqual(written((proto) => proto.unsigned(16, 1)), [128, 1, 1]);
});

const anyWhole = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.constantFrom(0, 127, 128, 2 ** 28, 2 ** 31, 2 ** 32 - 1, 2 ** 32),
  fc.constantFrom(2 ** 52 - 1, 2 ** 52, 2 ** 53, 2 ** 60, 2 ** 62),
);

test("law: ProtoWriter writes integers as the definitions of varint and zigzag require", () => {
  fc.assert(
    fc.property(anyWhole, fc.boolean(), (magnitude, negative) => {
      const value = negative ? -magnitude : magnitude;
      const exact = BigInt(value);
      assert.deepEqual(
        written((proto) => proto.unsigned(1, magnitude)).slice(1),
        varint(BigInt(magnitude)),
      );
      assert.deepEqual(
        written((proto) => proto.signed(1, value)).slice(1),
        varint(exact),
      );
      assert.deepEqual(
        written((proto) => proto.zigzag(1, value)).slice(1),
        varint(exact < 0n ? -2n * exact - 1n : 2n * exact),
      );
    }),
    { numRuns: 1000 },
  );
});

test("law: ProtoWriter.string() writes UTF-8 after its length in bytes", () => {
  const anyLength = fc.constantFrom(0, 1, 126, 127, 128, 129, 20_000);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        anyLength.map((length) => "a".repeat(length)),
        anyLength.map((length) => "é".repeat(length)),
      ),
      (text) => {
        const bytes = [...new TextEncoder().encode(text)];
        const expected = [10, ...varint(BigInt(bytes.length)), ...bytes];
        assert.deepEqual(written((proto) => proto.string(1, text)), expected);
      },
    ),
    { numRuns: 300 },
  );
});

test("law: ProtoWriter.close() inserts the length before a message of any size", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 20_000 }), { minLength: 1, maxLength: 3 }),
      (sizes) => {
        // Each message contains the next one, and more bytes after it.
        const bytes = written((proto) => {
          const open = sizes.map(() => proto.open(1));
          sizes.toReversed().forEach((size, i) => {
            for (let n = 0; n < size; n++) proto.unsigned(1, 0);
            proto.close(open.at(-1 - i)!);
          });
        });
        let rest = bytes;
        for (const size of sizes) {
          assert.equal(rest[0], 10);
          let length = 0;
          let at = 1;
          for (let shift = 1;; shift *= 128) {
            length += (rest[at]! & 127) * shift;
            if (rest[at++]! < 128) break;
          }
          assert.equal(rest.length - at, length, "nothing more, nothing less");
          rest = rest.slice(at, rest.length - 2 * size);
        }
        assert.equal(rest.length, 0);
      },
    ),
    { numRuns: 100 },
  );
});

test("law: FullProtoWriter writes fixed-width integers in little-endian order", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      (wide, narrow) => {
        const bytes = new Uint8Array(written((proto) => {
          proto.fixed64(1, wide);
          proto.fixed32(2, narrow);
        }));
        const view = new DataView(bytes.buffer);
        assert.equal(bytes.length, 14);
        assert.equal(bytes[0], 1 << 3 | 1);
        assert.equal(view.getBigUint64(1, true), wide);
        assert.equal(bytes[9], 2 << 3 | 5);
        assert.equal(view.getUint32(10, true), narrow);
      },
    ),
    { numRuns: 300 },
  );
});

test("FullProtoWriter.hex() writes pairs of digits as bytes", () => {
  const bytes = written((proto) => proto.hex(1, "00ff7f80"));
  assert.deepEqual(bytes, [1 << 3 | 2, 4, 0, 255, 127, 128]);
});
