import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { ByteWriter, fragment, type TextWriter } from "../../src/base/mod.ts";
import { StringWriter } from "../../src/base/internal.ts";
import { anyNumber, anyText } from "./arbitraries.ts";

type Write = (out: TextWriter, marks: number[]) => void;

const anyAscii = fc.string({ unit: "binary-ascii" });
const anyIndex = fc.nat({ max: 20 });

/** Returns a random earlier position. */
function markAt(marks: readonly number[], index: number): number {
  return marks[index % marks.length]!;
}

/** A write; each of them ends at a position that later ones may name. */
const anyWrite: fc.Arbitrary<Write> = fc.oneof(
  fc.nat({ max: 127 }).map((code): Write => (out) => out.byte(code)),
  fc.tuple(fc.nat({ max: 127 }), fc.nat({ max: 127 }))
    .map(([a, b]): Write => (out) => out.bytes(a, b)),
  anyAscii.map((text): Write => (out) => out.ascii(text)),
  anyText().map((text): Write => (out) => out.utf8(text)),
  fc.tuple(anyText(), fc.boolean())
    .map(([text, quotes]): Write => (out) => out.escaped(text, quotes)),
  anyNumber().map((value): Write => (out) => out.number(value)),
  anyText().map((text): Write => (out) => out.copy(fragment(text))),
  fc.tuple(anyIndex, anyIndex).map(([a, b]): Write => (out, marks) => {
    const [from, to] = [markAt(marks, a), markAt(marks, b)];
    out.repeat(Math.min(from, to), Math.max(from, to));
  }),
  anyIndex.map((index): Write => (out, marks) =>
    out.copy(out.piece(markAt(marks, index)))
  ),
  anyIndex.map((index): Write => (out, marks) => {
    out.rollback(markAt(marks, index));
    marks.length = index % marks.length + 1;
  }),
);

function written(out: TextWriter, writes: readonly Write[]): void {
  const marks = [0];
  for (const write of writes) {
    write(out, marks);
    marks.push(out.length);
  }
}

test("law: StringWriter writes the text of ByteWriter", () => {
  fc.assert(
    fc.property(fc.array(anyWrite, { maxLength: 40 }), (writes) => {
      const bytes = new ByteWriter(1);
      const strings = new StringWriter();
      for (let round = 0; round < 2; round++) { // the second one is reused
        written(bytes, writes);
        written(strings, writes);
        const text = strings.take();
        assert.equal(text.isWellFormed(), true);
        assert.deepEqual(
          new TextEncoder().encode(text),
          Uint8Array.from(bytes.take()),
        );
        assert.equal(strings.length, 0);
      }
    }),
    { numRuns: 1000 },
  );
});

test("StringWriter.repeat() sees what was written after a rollback", () => {
  const out = new StringWriter();
  out.ascii("a");
  out.repeat(0, 1);
  out.rollback(0);
  out.ascii("b");
  out.repeat(0, 1);
  assert.equal(out.take(), "bb");
});

test("StringWriter.escaped() escapes only backslash, line feed and quote", () => {
  const out = new StringWriter();
  out.escaped('a\\b\n"\t', true);
  out.escaped('"\n', false);
  assert.equal(out.take(), 'a\\\\b\\n\\"\t"\\n');
});
