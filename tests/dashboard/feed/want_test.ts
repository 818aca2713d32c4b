import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePosition } from "../../../src/dashboard/feed/position.ts";
import { familyIds, parseWant } from "../../../src/dashboard/feed/want.ts";
import * as fc from "../../support/property.ts";

test("parseWant() reads all parts, in any order", () => {
  assert.deepEqual(parseWant("health;f:3,7;events:a,b;overview;traces"), {
    overview: true,
    families: new Set([3, 7]),
    traces: true,
    health: true,
    events: true,
    topics: ["a", "b"],
  });
  assert.equal(parseWant(null).overview, true);
  assert.equal(parseWant("").overview, false);
  assert.deepEqual(
    [parseWant("events").events, parseWant("events").topics],
    [true, undefined],
  );
});

test("law: parseWant() and parsePosition() take any text, and are bounded", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.stringMatching(/^(?:[a-z]{0,9}[:;,0-9]){0,40}$/),
    fc.constantFrom("f:" + "1,".repeat(5000), ";".repeat(5000)),
  );
  fc.assert(fc.property(text, (text) => {
    const { families, topics = [] } = parseWant(text);
    assert.ok(families.size <= 64 && topics.length <= 32);
    for (const id of families) assert.ok(Number.isSafeInteger(id) && id > 0);
    parsePosition(text, "epoch");
  }));
});

test("law: parsePosition() reads the ids of one epoch only", () => {
  const number = fc.nat();
  fc.assert(fc.property(number, number, number, (seq, event, trace) => {
    const short = { seq, event: undefined, trace: undefined };
    assert.deepEqual(parsePosition(`e:${seq}`, "e"), short);
    const long = `e:${seq}:${event}:${trace}`;
    assert.deepEqual(parsePosition(long, "e"), { seq, event, trace });
    assert.equal(parsePosition(long, "f"), undefined);
    assert.equal(parsePosition(`${long}:1`, "e"), undefined);
  }));
});

test("familyIds() ignores what is no id", () => {
  assert.deepEqual(familyIds("3,x,-1,0,1e3,07,5,99999999999"), [3, 5]);
  assert.deepEqual(familyIds(null), []);
});
