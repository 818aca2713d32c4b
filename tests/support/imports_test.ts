/** Tests of the reader of imports. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { circlesOf, importsOf } from "./imports.ts";

test("importsOf() finds imports of every form, but none in comments", () => {
  const code = `
    // import "a";
    /* import "b"; */
    import "./side.ts";
    import x, { type Y } from "./c.ts";
    import type { Z } from "./d.ts";
    import { type A, type B } from "./e.ts";
    export { f } from "./f.ts";
    export * from "./g.ts";
    const url = "http://not/*a comment";
    await import("./h.ts");
    await import(\`./i.ts\`);
  `;
  assert.deepEqual(importsOf(code), [
    { from: "./side.ts", typesOnly: false },
    { from: "./c.ts", typesOnly: false },
    { from: "./d.ts", typesOnly: true },
    { from: "./e.ts", typesOnly: true },
    { from: "./f.ts", typesOnly: false },
    { from: "./g.ts", typesOnly: false },
    { from: "./h.ts", typesOnly: false },
    { from: "./i.ts", typesOnly: false },
  ]);
});

test("circlesOf() finds exactly the groups that reach one another", () => {
  const graph = new Map([
    ["a", ["b", "d"]],
    ["b", ["c"]],
    ["c", ["a"]],
    ["d", ["e", "f"]],
    ["e", ["e"]],
    ["f", ["g"]],
    ["g", []],
  ]);
  assert.deepEqual(circlesOf(graph), [["a", "b", "c"], ["e"]]);
});
