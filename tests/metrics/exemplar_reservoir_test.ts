import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { ExemplarReservoir } from "../../src/metrics/exemplars.ts";
import type { Exemplar } from "../../src/model/mod.ts";

function exemplar(value: number, timestamp: number): Exemplar {
  return { labels: { trace_id: `${timestamp}` }, value, timestamp };
}

function valuesOf(added: readonly (readonly [number, number])[]): number[] {
  const reservoir = new ExemplarReservoir();
  for (const [value, timestamp] of added) {
    reservoir.add(exemplar(value, timestamp));
  }
  return reservoir.list.map(({ value }) => value);
}

const POWERS = Array.from({ length: 10 }, (_, i) => [2 ** i, i + 1] as const);

test("ExemplarReservoir keeps up to ten exemplars by rising value, NaN last", () => {
  assert.deepEqual(valuesOf([[5, 1], [NaN, 2], [-3, 3], [5, 4], [0, 5]]), [
    ...[-3, 0, 5, 5, NaN],
  ]);
  assert.equal(valuesOf(POWERS).length, 10);
});

test("ExemplarReservoir keeps the newer of two close values", () => {
  const values = valuesOf([...POWERS, [33, 11]]);
  assert.deepEqual(values, [1, 2, 4, 8, 16, 33, 64, 128, 256, 512]);
});

test("ExemplarReservoir drops the older of the two closest if another is added", () => {
  const values = valuesOf([[1, 1], [1.01, 2], ...POWERS.slice(1, 9), [
    1e9,
    20,
  ]]);
  assert.ok(values.includes(1e9));
  assert.ok(values.includes(1.01) && !values.includes(1));
});

test("ExemplarReservoir drops an exemplar older than five minutes first", () => {
  const values = valuesOf([[1e12, 0], ...POWERS.slice(1), [1.5, 301]]);
  assert.ok(!values.includes(1e12));
  const recent = valuesOf([[1e12, 0], ...POWERS.slice(1), [1.5, 300]]);
  assert.ok(recent.includes(1e12));
});

test("law: ExemplarReservoir has at most ten exemplars, in order, with the newest", () => {
  const value = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1, 2),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (values) => {
      const reservoir = new ExemplarReservoir();
      values.forEach((v, i) => reservoir.add(exemplar(v, i * 20)));
      const { list } = reservoir;
      assert.equal(list.length, Math.min(values.length, 10));
      const newest = (values.length - 1) * 20;
      assert.ok(list.some(({ timestamp }) => timestamp === newest));
      for (let i = 1; i < list.length; i++) {
        const [a, b] = [list[i - 1]!.value, list[i]!.value];
        assert.ok(a <= b || Number.isNaN(b), `${a} before ${b}`);
      }
    }),
    { numRuns: 500 },
  );
});
