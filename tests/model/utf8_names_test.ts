import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ESCAPING_SCHEMES,
  type FamilyDesc,
  familyDesc,
  type MetricType,
} from "../../src/model/mod.ts";
import { checkDesc } from "../../src/model/check_desc.ts";
import {
  escapedDesc,
  ExposedNames,
  exposedNames,
} from "../../src/model/internal.ts";

type Init = Parameters<typeof familyDesc>[0];

/** Returns a description that may have any name in UTF-8. */
function utf8Desc(init: Partial<Init> & { readonly name: string }): FamilyDesc {
  return familyDesc({ type: "gauge", help: "Help.", ...init }, "utf-8");
}

test("familyDesc() accepts names in UTF-8 only by the rule utf-8", () => {
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
  checkDesc(utf8Desc({ name: 'a b\n"c"' }));
  for (const name of ["", "_a", "a\ud800"]) {
    assert.throws(
      () => utf8Desc({ name }),
      /a name must be well-formed text that does not begin with "_"; try "/,
    );
    assert.throws(
      () => utf8Desc({ name: "x", labelNames: [name] }),
      /the name of/,
    );
  }
});

test("familyDesc() refuses NUL in names of families and labels", () => {
  assert.throws(() => utf8Desc({ name: "a\0b" }), {
    name: "RangeError",
    message: /a name must not contain NUL.*try "a_b"/,
  });
  assert.throws(() => utf8Desc({ name: "x", labelNames: ["a\0"] }), {
    name: "RangeError",
    message: /label "a.*" must not contain NUL/,
  });
});

test("familyDesc() requires suffix and unit of names in UTF-8 too", () => {
  const message = /must end in "_total"; try "http.requests_total"/;
  assert.throws(
    () => utf8Desc({ name: "http.requests", type: "counter" }),
    message,
  );
  assert.throws(
    () => utf8Desc({ name: "http.time", unit: "seconds" }),
    /try "http.time_seconds"/,
  );
  utf8Desc({ name: "http.time_seconds", unit: "seconds" });
});

test("checkDesc() refuses two labels that are equal under any scheme", () => {
  const equal: readonly (readonly [string, string, string])[] = [
    ["a.b", "a-b", "underscores"],
    ["a.b", "a_b", "underscores"],
    ["a.b", "a_dot_b", "dots"],
    ["a.b", "U__a_2e_b", "values"],
    ["日", "月", "underscores"],
  ];
  for (const [first, second, scheme] of equal) {
    for (const labelNames of [[first, second], [second, first]]) {
      assert.throws(
        () => utf8Desc({ name: "x", labelNames }),
        new RegExp(`under the escaping scheme "${scheme}", like "`),
      );
    }
  }
  utf8Desc({ name: "x", labelNames: ["a.b", "a.c"] });
});

test("checkDesc() refuses a label that becomes __name__ under any scheme", () => {
  for (const label of ["..name..", "-.name__"]) {
    assert.throws(
      () => utf8Desc({ name: "x", labelNames: [label] }),
      /becomes "__name__" under the escaping scheme "underscores"/,
    );
  }
});

test("checkDesc() refuses a colon in the name of a stateset, which is also a label", () => {
  const init = { name: "a:b", type: "stateset", labelNames: ["a:b"] } as const;
  assert.throws(() => utf8Desc(init), /labels have no colon/);
});

test("ExposedNames refuses names that are equal under any scheme, in either order", () => {
  const names: readonly (readonly [string, string])[] = [
    ["a.b", "a_b"],
    ["a.b", "a-b"],
    ["a.b", "a_dot_b"],
    ["a.b", "U__a_2e_b"],
    ["a.b_sum", "a_b_sum"],
  ];
  for (const pair of names) {
    for (const [first, second] of [pair, pair.toReversed()]) {
      const exposed = new ExposedNames();
      const reserved = utf8Desc({ name: first! });
      exposed.reserve(reserved);
      const clashing = utf8Desc({ name: second! });
      assert.throws(() => exposed.check(clashing), /already writes/);
      exposed.release(reserved);
      exposed.check(clashing);
      new ExposedNames(["allow-utf-8"]).check(clashing);
    }
  }
});

test("ExposedNames refuses the suffixed names of an escaped histogram", () => {
  const exposed = new ExposedNames();
  exposed.reserve(utf8Desc({ name: "a.b", type: "histogram" }));
  for (const name of ["a_b_bucket", "a_dot_b_sum", "U__a_2e_b_count"]) {
    assert.throws(() => exposed.check(utf8Desc({ name })), /already writes/);
  }
  exposed.check(utf8Desc({ name: "a.c" }));
});

test("escapedDesc() returns the same object if nothing is escaped", () => {
  const classic = utf8Desc({ name: "a_b", labelNames: ["x"] });
  const dotted = utf8Desc({ name: "a.b", labelNames: ["x"] });
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
    const desc = utf8Desc({ name, type, labelNames });
    for (const scheme of ESCAPING_SCHEMES) {
      checkDesc(escapedDesc(desc, scheme));
    }
  }
  const dots = escapedDesc(
    utf8Desc({ name: "a.b_total", type: "counter" }),
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
  const desc = utf8Desc({ name: `a.b_${unit}`, unit });
  assert.equal(escapedDesc(desc, "underscores").unit, unit);
  assert.equal(escapedDesc(desc, "dots").unit, "");
  assert.equal(escapedDesc(desc, "values").unit, "");
  const seconds = utf8Desc({ name: "a.b_seconds", unit: "seconds" });
  assert.equal(escapedDesc(seconds, "dots").unit, "seconds");
});
