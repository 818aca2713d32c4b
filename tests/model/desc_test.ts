import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type FamilyDesc,
  familyDesc,
  type MetricType,
} from "../../src/model/mod.ts";
import { checkDesc } from "../../src/model/check_desc.ts";
import { exposedNames } from "../../src/model/internal.ts";
import { descOf, TYPES } from "./fixtures.ts";

type Init = Parameters<typeof familyDesc>[0];

/** Asserts that `familyDesc` refuses `init` with a message of all `texts`. */
function refuses(init: Partial<Init>, ...texts: readonly string[]): void {
  const whole = { name: "x", type: "gauge", help: "Of x.", ...init } as Init;
  assert.throws(() => familyDesc(whole), (error) => {
    assert.ok(error instanceof RangeError, String(error));
    for (const text of texts) {
      assert.ok(error.message.includes(text), `"${error}" lacks ${text}`);
    }
    return true;
  });
}

test("familyDesc() returns a frozen description with a frozen copy of the labels", () => {
  const labelNames = ["a"];
  const desc = familyDesc({
    name: "x",
    type: "gauge",
    help: "Of x.",
    labelNames,
  });
  labelNames.push("b");
  assert.deepEqual(desc.labelNames, ["a"]);
  assert.ok(Object.isFrozen(desc));
  assert.ok(Object.isFrozen(desc.labelNames));
});

test("familyDesc() defaults to no unit and no labels", () => {
  const desc = familyDesc({ name: "x", type: "gauge", help: "Of x." });
  assert.equal(desc.unit, "");
  assert.deepEqual(desc.labelNames, []);
});

test("familyDesc() defaults to the merge rule of the type", () => {
  const rules = Object.fromEntries(
    TYPES.map((type) => [type, descOf(type, "x").merge]),
  );
  assert.deepEqual(rules, {
    counter: "sum",
    gauge: "each-worker",
    histogram: "sum",
    gaugehistogram: "sum",
    summary: "sum",
    info: "last",
    stateset: "last",
    unknown: "each-worker",
  });
  const max = familyDesc({ name: "x", type: "gauge", help: "x", merge: "max" });
  assert.equal(max.merge, "max");
});

test("checkDesc() accepts a legal description of every type", () => {
  for (const type of TYPES) checkDesc(descOf(type, "some_name", ["a", "b_2"]));
  checkDesc(descOf("gauge", "job:rate5m"));
});

test("checkDesc() refuses an illegal name and suggests a legal one", () => {
  refuses({ name: "http.requests" }, '"http.requests"', '"http_requests"');
  refuses({ name: "" }, '""', "letters");
  refuses({ name: "2xx" }, '"2xx"', '"n2xx"');
  refuses({ name: "__meta" }, '"__meta"', '"meta"');
  refuses({ name: "größe" }, '"größe"', '"gr_e"');
  refuses({ name: "a\nb" }, '"a\\nb"', '"a_b"');
  refuses(
    { type: "counter", name: "httpRequests" },
    '"httpRequests"',
    '"httpRequests_total"',
  );
});

test("checkDesc() refuses a counter without _total, an info without _info", () => {
  refuses(
    { type: "counter", name: "http_requests" },
    `Cannot declare counter "http_requests"`,
    `must end in "_total"`,
    `try "http_requests_total"`,
  );
  refuses(
    { type: "info", name: "build" },
    `must end in "_info"`,
    `try "build_info"`,
  );
  refuses({ type: "counter", name: "_total" }, `"_total"`);
  refuses({ type: "counter", name: "total" }, `try "total_total"`);
});

test("checkDesc() suggests a legal name that has the suffix of the type", () => {
  refuses(
    { type: "counter", name: "cache.misses" },
    `try "cache_misses_total"`,
  );
  refuses({ type: "info", name: "Build Info" }, `try "build_info"`);
});

test("checkDesc() refuses an unknown type, also names of Object.prototype", () => {
  for (const type of ["timer", "toString", "__proto__"]) {
    refuses({ type: type as MetricType }, type, "there is no type");
  }
});

test("checkDesc() refuses empty help", () => {
  refuses({ help: "" }, "help", "is empty");
  refuses({ help: " \n" }, "help", "is empty");
  refuses({ help: undefined as unknown as string }, "help");
});

test("checkDesc() requires the unit at the end of the name", () => {
  refuses(
    { name: "age", unit: "seconds" },
    `"seconds"`,
    `try "age_seconds"`,
  );
  refuses(
    { type: "counter", name: "sent_total", unit: "bytes" },
    `"bytes"`,
    `try "sent_bytes_total"`,
  );
  refuses({ name: "kilobytes", unit: "bytes" }, `try "kilobytes_bytes"`);
  refuses({ name: "size_kilobytes", unit: "bytes" }, `"bytes"`);
  refuses({ name: "x", unit: "s/m" }, `"s/m"`, "a word");
  const named = familyDesc({
    name: "sent_bytes_total",
    type: "counter",
    help: "Sent.",
    unit: "bytes",
  });
  assert.equal(named.unit, "bytes");
});

test("checkDesc() refuses a unit for types that have none", () => {
  refuses(
    { type: "info", name: "x_seconds_info", unit: "seconds" },
    `leave out unit: "seconds"`,
  );
  refuses(
    {
      type: "stateset",
      name: "x_seconds",
      unit: "seconds",
      labelNames: ["x_seconds"],
    },
    `leave out unit: "seconds"`,
  );
});

test("checkDesc() refuses an illegal label and suggests a legal one", () => {
  refuses({ labelNames: ["status-code"] }, '"status-code"', '"status_code"');
  refuses({ labelNames: ["ok", "a:b"] }, '"a:b"', '"a_b"');
  refuses({ labelNames: ["__name__"] }, '"__name__"', '"name"');
  refuses({ labelNames: [""] }, '""', '"unnamed"');
  refuses({ labelNames: ["7"] }, '"7"', '"n7"');
  refuses({ labelNames: [5 as unknown as string] }, '"5"', '"n5"');
});

test("checkDesc() refuses a duplicate label", () => {
  refuses({ labelNames: ["a", "b", "a"] }, '"a"', "given twice");
});

test("checkDesc() refuses the label that a format writes itself", () => {
  for (const type of ["histogram", "gaugehistogram"] as const) {
    refuses({ type, labelNames: ["le"] }, '"le"', '"le_"');
  }
  refuses(
    { type: "summary", labelNames: ["quantile"] },
    '"quantile"',
    '"quantile_"',
  );
  refuses(
    { type: "stateset", name: "phase", labelNames: ["phase", "phase"] },
    '"phase"',
  );
  for (const type of ["counter", "gauge", "info", "unknown"] as const) {
    checkDesc(descOf(type, "x", ["le", "quantile"]));
  }
  checkDesc(descOf("histogram", "x", ["quantile"]));
  checkDesc(descOf("summary", "x", ["le"]));
});

test("checkDesc() requires the label of a stateset to be the last one", () => {
  refuses(
    { type: "stateset", name: "phase", labelNames: ["a"] },
    `"phase"`,
    "last label",
  );
  checkDesc(descOf("stateset", "phase", ["a"]));
});

test("checkDesc() shortens a very long name in its message", () => {
  refuses({ name: "-".repeat(10_000) }, "…");
  try {
    familyDesc({ name: "-".repeat(10_000), type: "gauge", help: "x" });
  } catch (error) {
    assert.ok((error as Error).message.length < 400);
  }
});

test("exposedNames() returns all names that any format writes", () => {
  const names = (type: MetricType): readonly string[] =>
    exposedNames(descOf(type, "x")).toSorted();
  assert.deepEqual(names("counter"), ["x", "x_created", "x_total"]);
  assert.deepEqual(names("gauge"), ["x"]);
  assert.deepEqual(
    names("histogram"),
    ["x", "x_bucket", "x_count", "x_created", "x_sum"],
  );
  assert.deepEqual(
    names("gaugehistogram"),
    ["x", "x_bucket", "x_count", "x_gcount", "x_gsum", "x_sum"],
  );
  assert.deepEqual(
    names("summary"),
    ["x", "x_count", "x_created", "x_sum"],
  );
  assert.deepEqual(names("info"), ["x", "x_info"]);
  assert.deepEqual(names("stateset"), ["x"]);
  assert.deepEqual(names("unknown"), ["x"]);
});

test("checkDesc() refuses an illegal description not made by familyDesc()", () => {
  const desc: FamilyDesc = {
    name: "requests",
    type: "counter",
    help: "x",
    unit: "",
    labelNames: [],
    merge: "sum",
  };
  assert.throws(() => checkDesc(desc), /requests_total/);
});

test("familyDesc() refuses unknown properties and lists the known ones", () => {
  const init = { name: "x", type: "gauge", help: "X." } as const;
  const misspelt = { ...init, labels: ["a"] };
  assert.throws(
    () => familyDesc(misspelt),
    /^TypeError: Cannot declare gauge "x": there is no property "labels"; give any of name, type, help, unit, labelNames, merge$/,
  );
  assert.deepEqual(familyDesc({ ...familyDesc(init) }), familyDesc(init));
});
