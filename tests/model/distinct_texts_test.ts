import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { DistinctTexts } from "../../src/model/distinct_texts.ts";

test("law: add() returns true for the first of equal lists", () => {
  const anyText = fc.constantFrom("", "a", "b", "1:a", "a,b", "__proto__");
  const anyLists = fc.nat({ max: 4 }).chain((length) =>
    fc.array(fc.array(anyText, { minLength: length, maxLength: length }))
  );
  fc.assert(fc.property(anyLists, (lists) => {
    const distinct = new DistinctTexts();
    const seen = new Set<string>();
    const reused: string[] = [];
    for (const list of lists) {
      const key = JSON.stringify(list);
      reused.splice(0, reused.length, ...list);
      assert.equal(distinct.add(reused), !seen.has(key));
      seen.add(key);
    }
  }));
});
