import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter, fragment } from "../../src/base/mod.ts";

function textOf(write: (out: ByteWriter) => void, capacity?: number): string {
  const out = new ByteWriter(capacity);
  write(out);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
    out.take(),
  );
}

test("ByteWriter grows from a capacity of zero", () => {
  assert.equal(textOf((out) => out.byte(0x41), 0), "A");
  assert.equal(textOf((out) => out.ascii("abc"), 0), "abc");
  assert.equal(textOf((out) => out.utf8("äöü"), 0), "äöü");
  assert.equal(textOf((out) => out.escaped('"', true), 0), '\\"');
  assert.equal(textOf((out) => out.number(1234567), 0), "1234567");
  assert.equal(
    textOf((out) => out.copy(fragment(Uint8Array.of(66, 67))), 0),
    "BC",
  );
});

test("ByteWriter keeps its bytes when a write needs several doublings", () => {
  const long = "x".repeat(100_000);
  assert.equal(
    textOf((out) => {
      out.ascii("head ");
      out.utf8(long);
      out.copy(fragment(long));
      out.ascii(" tail");
    }, 1),
    `head ${long}${long} tail`,
  );
});

test("ByteWriter.length counts bytes, not characters", () => {
  const out = new ByteWriter();
  out.utf8("€");
  assert.equal(out.length, 3);
  out.byte(10);
  assert.equal(out.length, 4);
});

test("ByteWriter.utf8() writes a lone surrogate as U+FFFD", () => {
  assert.equal(textOf((out) => out.utf8("a\ud800b")), "a\ufffdb");
  assert.equal(textOf((out) => out.utf8("\udc00")), "\ufffd");
  assert.equal(textOf((out) => out.utf8("\udc00\ud800")), "\ufffd\ufffd");
  assert.equal(textOf((out) => out.utf8("🔥")), "🔥");
});

test("ByteWriter.escaped() escapes only backslash, line feed and quote", () => {
  const text = '\\ \n " \r \t \0 \u2028';
  assert.equal(
    textOf((out) => out.escaped(text, true)),
    '\\\\ \\n \\" \r \t \0 \u2028',
  );
  assert.equal(
    textOf((out) => out.escaped(text, false)),
    '\\\\ \\n " \r \t \0 \u2028',
  );
});

test("ByteWriter.escaped() writes nothing twice when it takes the slow path", () => {
  const late = `${"a".repeat(100)}"`; // plain until its last character
  assert.equal(
    textOf((out) => out.escaped(late, true)),
    `${"a".repeat(100)}\\"`,
  );
  const long = `${"a".repeat(1000)}\n`;
  assert.equal(
    textOf((out) => out.escaped(long, true)),
    `${"a".repeat(1000)}\\n`,
  );
});

test("ByteWriter.number() writes whole numbers as digits and -0 as 0", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [-0, "0"],
    [9, "9"],
    [10, "10"],
    [999_999_999, "999999999"],
    [1_000_000_000, "1000000000"],
    [2 ** 31 - 1, "2147483647"],
    [2 ** 31, "2147483648"],
    [2 ** 32, "4294967296"],
    [2 ** 53, "9007199254740992"],
    [-1, "-1"],
    [-(2 ** 31), "-2147483648"],
    [0.1, "0.1"],
    [1e21, "1e+21"],
    [NaN, "NaN"],
    [Infinity, "+Inf"],
    [-Infinity, "-Inf"],
  ];
  for (const [value, text] of cases) {
    assert.equal(textOf((out) => out.number(value)), text);
  }
});

test("ByteWriter.rollback() drops everything since the mark", () => {
  const out = new ByteWriter(2);
  out.ascii("kept");
  const mark = out.mark();
  out.utf8("dropped, over several doublings of the buffer ü");
  out.rollback(mark);
  out.ascii("!");
  assert.equal(new TextDecoder().decode(out.take()), "kept!");
});

test("ByteWriter.repeat() copies a range, even past the capacity", () => {
  for (const length of [1, 15, 16, 17, 300]) {
    const part = "p".repeat(length - 1) + "|";
    assert.equal(
      textOf((out) => {
        out.ascii("<");
        out.ascii(part);
        out.repeat(1, 1 + length);
        out.repeat(0, 1);
      }, length + 1),
      `<${part}${part}<`,
    );
  }
});

test("ByteWriter.repeat() copies a range up to the current end", () => {
  assert.equal(
    textOf((out) => {
      out.ascii("ab");
      out.repeat(0, 2);
      out.repeat(0, 4);
      out.repeat(7, 8);
      out.repeat(3, 3);
    }),
    "ababababb",
  );
});

test("ByteWriter.slice() returns a copy that later writes do not change", () => {
  const out = new ByteWriter(8);
  out.ascii("abcd");
  const slice = out.slice(2);
  out.rollback(0);
  out.ascii("XXXX");
  assert.deepEqual(slice, Uint8Array.of(0x63, 0x64));
});

test("ByteWriter.take() returns the bytes and empties the writer", () => {
  const out = new ByteWriter(4);
  out.ascii("one");
  const first = out.take();
  assert.equal(out.length, 0);
  out.ascii("two, and more than the first");
  assert.equal(new TextDecoder().decode(first), "one");
  assert.equal(
    new TextDecoder().decode(out.take()),
    "two, and more than the first",
  );
  assert.equal(out.take().length, 0);
});

test("ByteWriter.take() of a large buffer continues with a small one", () => {
  const out = new ByteWriter(1_000_000);
  out.byte(1);
  assert.equal(out.take().buffer.byteLength, 1_000_000);
  out.byte(2);
  assert.equal(out.take().buffer.byteLength, 65_536);
  const small = new ByteWriter(16);
  small.take();
  small.byte(3);
  assert.equal(small.take().buffer.byteLength, 16);
});
