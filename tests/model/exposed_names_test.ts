import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import {
  FamilyConflictError,
  type FamilyDesc,
  familyDesc,
  type MetricType,
} from "../../src/model/mod.ts";
import { ExposedNames } from "../../src/model/internal.ts";
import { descOf, TYPES } from "./fixtures.ts";

/** Returns the error of checking `second` after `first` was reserved. */
function clash(first: FamilyDesc, second: FamilyDesc): Error | undefined {
  const names = new ExposedNames();
  names.reserve(first);
  try {
    names.check(second);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

test("ExposedNames refuses the same name twice, whatever the types", () => {
  for (const first of TYPES) {
    for (const second of TYPES) {
      const error = clash(descOf(first, "x"), descOf(second, "x"));
      assert.ok(error instanceof FamilyConflictError, `${first} ${second}`);
    }
  }
});

test("ExposedNames refuses every sample name of a histogram", () => {
  const histogram = descOf("histogram", "x");
  for (const stem of ["x_bucket", "x_count", "x_sum", "x_created"]) {
    assert.ok(clash(histogram, descOf("gauge", stem)), stem);
    assert.ok(clash(descOf("gauge", stem), histogram), stem);
  }
  assert.equal(clash(histogram, descOf("gauge", "x_total")), undefined);
  assert.equal(clash(histogram, descOf("gauge", "x_gcount")), undefined);
});

test("ExposedNames refuses a counter x_count_total beside a histogram x", () => {
  // Its family in OpenMetrics is x_count, which the histogram writes.
  assert.ok(clash(descOf("histogram", "x"), descOf("counter", "x_count")));
});

test("ExposedNames reserves no bucket name for a summary", () => {
  const summary = descOf("summary", "x");
  assert.ok(clash(summary, descOf("gauge", "x_count")));
  assert.equal(clash(summary, descOf("gauge", "x_bucket")), undefined);
});

test("ExposedNames names both families and the name that is taken", () => {
  const error = clash(descOf("histogram", "x"), descOf("gauge", "x_count"));
  assert.ok(error instanceof FamilyConflictError);
  assert.equal(error.existing, "x");
  assert.equal(error.requested, "x_count");
  assert.equal(
    error.message,
    'Cannot declare gauge "x_count": histogram "x" already writes "x_count"; ' +
      "choose another name for one of them",
  );
});

test("ExposedNames.release() frees exactly the names of the family", () => {
  const names = new ExposedNames();
  const histogram = descOf("histogram", "x");
  const gauge = descOf("gauge", "y");
  names.reserve(histogram);
  names.reserve(gauge);
  names.release(histogram);
  names.check(descOf("gauge", "x_count"));
  assert.throws(() => names.check(descOf("gauge", "y")), FamilyConflictError);
});

test("ExposedNames.release() of another family with the same name frees nothing", () => {
  const names = new ExposedNames();
  names.reserve(descOf("gauge", "x"));
  names.release(descOf("gauge", "x"));
  assert.throws(() => names.check(descOf("gauge", "x")), FamilyConflictError);
});

const anyStem = (): fc.Arbitrary<string> =>
  fc.array(
    fc.constantFrom(
      "x",
      "_count",
      "_sum",
      "_bucket",
      "_created",
      "_total",
      "_info",
      "_gsum",
      "_gcount",
    ),
    { minLength: 1, maxLength: 3 },
  ).map((parts) => `a${parts.join("")}`);

const anyDesc = (): fc.Arbitrary<FamilyDesc> =>
  fc.tuple(fc.constantFrom<MetricType>(...TYPES), anyStem())
    .map(([type, stem]) => descOf(type, stem));

test("law: ExposedNames.check() is symmetric", () => {
  fc.assert(
    fc.property(anyDesc(), anyDesc(), (one, other) => {
      assert.equal(
        clash(one, other) === undefined,
        clash(other, one) === undefined,
      );
    }),
    { numRuns: 500 },
  );
});

test("law: ExposedNames.release() undoes reserve()", () => {
  fc.assert(
    fc.property(
      fc.array(anyDesc(), { maxLength: 6 }),
      anyDesc(),
      anyDesc(),
      (present, released, checked) => {
        const accepts = (names: ExposedNames): boolean => {
          try {
            names.check(checked);
            return true;
          } catch {
            return false;
          }
        };
        const before = new ExposedNames();
        const after = new ExposedNames();
        for (const desc of present) {
          try {
            before.check(desc);
          } catch {
            continue;
          }
          before.reserve(desc);
          after.reserve(desc);
        }
        try {
          after.check(released);
          after.reserve(released);
          after.release(released);
        } catch {
          // it clashes, so it is never reserved
        }
        assert.equal(accepts(after), accepts(before));
      },
    ),
    { numRuns: 300 },
  );
});

test("ExposedNames compares names only under the schemes of its constructor", () => {
  const names = new ExposedNames(["allow-utf-8"]);
  const dotted = familyDesc(
    { name: "a.b", type: "gauge", help: "Of a." },
    "utf-8",
  );
  names.reserve(dotted);
  names.check(descOf("gauge", "a_b"));
  assert.throws(() => names.check(dotted), FamilyConflictError);
  names.reserve(descOf("histogram", "h"));
  assert.throws(() => names.check(descOf("gauge", "h_sum")), {
    message: /gauge "h_sum": histogram "h" already writes "h_sum"/,
  });
  names.release(dotted);
  names.check(dotted);
});
