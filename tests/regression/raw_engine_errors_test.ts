// Without a type checker, wrong declarations ended in errors of the engine
// ("Cannot read properties of undefined") or were accepted silently.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Loose, loose, namesOf, setUp } from "../metrics/fixtures.ts";

const X = { name: "x", help: "X." };

const CASES: readonly [string, (registry: Loose) => unknown, RegExp][] = [
  ["no options", (r) => r.counter!(), /Cannot declare counter.*name.*help/],
  ["a string for options", (r) => r.gauge!("x"), /Cannot declare gauge.*name/],
  ["null for options", (r) => r.histogram!(null), /Cannot declare histogram/],
  ["no options of a summary", (r) => r.summary!(), /Cannot declare summary/],
  ["no options of a callback", (r) => r.callbackGauge!(), /Cannot declare/],
  ["buckets as a number", (r) => r.histogram!({ ...X, buckets: 5 }), /bucket/],
  [
    "buckets as a string",
    (r) => r.histogram!({ ...X, buckets: "1" }),
    /bucket/,
  ],
  ["null buckets", (r) => r.histogram!({ ...X, buckets: null }), /bucket/],
  [
    "buckets with a hole",
    (r) => r.histogram!({ ...X, buckets: [1, , 2] }),
    /bucket undefined/,
  ],
  ["a quantile", (r) => r.summary!({ ...X, quantiles: 0.5 }), /quantiles/],
  ["no states", (r) => r.stateSet!(X), /stateset "x".*"starting"/],
  [
    "states as a string",
    (r) => r.stateSet!({ ...X, states: "on" }),
    /"starting"/,
  ],
  ["null values", (r) => r.gauge!({ ...X, values: null }), /values/],
  [
    "a symbol as a label value",
    (r) => r.gauge!({ ...X, labels: [Symbol("a")] }),
    /label/,
  ],
  ["a symbol for a name", (r) => r.gauge!({ ...X, name: Symbol("a") }), /name/],
  [
    "a string for seconds",
    (r) => r.gauge!({ ...X, expireAfter: "5" }),
    /expireAfter/,
  ],
  ["a unit that is not a string", (r) => r.gauge!({ ...X, unit: 5 }), /unit/],
  [
    "a namespace that is not a string",
    (r) => r.gauge!({ ...X, namespace: 5 }),
    /namespace/,
  ],
  ["read of a plain gauge", (r) => r.gauge!({ ...X, read() {} }), /"read"/],
  [
    "known for a callback",
    (r) => r.callbackGauge!({ ...X, read() {}, known: "all" }),
    /"known"/,
  ],
  ["no options of a scope", (r) => r.scope!(), /scope/],
  ["a misspelt option of a scope", (r) => r.scope!({ prefx: "a_" }), /"prefx"/],
  ["a null prefix", (r) => r.scope!({ prefix: null }), /prefix/],
  ["null labels of a scope", (r) => r.scope!({ labels: null }), /labels/],
  [
    "a string for dropNaN",
    (r) => r.histogram!({ ...X, dropNaN: "y" }),
    /dropNaN/,
  ],
  ["a string for maxAge", (r) => r.summary!({ ...X, maxAge: "60" }), /maxAge/],
  ["a symbol for a source", (r) => r.add!(Symbol("s")), /Cannot add/],
  ["null as a kind", (r) => r.declare!(null, X), /declare null.*gauges/],
  ["no kind", (r) => r.declare!(undefined, X), /declare undefined.*gauges/],
  [
    "a string as a kind",
    (r) => r.declare!("gauge", X),
    /declare gauge.*gauges/,
  ],
  ["an empty kind", (r) => r.declare!({}, X), /declare \{\}.*gauges/],
  [
    "a kind without a plan",
    (r) => r.declare!({ id: "x", type: "gauge" }, X),
    /declare gauge.*gauges/,
  ],
  ["null as a source", (r) => r.add!(null), /Cannot add/],
  ["a source without descriptions", (r) => r.add!({}), /Cannot add.*descs/],
  [
    "lists that lack a label",
    (r) =>
      loose(r.gauge!({ ...X, labels: ["a", "constructor"] }))
        .init!({ a: ["1"] }),
    /label "constructor" has no list/,
  ],
];

test("bind() and init() explain what they refuse", () => {
  const { registry } = setUp();
  const family = loose(loose(registry).gauge!({ ...X, labels: ["a"] }));
  assert.throws(() => family.bind!(null), /^TypeError: Cannot bind labels/);
  assert.throws(() => family.bind!(), /^TypeError: Cannot bind labels/);
  assert.throws(() => family.init!(null), /label "a" has no list/);
  assert.throws(() => family.init!({ a: 5 }), /label "a" has no list/);
});

for (const [title, declare, message] of CASES) {
  test(`a wrong declaration is refused with an explanation: ${title}`, () => {
    const { registry } = setUp();
    assert.throws(() => declare(loose(registry)), (error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.match(error.message, /^Cannot /);
      assert.doesNotMatch(error.message, /propert|convert|iterable/);
      assert.match(error.message, message);
      return true;
    });
    if (!title.startsWith("lists")) assert.deepEqual(namesOf(registry), []);
  });
}
