import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cutText,
  errorMessage,
  errorType,
  MAX_TEXT,
} from "../../src/base/internal.ts";

test("cutText() cuts long texts only, and leaves them well-formed", () => {
  assert.equal(cutText("abc", 3), "abc");
  assert.equal(cutText("\ufeffabc", 3), "\ufeffab");
  assert.equal(cutText("a\ud83d\ude00", 2), "a\ufffd");
});

test("errorType() names errors of any realm, and the type of other values", () => {
  assert.equal(errorType(new RangeError("x")), "RangeError");
  const foreign = { name: "TypeError", [Symbol.toStringTag]: "Error" };
  assert.equal(errorType(foreign), "TypeError");
  assert.equal(errorType({ code: 1 }), "object");
  assert.equal(errorType(Object.assign(new Error("x"), { name: "" })), "Error");
  assert.equal(errorType(null), "null");
  assert.equal(errorType("text"), "string");
  const name = "E".repeat(2 * MAX_TEXT);
  assert.equal(
    errorType(Object.assign(new Error(), { name })).length,
    MAX_TEXT,
  );
});

test("errorMessage() is bounded, and never throws", () => {
  assert.equal(errorMessage(new Error("x".repeat(9999))).length, MAX_TEXT);
  assert.equal(errorMessage("y".repeat(9999)).length, MAX_TEXT);
  assert.equal(errorMessage({ message: 1 }), "");
  const hostile = Object.defineProperty({}, "message", {
    get() {
      throw new Error("hostile");
    },
  });
  assert.equal(errorMessage(hostile), "");
  assert.equal(errorMessage(Object.create(null)), "");
});
