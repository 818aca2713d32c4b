import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { SharedText } from "../../src/metrics/shared_text.ts";

test("law: a shared text is the text, however many there are", () => {
  const asked = fc.array(fc.tuple(fc.nat({ max: 2 }), fc.string()), {
    maxLength: 600,
    size: "max",
  });
  fc.assert(fc.property(asked, (list) => {
    const shared = new SharedText(3);
    for (const [at, text] of list) assert.equal(shared.of(at, text), text);
    for (let i = 0; i < 600; i++) assert.equal(shared.of(0, `${i}`), `${i}`);
  }));
});
