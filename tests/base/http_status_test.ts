import assert from "node:assert/strict";
import { test } from "node:test";
import { statusClassOf } from "../../src/base/internal.ts";
import * as fc from "../support/property.ts";

test("statusClassOf() returns the class of each code from 100 to 599", () => {
  const cases = {
    "1xx": [100, 199],
    "2xx": [200, 204, 299],
    "3xx": [300, 399],
    "4xx": [400, 404, 499],
    "5xx": [500, 503, 599],
  };
  for (const [name, codes] of Object.entries(cases)) {
    for (const code of codes) assert.equal(statusClassOf(code), name);
  }
});

test("statusClassOf() returns error for codes that no response can have", () => {
  const codes = [0, 1, 99, 600, 999, 1000, -1, -200, NaN, Infinity, -Infinity];
  for (const code of codes) assert.equal(statusClassOf(code), "error");
});

test("law: statusClassOf() begins with the first digit of a legal code", () => {
  fc.assert(fc.property(fc.integer({ min: -1000, max: 2000 }), (code) => {
    const digit = /^[1-5]\d\d$/.test(String(code)) && String(code)[0];
    assert.equal(statusClassOf(code), digit ? `${digit}xx` : "error");
  }));
});
