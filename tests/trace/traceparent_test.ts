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
  for (const flags of ["00", "02", "fe"]) {
    const header = CALLER.slice(0, -2) + flags;
    assert.deepEqual(parseTraceparent(header), { ...context, sampled: false });
  }
  assert.equal(parseTraceparent(CALLER.slice(0, -2) + "ff")?.sampled, true);
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
    CALLER.replace("00-", "01-"),
    CALLER.replace("00-", "ff-"),
    CALLER.toUpperCase(),
    CALLER.replace(TRACE_ID, "0".repeat(32)),
    CALLER.replace(SPAN_ID, "0".repeat(16)),
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
    fc.property(id(32), id(16), fc.boolean(), (traceId, spanId, sampled) => {
      const context = { traceId, spanId, sampled, traceState: "" };
      const isValid = !/^0+$/.test(traceId) && !/^0+$/.test(spanId);
      assert.deepEqual(
        parseTraceparent(formatTraceparent(context)),
        isValid ? context : undefined,
      );
    }),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.nat(54),
      (text, at) => {
        const header = CALLER.slice(0, at) + text + CALLER.slice(at + 1);
        const read = parseTraceparent(header);
        if (read === undefined) return;
        assert.match(header, /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
      },
    ),
    { numRuns: 2000 },
  );
});

test("checkedTraceState() passes a valid header on unchanged", () => {
  for (
    const [header, passed] of [
      ["a=1", "a=1"],
      ["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", undefined],
      ["tenant@vendor=x y", undefined],
      ["a=1 , b=2\t,, c=3", "a=1,b=2,c=3"],
      [`a=${"x".repeat(256)}`, undefined],
    ] as const
  ) {
    assert.equal(checkedTraceState(header), passed ?? header);
  }
});

test("checkedTraceState() reads up to 512 characters", () => {
  const header = (length: number) =>
    `a=${"x".repeat(254)},b=${"x".repeat(length - 259)}`;
  assert.equal(header(512).length, 512);
  assert.equal(checkedTraceState(header(512)), header(512));
  assert.equal(checkedTraceState(header(513)), "");
});

test("checkedTraceState() drops a header with any malformed member", () => {
  const wrong = [
    null,
    "",
    "a",
    "=1",
    "A=1",
    "a=",
    "a=1,a=2",
    "a=1,b",
    "a=x=y",
    "a=\u00e9",
    "a@=1",
    "a@b@c=1",
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
