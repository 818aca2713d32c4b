// The error for a counter called "_" suggested "__total", which is refused too.
import assert from "node:assert/strict";
import { test } from "node:test";
import { familyDesc } from "../../src/model/mod.ts";

test("an error suggests a legal metric name", () => {
  for (const type of ["counter", "info"] as const) {
    for (const name of ["_", "_total", "_info", "__", ":"]) {
      const declare = (name: string) => familyDesc({ name, type, help: "X." });
      let message = "";
      try {
        declare(name);
      } catch (error) {
        message = (error as Error).message;
      }
      const [, advised = name] = /try "(.*)"$/.exec(message) ?? [];
      assert.doesNotThrow(() => declare(advised), `${name}: ${message}`);
    }
  }
});
