import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changedAddress,
  formatAddress,
  HOME,
  parseAddress,
  takeKey,
  VIEW_NAMES,
} from "../../../page/core/address.ts";
import { RANGES } from "../../../page/core/data.ts";
import * as fc from "../../support/property.ts";

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });

const anyAddress = fc.record({
  view: fc.constantFrom(...VIEW_NAMES),
  path: fc.array(text, { maxLength: 3 }),
  range: fc.constantFrom(...Object.keys(RANGES) as (keyof typeof RANGES)[]),
  route: fc.oneof(fc.constant(""), text),
  rest: fc.dictionary(
    text.filter((key) => !["range", "route", "k"].includes(key)),
    text,
    { maxKeys: 3, noNullPrototype: true },
  ),
}, { noNullPrototype: true });

test("law: an address is read as it was written", () => {
  fc.assert(fc.property(anyAddress, (address) => {
    assert.deepEqual(parseAddress(formatAddress(address)), address);
  }));
});

test("law: any hash is read as an address that can be written", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (hash) => {
    const address = parseAddress(hash);
    assert.deepEqual(parseAddress(formatAddress(address)), address);
  }));
});

test("law: a key is taken out of the hash, and the address stays", () => {
  fc.assert(fc.property(anyAddress, text, (address, key) => {
    const hash = formatAddress(address);
    const more = `${hash}${hash.includes("?") ? "&" : "?"}k=`;
    const taken = takeKey(more + encodeURIComponent(key));
    assert.equal(taken?.key, key);
    assert.deepEqual(parseAddress(taken!.hash), address);
  }));
});

test("takeKey() reads the address that the program prints", () => {
  assert.deepEqual(takeKey("#k=aZ-_9"), { key: "aZ-_9", hash: "" });
  assert.deepEqual(takeKey("#k=a&/traces"), { key: "a", hash: "#/traces" });
  assert.equal(takeKey("#/overview?range=5m"), undefined);
  assert.equal(takeKey(""), undefined);
});

test("parseAddress() returns the home address for what it does not know", () => {
  for (const hash of ["", "#", "#/", "#/__proto__", "#/nowhere?range=9y"]) {
    assert.deepEqual(parseAddress(hash), HOME, hash);
  }
});

test("changedAddress() resets path and parameters with the view", () => {
  const now = parseAddress("#/metrics/a_total?by=b&range=5m&route=GET+%2F");
  const next = changedAddress(now, { view: "traces" });
  assert.equal(formatAddress(next), "#/traces?range=5m&route=GET+%2F");
  assert.deepEqual(changedAddress(now, { view: "metrics" }), now);
  assert.deepEqual(
    changedAddress(now, { view: "traces", path: ["1"] }).path,
    ["1"],
  );
});
