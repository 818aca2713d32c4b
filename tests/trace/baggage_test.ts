/** W3C baggage: parsing, formatting, limits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import {
  type Baggage,
  extract,
  formatBaggage,
  parseBaggage,
} from "../../src/trace/mod.ts";

function entries(baggage: Baggage): [string, string][] {
  return [...baggage].map(([name, { value }]) => [name, value]);
}

test("parseBaggage() reads values and properties", () => {
  const baggage = parseBaggage(
    "user=Am%C3%A9lie , tenant = blue;ttl=3;once,empty=",
  );
  assert.deepEqual([...baggage], [
    ["user", { value: "Amélie" }],
    ["tenant", { value: "blue", properties: ";ttl=3;once" }],
    ["empty", { value: "" }],
  ]);
  assert.equal(
    formatBaggage(baggage),
    "user=Am%C3%A9lie,tenant=blue;ttl=3;once,empty=",
  );
});

test("parseBaggage() skips malformed members and keeps the others", () => {
  const header = [
    "good=1",
    "",
    "no value",
    "=nameless",
    "a b=1",
    "bad=%zz",
    "stray=100%",
    'quoted="x"',
    "good=2",
    "näme=1",
    "back=\\",
    "last=2",
  ].join();
  assert.deepEqual(entries(parseBaggage(header)), [
    ["good", "1"],
    ["last", "2"],
  ]);
});

test("parseBaggage() reads ill-formed UTF-8 as U+FFFD", () => {
  const header = "cut=%C3,inner=a%ffb%c3%a9,lone=%ED%A0%80,mark=%EF%BB%BF%80";
  assert.deepEqual(entries(parseBaggage(header)), [
    ["cut", "\ufffd"],
    ["inner", "a\ufffdb\u00e9"],
    ["lone", "\ufffd\ufffd\ufffd"],
    ["mark", "\ufeff\ufffd"],
  ]);
});

test("law: parseBaggage() decodes octets as a decoder of UTF-8 does", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const octets = [...bytes].map((byte) =>
        `%${byte.toString(16).padStart(2, "0")}`
      );
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      assert.equal(
        parseBaggage(`a=${octets.join("")}`).get("a")?.value,
        decoder.decode(bytes),
      );
    }),
  );
});

test("parseBaggage() reads at most 64 members", () => {
  const header = Array.from({ length: 10_000 }, (_, i) => `k${i}=v`).join();
  const baggage = parseBaggage(header);
  assert.equal(baggage.size, 64);
  const headers = new Headers();
  for (let i = 0; i < 10_000; i++) headers.append("baggage", `k${i}=v`);
  assert.equal(extract(headers).baggage.size, 64);
});

test("parseBaggage() drops the member that the length limit cuts", () => {
  const header = `first=1,long=${"x".repeat(9000)}`;
  assert.deepEqual(entries(parseBaggage(header)), [["first", "1"]]);
  assert.equal(parseBaggage(`long=${"x".repeat(9000)}`).size, 0);
  assert.equal(parseBaggage("x".repeat(1_000_000)).size, 0);
});

test("formatBaggage() writes at most 64 members and 8192 characters", () => {
  const many = new Map(
    Array.from({ length: 100 }, (_, i) => [`k${i}`, { value: "v" }]),
  );
  assert.equal(formatBaggage(many).split(",").length, 64);
  const long = new Map([
    ["long", { value: "x".repeat(9000) }],
    ["bad name", { value: "1" }],
    ["ok", { value: "1" }],
  ]);
  assert.equal(formatBaggage(long), "ok=1");
});

test("formatBaggage() writes a header of exactly 8192 characters", () => {
  for (const [length, isWritten] of [[8191, true], [8192, false]] as const) {
    const header = formatBaggage(
      new Map([["a", { value: "x".repeat(length - 1) }]]),
    );
    assert.equal(header.length, isWritten ? length + 1 : 0);
  }
});

test("formatBaggage() writes nothing that is no header", () => {
  const odd = new Map<string, { value: string; properties?: string }>([
    ["feed", { value: "1", properties: ";a\r\nx: y" }],
    ["comma", { value: "1", properties: ";a,b=2" }],
    ["bare", { value: "1", properties: "a" }],
    ["number", { value: 1 as unknown as string }],
    ["none", { value: undefined as unknown as string }],
    ["good", { value: "1", properties: ";a=b" }],
  ]);
  assert.equal(formatBaggage(odd), "feed=1,comma=1,bare=1,good=1;a=b");
});

test("law: parseBaggage() reads what formatBaggage() writes", () => {
  const name = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,12}$/);
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, text), {
        maxLength: 64,
        selector: ([name]) => name,
      }),
      (members) => {
        const baggage = new Map(
          members.map(([name, value]) => [name, { value }]),
        );
        const header = formatBaggage(baggage);
        assert.match(header, /^[\x21-\x7e]*$/);
        new Headers({ baggage: header }); // must be a valid header
        assert.deepEqual(
          entries(parseBaggage(header)),
          members.map(([name, value]) => [name, value.toWellFormed()]),
        );
      },
    ),
  );
});

test("law: a legal header within the limits is passed on whole", () => {
  // Section "Limits": 64 members and 8192 bytes must be propagated.
  const full = Array.from({ length: 8 }, (_, i) => `k${i}=${"/".repeat(1020)}`)
    .join(",").concat("=");
  assert.equal(full.length, 8192);
  assert.equal(formatBaggage(parseBaggage(full)), full);
  const octet = fc.constantFrom(
    ..."aZ9!#$&'()*+-./:<=>?@[]^_`{|}~",
    "%2C",
    "%20",
  );
  const value = fc.array(octet, { maxLength: 400, size: "max" })
    .map((octets) => octets.join(""));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 64, size: "max" }), (values) => {
      const header = values.map((value, i) => `k${i}=${value};p=1`).join(",")
        .slice(0, 8192).replace(/,[^,]*$/, "");
      const baggage = parseBaggage(header);
      const passed = formatBaggage(baggage);
      assert.ok(passed.length <= 8192);
      assert.deepEqual([...parseBaggage(passed)], [...baggage]);
    }),
  );
});

test("law: parseBaggage() never throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (header) => {
      for (const [name, { value }] of parseBaggage(header)) {
        assert.ok(name !== "" && typeof value === "string");
      }
    }),
    { numRuns: 1000 },
  );
});
