import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import { ByteWriter } from "../../../src/base/mod.ts";
import { ValuePatcher } from "../../../src/encode/cache/value_patcher.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A text and the positions of its values. */
interface Text {
  readonly body: Bytes;
  readonly marks: Uint32Array;
}

/** Returns lines of a name and a value, marked as an encoder marks them. */
function textOf(
  names: readonly string[],
  values: readonly number[],
  patcher = new ValuePatcher(),
  before = "",
): Text {
  const out = new ByteWriter(16);
  out.utf8(before);
  patcher.begin(out.length);
  names.forEach((name, i) => {
    out.utf8(`${name} `);
    patcher.mark(out.length);
    out.number(values[i]!);
    out.utf8("\n");
  });
  return { body: out.slice(before.length), marks: patcher.marked() };
}

/** Patches the values at the indices of `changes`. */
function patched(
  { body, marks }: Text,
  changes: ReadonlyMap<number, number>,
  patcher = new ValuePatcher(),
): Text {
  const moved = marks.slice();
  patcher.patch(body, moved);
  for (const [index, value] of changes) {
    patcher.next = index;
    patcher.put(value);
  }
  return { body: patcher.patched(), marks: moved };
}

function display({ body, marks }: Text) {
  return { text: new TextDecoder().decode(body), marks: [...marks] };
}

const NAMES = ["a", 'b{c="ü"}', "d", "a_longer_name", "e"];

/** Patches step by step; asserts that each result equals a new text. */
function agrees(
  before: readonly number[],
  ...steps: readonly (readonly (number | undefined)[])[]
): void {
  const patcher = new ValuePatcher();
  const names = before.map((_, i) => NAMES[i % NAMES.length]!);
  let text = textOf(names, before, patcher);
  const values = [...before];
  for (const step of steps) {
    const copy = text.body.slice();
    const old = text.body;
    const changes = new Map<number, number>();
    step.forEach((value, i) => {
      if (value !== undefined && i < values.length) {
        changes.set(i, values[i] = value);
      }
    });
    text = patched(text, changes, patcher);
    assert.deepEqual(display(text), display(textOf(names, values)));
    assert.deepEqual(old, copy, "the old text has changed");
  }
}

test("ValuePatcher rewrites a value of the same width in place", () => {
  agrees([1, 2, 3], [undefined, 7]);
  agrees([10, 20, 30], [99, , 11]);
});

test("ValuePatcher moves the rest of the text after a longer or shorter value", () => {
  agrees([1, 2, 3, 4, 5], [, 1000]);
  agrees([1, 2000, 3, 4, 5], [, 2]);
  agrees([1, 2, 3, 4, 5], [, 1000], [, 2], [0.5, , -1.5]);
  agrees([100, 1, 5], [1, 100]); // there and back again
  agrees([1, 100, 5], [100, 1]);
});

test("ValuePatcher rewrites the first and the last value", () => {
  agrees([1, 2, 3], [123_456], [7], [, , 123_456], [, , 0]);
  agrees([1], [123_456], [1]);
});

test("ValuePatcher writes a number of any kind as an encoder does", () => {
  const kinds = [
    0,
    -0,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 53,
    1e21,
    -1,
    0.1,
    1e-7,
    NaN,
    Infinity,
    -Infinity,
    Number.MAX_VALUE,
    5e-324,
  ];
  for (const from of kinds) {
    for (const to of kinds) agrees([1, from, 3], [, to]);
  }
});

test("ValuePatcher completes a text that becomes much longer", () => {
  const small = Array.from({ length: 300 }, () => 1);
  const large = small.map((_, i) => -1.234567890123456e-200 * (i + 1));
  agrees(small, large, small, large);
});

test("ValuePatcher moves long text between two values completely", () => {
  const long = "n".repeat(5000);
  const names = ["a", long, "b", long, "c"];
  const before = textOf(names, [1, 2, 3, 4, 5]);
  const after = patched(before, new Map([[0, 10_000], [4, 0.25]]));
  const fresh = textOf(names, [10_000, 2, 3, 4, 0.25]);
  assert.deepEqual(display(after), display(fresh));
  const back = patched(after, new Map([[0, 1], [4, 5]]));
  assert.deepEqual(display(back), display(before));
});

test("ValuePatcher.marked() returns positions relative to begin()", () => {
  const text = textOf(NAMES, [1, 2, 3, 4, 5], new ValuePatcher(), "# TYPE\n");
  assert.deepEqual(display(text), display(textOf(NAMES, [1, 2, 3, 4, 5])));
});

test("ValuePatcher.mark() grows beyond its initial capacity", () => {
  const values = Array.from({ length: 1000 }, (_, i) => i);
  const names = values.map((i) => `n${i}`);
  const { marks } = textOf(names, values);
  assert.equal(marks.length, 1000);
  agrees(values, values.map((value) => value * 1000));
});

test("ValuePatcher.put() counts a value after the last position but ignores it", () => {
  const { body, marks } = textOf(["a"], [1]);
  const patcher = new ValuePatcher();
  patcher.patch(body, marks);
  patcher.put(2);
  patcher.put(3);
  assert.equal(patcher.next, 2, "the caller can notice it");
  assert.equal(new TextDecoder().decode(patcher.patched()), "a 2\n");
});

test("ValuePatcher.patched() without changes returns a copy", () => {
  const text = textOf(NAMES, [1, 2, 3, 4, 5]);
  const copy = patched(text, new Map());
  assert.deepEqual(display(copy), display(text));
  assert.notEqual(copy.body, text.body);
});

test("ValuePatcher.begin() discards an unfinished patch", () => {
  const patcher = new ValuePatcher();
  const text = textOf(NAMES, [1, 2, 3, 4, 5], patcher);
  const old = text.body.slice();
  patcher.patch(text.body, text.marks.slice());
  patcher.put(123_456);
  const next = textOf(NAMES, [6, 7, 8, 9, 10], patcher);
  assert.equal(patcher.isPatching, false);
  assert.deepEqual(display(next), display(textOf(NAMES, [6, 7, 8, 9, 10])));
  assert.deepEqual(text.body, old);
});

test("law: ValuePatcher writes the bytes of a new text, however often it patches", () => {
  const anyValue = fc.oneof(
    fc.nat({ max: 1200 }),
    fc.constantFrom(0, 9, 10, 2 ** 31 - 1, 2 ** 31, NaN, Infinity, -1, 0.5),
    fc.double(),
  );
  const anyStep = fc.array(fc.option(anyValue, { nil: undefined }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(
      fc.array(anyValue, { minLength: 1, maxLength: 12 }),
      fc.array(anyStep, { maxLength: 6 }),
      (before, steps) => agrees(before, ...steps),
    ),
    { numRuns: 3000 },
  );
});
