import assert from "node:assert/strict";
import { test } from "node:test";
import { COLOURS, Colours } from "../../../page/core/colours.ts";
import * as fc from "../../support/property.ts";

const anyKeys = fc.uniqueArray(fc.string(), { maxLength: COLOURS });

test("law: lines that are drawn together have different colours", () => {
  fc.assert(
    fc.property(fc.array(anyKeys, { maxLength: 5 }), (charts) => {
      const colours = new Colours();
      for (const keys of charts) {
        const given = [...colours.of(keys).values()];
        assert.equal(new Set(given).size, keys.length);
        assert.ok(given.every((colour) => colour >= 1 && colour <= COLOURS));
      }
    }),
  );
});

test("law: the same lines have the same colours, whatever was drawn between", () => {
  fc.assert(
    fc.property(anyKeys, anyKeys, (keys, others) => {
      const colours = new Colours();
      const first = colours.of(keys);
      colours.of(others);
      const again = colours.of([...keys].reverse());
      for (const key of keys) assert.equal(again.get(key), first.get(key));
    }),
  );
});

test("law: two pages give the same colours", () => {
  fc.assert(
    fc.property(anyKeys, (keys) => {
      assert.deepEqual(new Colours().of(keys), new Colours().of(keys));
    }),
  );
});

test("Colours.of() repeats colours only when all are taken", () => {
  const keys = Array.from({ length: COLOURS + 2 }, (_, i) => `route=${i}`);

  const given = new Colours().of(keys);

  assert.equal(new Set(given.values()).size, COLOURS);
  assert.equal(given.size, keys.length);
});
