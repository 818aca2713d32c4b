/** W3C trace context: `traceparent` and `tracestate`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import {
  extract,
  formatTraceparent,
  parseTraceparent,
} from "../../src/trace/mod.ts";
import { checkedTraceState } from "../../src/trace/traceparent.ts";
import { CALLER, SPAN_ID, TRACE_ID } from "./fixtures.ts";

test("parseTraceparent() reads trace id, span id and the sampled flag", () => {
  const context = {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    sampled: true,
    traceState: "",
  };
  assert.deepEqual(parseTraceparent(CALLER), context);
  const withFlags = (flags: string) =>
    parseTraceparent(CALLER.slice(0, -2) + flags);
  assert.deepEqual(withFlags("00"), { ...context, sampled: false });
  assert.deepEqual(withFlags("04"), { ...context, sampled: false });
  for (const flags of ["02", "fe"]) {
    const expected = { ...context, sampled: false, random: true };
    assert.deepEqual(withFlags(flags), expected);
  }
  assert.deepEqual(withFlags("ff"), { ...context, random: true });
});

test("parseTraceparent() reads the first four fields of a later version", () => {
  for (const version of ["01", "cc", "fe"]) {
    for (const rest of ["", "-", "-what-comes-later", "-\u00e9"]) {
      const header = `${version}${CALLER.slice(2)}${rest}`;
      assert.deepEqual(parseTraceparent(header), parseTraceparent(CALLER));
    }
    for (const rest of ["0", ".more", "\n"]) {
      const header = `${version}${CALLER.slice(2)}${rest}`;
      assert.equal(parseTraceparent(header), undefined);
    }
  }
});

test("formatTraceparent() passes a context on byte for byte, but no copy of it", () => {
  for (
    const header of [
      CALLER,
      `${CALLER.slice(0, -2)}ff`,
      `cc${CALLER.slice(2)}`,
      `cc${CALLER.slice(2)}-what-comes-later`,
    ]
  ) {
    const context = parseTraceparent(header)!;
    assert.equal(formatTraceparent(context), header);
    const spanId = "1".repeat(16);
    assert.match(
      formatTraceparent({ ...context, spanId }),
      /^00-.{32}-1{16}-0[13]$/,
    );
  }
  for (const rest of [`-${"x".repeat(600)}`, "-\u00e9", "-a b", "-a\nb"]) {
    const context = parseTraceparent(`cc${CALLER.slice(2)}${rest}`)!;
    assert.equal(formatTraceparent(context), CALLER);
  }
});

test("parseTraceparent() ignores malformed headers", () => {
  const wrong = [
    undefined,
    null,
    "",
    "00",
    CALLER.slice(1),
    ` ${CALLER}`,
    `${CALLER} `,
    `${CALLER}\n`,
    `${CALLER}-00`,
    `${CALLER}-`,
    CALLER.replace("00-", "ff-"),
    CALLER.toUpperCase(),
    CALLER.replace(TRACE_ID, "0".repeat(32)),
    CALLER.replace(SPAN_ID, "0".repeat(16)),
    CALLER.replace("00-", "0A-"),
    CALLER.replace("00-", "ff-") + "-more",
    CALLER.replace("4bf9", "4bg9"),
    CALLER.replaceAll("-", "_"),
    CALLER.replace("-01", "-0x"),
    CALLER.replace("4", "\u0664"),
    "0".repeat(100_000),
    42 as unknown as string,
  ];
  for (const header of wrong) {
    assert.equal(parseTraceparent(header), undefined, String(header));
  }
});

test("law: parseTraceparent() reads what formatTraceparent() writes, and nothing else", () => {
  const hex = fc.constantFrom(..."0123456789abcdef");
  const id = (length: number) =>
    fc.string({ unit: hex, minLength: length, maxLength: length });
  fc.assert(
    fc.property(
      id(32),
      id(16),
      fc.boolean(),
      fc.boolean(),
      (traceId, spanId, sampled, random) => {
        const ids = { traceId, spanId, sampled, traceState: "" };
        const context = random ? { ...ids, random } : ids;
        const isValid = !/^0+$/.test(traceId) && !/^0+$/.test(spanId);
        assert.deepEqual(
          parseTraceparent(formatTraceparent(context)),
          isValid ? context : undefined,
        );
      },
    ),
  );
});

/** Section 3.2.2 and "Versioning of traceparent", as one pattern. */
const GRAMMAR =
  /^(?:00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}|(?!00|ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?)$/s;

test("law: parseTraceparent() reads the grammar of W3C, and nothing else", () => {
  const hex = fc.constantFrom(..."0123456789abcdef");
  const digits = (length: number) =>
    fc.string({ unit: hex, minLength: length, maxLength: length });
  const legal = fc.tuple(
    fc.oneof(fc.constant("00"), digits(2)),
    fc.oneof(digits(32), fc.constant("0".repeat(32))),
    fc.oneof(digits(16), fc.constant("0".repeat(16))),
    digits(2),
    fc.oneof(fc.constant(""), fc.string().map((text) => `-${text}`)),
  ).map(([version, trace, span, flags, rest]) =>
    `${version}-${trace}-${span}-${flags}${rest}`
  );
  const damaged = fc.tuple(legal, fc.nat(70), fc.string({ unit: "binary" }))
    .map(([header, at, text]) => header.slice(0, at) + text + header.slice(at));
  fc.assert(
    fc.property(fc.oneof(legal, damaged), (header) => {
      const context = parseTraceparent(header);
      assert.equal(context !== undefined, GRAMMAR.test(header));
      if (context === undefined) return;
      assert.equal(context.traceId, header.slice(3, 35));
      assert.equal(context.spanId, header.slice(36, 52));
      const flags = parseInt(header.slice(53, 55), 16);
      assert.equal(context.sampled, (flags & 1) === 1);
      assert.equal(context.random === true, (flags & 2) === 2);
      // It is passed on as received, or in the form of version 00.
      const written = formatTraceparent(context);
      if (written !== header) {
        assert.match(header, /[^\x21-\x7e]/);
        assert.equal(written.slice(2, 53), header.slice(2, 53));
        assert.match(written, /^00-.{50}0[0-3]$/);
      }
    }),
    { numRuns: 2000 },
  );
});

test("checkedTraceState() passes a valid header on unchanged", () => {
  for (
    const [header, passed] of [
      ["a=1", "a=1"],
      ["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", undefined],
      ["tenant@vendor=x y", undefined],
      ["1@b@c=1", undefined],
      ["a=1 , b=2\t,, c=3", "a=1,b=2,c=3"],
      [`a=${"x".repeat(256)}`, undefined],
    ] as const
  ) {
    assert.equal(checkedTraceState(header), passed ?? header);
  }
});

test("checkedTraceState() shortens a header of more than 512 characters by whole members", () => {
  const member = (key: string, length: number) =>
    `${key}=${"x".repeat(length - key.length - 1)}`;
  const [large, small] = [member("a", 256), member("b", 128)];
  const exact = `${large},${member("c", 255)}`;
  assert.equal(exact.length, 512);
  assert.equal(checkedTraceState(exact), exact);
  assert.equal(checkedTraceState(`${large},${member("c", 256)}`), large);
  // Members of more than 128 characters go first, even if others come later.
  const rest = [small, member("d", 128), member("e", 100)];
  const mixed = [large, rest[0], member("c", 129), ...rest.slice(1)];
  assert.equal(checkedTraceState(mixed.join()), rest.join());
  const many = Array.from({ length: 6 }, (_, i) => member(`k${i}`, 100));
  assert.equal(checkedTraceState(many.join()), many.slice(0, 5).join());
});

test("checkedTraceState() keeps the first member of a repeated key", () => {
  assert.equal(checkedTraceState("a=1,b=2,a=3"), "a=1,b=2");
  assert.equal(checkedTraceState("a=1,a=1"), "a=1");
});

test("checkedTraceState() joins and checks the members of repeated headers", () => {
  const headers = new Headers({ traceparent: CALLER, tracestate: "a=1" });
  headers.append("tracestate", "");
  headers.append("tracestate", "b=2 , c=3");
  assert.equal(extract(headers).parent?.traceState, "a=1,b=2,c=3");
  const list = new Map<string, unknown>([["traceparent", [CALLER]], [
    "tracestate",
    ["a=1", "b=2"],
  ]]);
  const get = (name: string) => list.get(name) as string;
  assert.equal(extract({ get }).parent?.traceState, "a=1,b=2");
});

test("law: checkedTraceState() returns a list of W3C that begins as the header", () => {
  const key = fc.stringMatching(/^[a-z0-9][a-z0-9_\-*/@]{0,20}$/);
  const value = fc.stringMatching(/^[ -+\--<>-~]{0,150}[!-+\--<>-~]$/);
  const space = fc.stringMatching(/^[ \t]{0,2}$/);
  const member = fc.tuple(space, key, value, space);
  fc.assert(
    fc.property(fc.array(member, { maxLength: 36 }), (members) => {
      const header = members.map(([a, key, value, b]) =>
        `${a}${key}=${value}${b}`
      ).join();
      const passed = checkedTraceState(header);
      if (members.length > 32) return assert.equal(passed, "");
      assert.ok(passed.length <= 512);
      const first = new Map<string, string>();
      for (const [, key, value] of members) {
        if (!first.has(key)) first.set(key, `${key}=${value}`);
      }
      const all = [...first.values()];
      const kept = passed === "" ? [] : passed.split(",");
      // Order is kept, and nothing is left out without need.
      assert.deepEqual(all.filter((member) => kept.includes(member)), kept);
      if (all.join().length <= 512) assert.equal(passed, all.join());
      else {
        const small = all.filter(({ length }) => length <= 128);
        if (small.join().length <= 512) {
          assert.ok(small.every((member) => kept.includes(member)));
        }
      }
    }),
  );
});

test("checkedTraceState() drops a header with any malformed member", () => {
  const wrong = [
    null,
    "",
    "a",
    "=1",
    "A=1",
    "a=",
    "a=1,b",
    "a=x=y",
    "a=\u00e9",
    "@a=1",
    `a=${"x".repeat(257)}`,
    `${"a".repeat(257)}=1`,
    Array.from({ length: 33 }, (_, i) => `a${i}=1`).join(),
    "a=1,".repeat(100_000),
  ];
  for (const header of wrong) {
    assert.equal(checkedTraceState(header), "", String(header).slice(0, 60));
  }
});

test("extract() ignores tracestate without a valid traceparent", () => {
  const { parent } = extract(new Headers({ tracestate: "a=1" }));
  assert.equal(parent, undefined);
  const both = new Headers({ traceparent: CALLER, tracestate: "a=1" });
  assert.equal(extract(both).parent?.traceState, "a=1");
  both.set("tracestate", "A=1");
  assert.equal(extract(both).parent?.traceState, "");
});

test("extract() ignores repeated traceparent headers", () => {
  const headers = new Headers({ traceparent: CALLER });
  headers.append("traceparent", CALLER);
  assert.equal(extract(headers).parent, undefined);
});
