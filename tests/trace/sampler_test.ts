/** Samplers, and how tracers use them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import {
  alwaysOff,
  alwaysOn,
  type Candidate,
  parentBased,
  ratio,
} from "../../src/trace/mod.ts";
import { SPAN_ID, TRACE_ID, traced } from "./fixtures.ts";

const candidate = (overrides: Partial<Candidate> = {}): Candidate => ({
  name: "work",
  kind: "internal",
  traceId: TRACE_ID,
  parent: undefined,
  attributes: {},
  ...overrides,
});

const hex = fc.constantFrom(..."0123456789abcdef");
const traceId = fc.string({ unit: hex, minLength: 32, maxLength: 32 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

test("law: ratio() depends on the trace id alone, and a larger share includes a smaller one", () => {
  fc.assert(
    fc.property(traceId, share, share, (traceId, a, b) => {
      const [small, large] = a < b ? [a, b] : [b, a];
      const span = candidate({ traceId });
      if (ratio(small)(span)) assert.ok(ratio(large)(span));
      assert.equal(ratio(a)(span), ratio(a)(candidate({ traceId, name: "x" })));
    }),
  );
});

test("ratio() samples about the given share of traces", () => {
  for (const expected of [0, 0.01, 0.25, 0.5, 1]) {
    const { tracer, spans } = traced({ sampler: ratio(expected) });
    for (let i = 0; i < 20_000; i++) tracer.start("work").end();
    const deviation = Math.abs(spans.length / 20_000 - expected);
    // A bound of six standard deviations.
    assert.ok(
      deviation <= 6 * Math.sqrt(expected * (1 - expected) / 20_000),
      `${deviation}`,
    );
  }
});

// Thresholds of the table "Converting floating-point probability to threshold
// value" of OpenTelemetry's "TraceState: Probability Sampling": a trace is
// sampled if the rightmost 56 bits of its id are not below the threshold.
test("ratio() decides by the rightmost 56 bits, as OpenTelemetry does", () => {
  const vectors = [
    [0.5, "80000000000000", "7fffffffffffff"],
    [0.25, "c0000000000000", "bfffffffffffff"],
    [0.125, "e0000000000000", "dfffffffffffff"],
    [0.0625, "f0000000000000", "efffffffffffff"],
    [1 / 3, "aaaab000000000", "aaaaa000000000"],
    [0.2, "ccccd000000000", "ccccc000000000"],
    [0.1, "e6667000000000", "e6666000000000"],
    [0.01, "fd70a400000000", "fd70a300000000"],
    [0.001, "ffbe76d0000000", "ffbe76c0000000"],
    [0.000001, "ffffef39100000", "ffffef39000000"],
    [2 ** -56, "ffffffffffffff", "fffffffffffffe"],
  ] as const;
  for (const [share, sampled, dropped] of vectors) {
    const sampler = ratio(share);
    for (
      const rest of ["0".repeat(18), "f".repeat(18), TRACE_ID.slice(0, 18)]
    ) {
      const ids = [rest + sampled, rest + dropped];
      assert.deepEqual(
        ids.map((traceId) => sampler(candidate({ traceId }))),
        [true, false],
        `${share} of ${ids}`,
      );
    }
  }
  const all = candidate({ traceId: "f".repeat(32) });
  assert.equal(ratio(2 ** -80)(all), false);
  assert.equal(ratio(0)(all), false);
  assert.equal(ratio(1)(candidate({ traceId: "0".repeat(32) })), true);
});

test("parentBased() refuses a root that is not a function", () => {
  assert.throws(() => parentBased(0.1 as never), {
    name: "TypeError",
    message: "Cannot sample by parents: root is of type number; " +
      "give a function, such as ratio(0.1)",
  });
});

test("ratio() refuses a share that is not between 0 and 1", () => {
  for (const wrong of [-0.1, 1.1, NaN, "half" as unknown as number]) {
    assert.throws(() => ratio(wrong), /give a number from 0 to 1/);
  }
});

test("parentBased() follows the parent, and calls the root sampler without one", () => {
  for (const root of [alwaysOn, alwaysOff]) {
    const sampler = parentBased(root);
    assert.equal(sampler(candidate()), root === alwaysOn);
    for (const sampled of [true, false]) {
      const parent = {
        traceId: TRACE_ID,
        spanId: SPAN_ID,
        sampled,
        traceState: "",
      };
      assert.equal(sampler(candidate({ parent })), sampled);
    }
  }
});

test("parentBased() drops the children of an unsampled span", () => {
  let calls = 0;
  const { tracer, spans } = traced({
    sampler: parentBased(() => ++calls > 1),
  });
  tracer.run("outer", () => tracer.run("inner", () => {}));
  assert.equal(spans.length, 0);
  assert.equal(calls, 1);
  assert.equal(tracer.stats().unsampled, 2);
});

test("a sampler reads name, kind and attributes; unread attributes are not computed", () => {
  let computed = 0;
  const attributes = () => {
    computed++;
    return { path: "/healthz" };
  };
  const blind = traced({ sampler: alwaysOff });
  blind.tracer.start("work", { attributes });
  assert.equal(computed, 0);
  const seeing = traced({
    sampler: ({ name, kind, attributes }) =>
      name === "work" && kind === "server" && attributes["path"] !== "/healthz",
  });
  seeing.tracer.start("work", { kind: "server", attributes }).end();
  seeing.tracer.start("work", { kind: "server" }).end();
  assert.equal(computed, 1);
  assert.equal(seeing.spans.length, 1);
});

test("a sampler that throws or does not return true records nothing", () => {
  const fail = (): never => {
    throw new Error("sampler");
  };
  for (const sampler of [fail, (() => "yes") as never]) {
    const { tracer, spans } = traced({ sampler });
    assert.equal(tracer.run("work", () => 42), 42);
    assert.equal(spans.length, 0);
    assert.equal(tracer.stats().failures, sampler === fail ? 1 : 0);
  }
});

test("an unsampled span has the trace id that its sampler has read", () => {
  const seen: string[] = [];
  const { tracer } = traced({
    sampler: ({ traceId }) => {
      seen.push(traceId);
      return false;
    },
  });
  const span = tracer.start("work");
  assert.deepEqual(seen, [span.context.traceId]);
});
