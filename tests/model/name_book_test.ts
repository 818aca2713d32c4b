import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import {
  FamilyConflictError,
  type FamilyDesc,
  familyDesc,
  type MetricType,
} from "../../src/model/mod.ts";
import { NameBook, PlainBook } from "../../src/model/internal.ts";
import { descOf, TYPES } from "./fixtures.ts";

/** The error of entering `second` where `first` is. */
function clash(first: FamilyDesc, second: FamilyDesc): Error | undefined {
  const book = new NameBook();
  book.enter(first);
  try {
    book.check(second);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

test("NameBook refuses the same name twice, whatever the types", () => {
  for (const one of TYPES) {
    for (const other of TYPES) {
      assert.ok(clash(descOf(one, "x"), descOf(other, "x")), `${one} ${other}`);
    }
  }
});

test("NameBook refuses every sample name of a histogram", () => {
  const histogram = descOf("histogram", "x");
  for (const stem of ["x_bucket", "x_count", "x_sum", "x_created"]) {
    assert.ok(clash(histogram, descOf("gauge", stem)), stem);
    assert.ok(clash(descOf("gauge", stem), histogram), stem);
  }
  assert.equal(clash(histogram, descOf("gauge", "x_total")), undefined);
  assert.equal(clash(histogram, descOf("gauge", "x_gcount")), undefined);
});

test("NameBook refuses a counter x_count_total beside a histogram x", () => {
  // Its family in OpenMetrics is x_count, which the histogram writes.
  assert.ok(clash(descOf("histogram", "x"), descOf("counter", "x_count")));
});

test("NameBook lets a summary's bucket name to others", () => {
  const summary = descOf("summary", "x");
  assert.ok(clash(summary, descOf("gauge", "x_count")));
  assert.equal(clash(summary, descOf("gauge", "x_bucket")), undefined);
});

test("NameBook names both families and the name that is taken", () => {
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

test("NameBook.leave() frees exactly the names of the family", () => {
  const book = new NameBook();
  const histogram = descOf("histogram", "x");
  const gauge = descOf("gauge", "y");
  book.enter(histogram);
  book.enter(gauge);
  book.leave(histogram);
  book.check(descOf("gauge", "x_count"));
  assert.throws(() => book.check(descOf("gauge", "y")), FamilyConflictError);
});

test("NameBook.leave() of a namesake frees nothing", () => {
  const book = new NameBook();
  book.enter(descOf("gauge", "x"));
  book.leave(descOf("gauge", "x"));
  assert.throws(() => book.check(descOf("gauge", "x")), FamilyConflictError);
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

test("law: clashes are symmetric", () => {
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

test("law: leaving undoes entering", () => {
  fc.assert(
    fc.property(
      fc.array(anyDesc(), { maxLength: 6 }),
      anyDesc(),
      anyDesc(),
      (present, passing, newcomer) => {
        const accepts = (book: NameBook): boolean => {
          try {
            book.check(newcomer);
            return true;
          } catch {
            return false;
          }
        };
        const before = new NameBook();
        const after = new NameBook();
        for (const desc of present) {
          try {
            before.check(desc);
          } catch {
            continue;
          }
          before.enter(desc);
          after.enter(desc);
        }
        try {
          after.check(passing);
          after.enter(passing);
          after.leave(passing);
        } catch {
          // refused: it was never in
        }
        assert.equal(accepts(after), accepts(before));
      },
    ),
    { numRuns: 300 },
  );
});

test("PlainBook keeps names as they stand, whatever they are escaped to", () => {
  const book = new PlainBook();
  const dotted = familyDesc(
    { name: "a.b", type: "gauge", help: "Of a." },
    "utf-8",
  );
  book.enter(dotted);
  book.check(descOf("gauge", "a_b"));
  assert.throws(() => book.check(dotted), FamilyConflictError);
  book.enter(descOf("histogram", "h"));
  assert.throws(() => book.check(descOf("gauge", "h_sum")), {
    message: /gauge "h_sum": histogram "h" already writes "h_sum"/,
  });
  book.leave(dotted);
  book.check(dotted);
});
