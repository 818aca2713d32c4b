import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { ByteWriter, fragment } from "../../src/base/mod.ts";
import { anyNumber, anyText } from "./arbitraries.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Escapes one character at a time, into a string. */
function naivelyEscaped(text: string, quotes: boolean): string {
  let result = "";
  for (const c of text) {
    if (c === "\\") result += "\\\\";
    else if (c === "\n") result += "\\n";
    else if (c === '"' && quotes) result += '\\"';
    else result += c;
  }
  return result;
}

function naiveNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  const isPadded = Math.abs(value) >= 2 ** 53 && Math.abs(value) < 1e21;
  return `${isPadded ? BigInt(value) : value}`;
}

test("law: ByteWriter.number() writes text that parses to the number", () => {
  fc.assert(
    fc.property(anyNumber(), (value) => {
      const out = new ByteWriter(1);
      out.number(value);
      const text = new TextDecoder().decode(out.take());
      assert.equal(text, naiveNumber(value));
      const read = Number(text.replace("Inf", "Infinity"));
      assert.ok(Object.is(read, value === 0 ? 0 : value));
    }),
    { numRuns: 500 },
  );
});

test("law: ByteWriter.integer() writes String(value)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (value) => {
      const out = new ByteWriter(0);
      out.integer(value);
      assert.deepEqual(out.take(), encode(String(value)));
    }),
    { numRuns: 500 },
  );
});

test("law: ByteWriter.escaped() equals escaping character by character", () => {
  fc.assert(
    fc.property(
      anyText(),
      fc.boolean(),
      fc.integer({ min: 0, max: 300 }),
      (text, quotes, capacity) => {
        const out = new ByteWriter(capacity);
        out.byte(0x3c);
        out.escaped(text, quotes);
        assert.deepEqual(
          out.take(),
          encode("<" + naivelyEscaped(text, quotes)),
        );
      },
    ),
    { numRuns: 500 },
  );
});

type Write =
  | { readonly ascii: string }
  | { readonly utf8: string }
  | { readonly number: number }
  | { readonly copy: string }
  | { readonly repeat: number }
  | { readonly mark: true }
  | { readonly rollback: true };

const anyWrite = (): fc.Arbitrary<Write> =>
  fc.oneof(
    fc.record({ ascii: fc.string({ unit: "binary-ascii" }) }),
    fc.record({ utf8: anyText() }),
    fc.record({ number: anyNumber() }),
    fc.record({ copy: fc.string() }),
    fc.record({ repeat: fc.integer({ min: 0, max: 60 }) }),
    fc.record({ mark: fc.constant(true as const) }),
    fc.record({ rollback: fc.constant(true as const) }),
  );

test("law: ByteWriter equals a growing array of bytes", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 64 }),
      fc.array(anyWrite(), { maxLength: 30 }),
      (capacity, writes) => {
        const out = new ByteWriter(capacity);
        let naive: number[] = [];
        let mark = 0;
        for (const write of writes) {
          if ("ascii" in write) {
            out.ascii(write.ascii);
            naive.push(...encode(write.ascii));
          } else if ("utf8" in write) {
            out.utf8(write.utf8);
            naive.push(...encode(write.utf8));
          } else if ("number" in write) {
            out.number(write.number);
            naive.push(...encode(naiveNumber(write.number)));
          } else if ("copy" in write) {
            out.copy(fragment(encode(write.copy)));
            naive.push(...encode(write.copy));
          } else if ("repeat" in write) {
            const from = Math.max(0, naive.length - write.repeat);
            out.repeat(from, naive.length);
            naive.push(...naive.slice(from));
          } else if ("mark" in write) {
            mark = out.mark();
          } else {
            mark = Math.min(mark, naive.length);
            out.rollback(mark);
            naive = naive.slice(0, mark);
          }
          assert.equal(out.length, naive.length);
        }
        assert.deepEqual(out.slice(), Uint8Array.from(naive));
        assert.deepEqual(out.take(), Uint8Array.from(naive));
      },
    ),
    { numRuns: 300 },
  );
});
