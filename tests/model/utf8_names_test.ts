import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ESCAPING_SCHEMES,
  type FamilyDesc,
  familyDesc,
  type MetricType,
} from "../../src/model/mod.ts";
import {
  checkDesc,
  escapedDesc,
  ExposedNames,
  exposedNames,
} from "../../src/model/internal.ts";

type Init = Parameters<typeof familyDesc>[0];

function wide(init: Partial<Init> & { readonly name: string }): FamilyDesc {
  return familyDesc({ type: "gauge", help: "Help.", ...init }, "utf-8");
}

test("familyDesc() accepts names in UTF-8 only if it is told to", () => {
  const init = {
    name: "http.server.duration",
    type: "gauge",
    help: "Help.",
    labelNames: ["http.route", "größe"],
  } as const;
  assert.equal(familyDesc(init, "utf-8").name, init.name);
  assert.throws(() => familyDesc(init), {
    name: "RangeError",
    message: /try "http_server_duration", or declare with names: "utf-8"$/,
  });
  assert.throws(() => familyDesc({ ...init, name: "x" }), {
    message: /label "http.route" .*try "http_route", or declare with names/,
  });
});

test("checkDesc() accepts every name that readers accept", () => {
  checkDesc(wide({ name: 'a b\n"c"' }));
  for (const name of ["", "_a", "a\ud800"]) {
    assert.throws(
      () => wide({ name }),
      /a name must be well-formed text that does not begin with "_"; try "/,
    );
    assert.throws(() => wide({ name: "x", labelNames: [name] }), /the name of/);
  }
});

test("names in UTF-8 have the suffixes and units of classic names", () => {
  const message = /must end in "_total"; try "http.requests_total"/;
  assert.throws(
    () => wide({ name: "http.requests", type: "counter" }),
    message,
  );
  assert.throws(
    () => wide({ name: "http.time", unit: "seconds" }),
    /try "http.time_seconds"/,
  );
  wide({ name: "http.time_seconds", unit: "seconds" });
});

test("checkDesc() refuses two labels that are equal in any scheme", () => {
  const meet: readonly (readonly [string, string, string])[] = [
    ["a.b", "a-b", "underscores"],
    ["a.b", "a_b", "underscores"],
    ["a.b", "a_dot_b", "dots"],
    ["a.b", "U__a_2e_b", "values"],
    ["日", "月", "underscores"],
  ];
  for (const [one, other, scheme] of meet) {
    for (const labelNames of [[one, other], [other, one]]) {
      assert.throws(
        () => wide({ name: "x", labelNames }),
        new RegExp(`where names are written by "${scheme}", as is "`),
      );
    }
  }
  wide({ name: "x", labelNames: ["a.b", "a.c"] });
});

test("checkDesc() refuses a label that could be mistaken for the name", () => {
  for (const label of ["..name..", "-.name__"]) {
    assert.throws(
      () => wide({ name: "x", labelNames: [label] }),
      /is "__name__" where names are written by "underscores"/,
    );
  }
});

test("checkDesc() refuses a colon in the name of a stateset, which is a label too", () => {
  const init = { name: "a:b", type: "stateset", labelNames: ["a:b"] } as const;
  assert.throws(() => wide(init), /labels have no colon/);
});

test("ExposedNames refuses what meets in any scheme, in either order", () => {
  const names: readonly (readonly [string, string])[] = [
    ["a.b", "a_b"],
    ["a.b", "a-b"],
    ["a.b", "a_dot_b"],
    ["a.b", "U__a_2e_b"],
    ["a.b_sum", "a_b_sum"],
  ];
  for (const pair of names) {
    for (const [first, second] of [pair, pair.toReversed()]) {
      const book = new ExposedNames();
      const there = wide({ name: first! });
      book.reserve(there);
      const clashing = wide({ name: second! });
      assert.throws(
        () => book.check(clashing),
        /FamilyConflict|already writes/,
      );
      book.release(there);
      book.check(clashing);
      new ExposedNames(["allow-utf-8"]).check(clashing);
    }
  }
});

test("ExposedNames knows the suffixes of escaped names", () => {
  const book = new ExposedNames();
  book.reserve(wide({ name: "a.b", type: "histogram" }));
  for (const name of ["a_b_bucket", "a_dot_b_sum", "U__a_2e_b_count"]) {
    assert.throws(() => book.check(wide({ name })), /already writes/);
  }
  book.check(wide({ name: "a.c" }));
});

test("escapedDesc() returns the same object if nothing is escaped", () => {
  const classic = wide({ name: "a_b", labelNames: ["x"] });
  const dotted = wide({ name: "a.b", labelNames: ["x"] });
  for (const scheme of ESCAPING_SCHEMES) {
    assert.equal(escapedDesc(classic, scheme), classic);
    assert.equal(
      escapedDesc(dotted, scheme) === dotted,
      scheme === "allow-utf-8",
    );
  }
});

test("escapedDesc() keeps the suffix that each type requires", () => {
  const types: readonly (readonly [MetricType, string])[] = [
    ["counter", "a.b_c_total"],
    ["info", "a.b_c_info"],
    ["stateset", "a.b_c"],
  ];
  for (const [type, name] of types) {
    const labelNames = type === "stateset" ? ["x.y", name] : ["x.y"];
    const desc = wide({ name, type, labelNames });
    for (const scheme of ESCAPING_SCHEMES) {
      checkDesc(escapedDesc(desc, scheme));
    }
  }
  const dots = escapedDesc(
    wide({ name: "a.b_total", type: "counter" }),
    "dots",
  );
  assert.deepEqual(exposedNames(dots), [
    "a_dot_b_",
    "a_dot_b__total",
    "a_dot_b__created",
  ]);
});

test("escapedDesc() leaves out a unit that the name no longer ends in", () => {
  const unit = "bytes_per_second";
  const desc = wide({ name: `a.b_${unit}`, unit });
  assert.equal(escapedDesc(desc, "underscores").unit, unit);
  assert.equal(escapedDesc(desc, "dots").unit, "");
  assert.equal(escapedDesc(desc, "values").unit, "");
  const seconds = wide({ name: "a.b_seconds", unit: "seconds" });
  assert.equal(escapedDesc(seconds, "dots").unit, "seconds");
});
