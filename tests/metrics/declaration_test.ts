import assert from "node:assert/strict";
import { test } from "node:test";
import { type Loose, loose, namesOf, setUp } from "./fixtures.ts";

const GAUGE = { name: "x", help: "X." };

/** Every method that declares, with a legal name and required options. */
const DECLARE: readonly [method: string, name: string, more: object][] = [
  ["counter", "x_total", {}],
  ["gauge", "x", {}],
  ["histogram", "x", {}],
  ["summary", "x", {}],
  ["info", "x_info", {}],
  ["stateSet", "x", { states: ["a"] }],
  ["callbackCounter", "x_total", { read(): void {} }],
  ["callbackGauge", "x", { read(): void {} }],
];

/** Asserts that every method refuses `change` with all texts; see `refuses`. */
function refusesAll(
  change: object,
  ...texts: readonly string[]
): void {
  for (const [method, name, more] of DECLARE) {
    refuses(
      (registry) => registry[method]!({ name, help: "X.", ...more, ...change }),
      ...texts,
    );
  }
}

/** Asserts that `declare` throws a message of all texts, and declares nothing. */
function refuses(
  declare: (registry: Loose) => unknown,
  ...texts: readonly string[]
): void {
  const { registry } = setUp();
  assert.throws(() => declare(loose(registry)), (error) => {
    assert.ok(error instanceof TypeError || error instanceof RangeError);
    for (const text of texts) {
      assert.ok(error.message.includes(text), `"${error.message}": ${text}`);
    }
    return true;
  });
  assert.deepEqual(namesOf(registry), []);
}

test("Registry refuses an unknown option with the names of all options", () => {
  refusesAll({ labelNames: ["a"] }, '"labelNames"', "name, help, ");
  refuses((r) => r.gauge!({ ...GAUGE, x: 1 }), "name, help, unit, namespace,");
  refusesAll({ registers: [] }, '"registers"', "labels");
  refusesAll({ help_text: "X" }, '"help_text"');
  refuses(
    (r) => r.histogram!({ ...GAUGE, bucket: [1] }),
    '"bucket"',
    "buckets",
  );
  refuses((r) => r.summary!({ ...GAUGE, percentiles: [] }), "quantiles");
});

test("Registry lists no unit among the options of an info or a stateset", () => {
  const list = "give any of name, help, namespace, subsystem, labels,";
  refuses((r) => r.info!({ name: "x_info", help: "X.", x: 1 }), list);
  refuses((r) => r.stateSet!({ ...GAUGE, states: ["a"], x: 1 }), list);
});

test("Registry takes a unit that is undefined, also of an info", () => {
  const { registry } = setUp();
  const rest = { help: "X.", unit: undefined };
  loose(registry).info!({ name: "x_info", ...rest });
  loose(registry).stateSet!({ name: "x_state", states: ["a"], ...rest });
  registry.gauge({ name: "y", ...rest });
  assert.deepEqual(
    ["x_info", "x_state", "y"],
    registry.descs.filter(({ unit }) => unit === "").map(({ name }) => name)
      .filter((name) => !name.startsWith("barograph_")),
  );
});

test("Registry refuses an option of another kind", () => {
  refuses((r) => r.gauge!({ ...GAUGE, buckets: [1] }), '"buckets"');
  refuses((r) => r.histogram!({ ...GAUGE, quantiles: [0.5] }), '"quantiles"');
  refuses((r) => r.summary!({ ...GAUGE, states: ["a"] }), '"states"');
  refuses(
    (r) => r.counter!({ name: "x_total", help: "X.", aggregator: "max" }),
    '"aggregator"',
  );
});

test("Registry refuses a name that is not a string", () => {
  for (const name of [undefined, null, 5, {}, ["x"]]) {
    refusesAll({ name }, "name is ", 'give a string, such as "jobs_total"');
  }
});

test("Registry refuses a colon in a name", () => {
  refuses(
    (r) => r.gauge!({ name: "job:x:rate5m", help: "X." }),
    "colons are reserved for recording rules",
    'try "job_x_rate5m"',
  );
});

test("Registry refuses missing and empty help", () => {
  for (const help of [undefined, null, "", "  ", 5]) {
    refusesAll({ help }, "help must say in a sentence what is measured");
  }
});

test("Registry refuses an illegal name and suggests a legal one", () => {
  refuses((r) => r.gauge!({ name: "a.b", help: "X." }), '"a.b"', '"a_b"');
  refuses((r) => r.counter!({ name: "hits", help: "X." }), 'try "hits_total"');
  refuses((r) => r.info!({ name: "build", help: "X." }), 'try "build_info"');
});

test("Registry refuses labels that are not a list of names", () => {
  for (const labels of ["method", { method: 1 }, 5, null, new Set(["a"])]) {
    refusesAll(
      { labels },
      `labels is ${
        JSON.stringify(labels)
      }; give a list of names, such as ["method", "status"]`,
    );
  }
});

test("Registry refuses an illegal label and suggests a legal one", () => {
  refusesAll({ labels: ["status-code"] }, '"status-code"', '"status_code"');
  refusesAll({ labels: ["__name__"] }, '"__name__"', 'try "name"');
  refusesAll({ labels: [5] }, '"5"', 'try "n5"');
  refusesAll({ labels: ["a", "a"] }, '"a" is given twice');
  refuses((r) => r.histogram!({ ...GAUGE, labels: ["le"] }), '"le"', '"le_"');
  refuses(
    (r) => r.summary!({ ...GAUGE, labels: ["quantile"] }),
    '"quantile"',
    '"quantile_"',
  );
  refuses(
    (r) => r.stateSet!({ ...GAUGE, states: ["a"], labels: ["x"] }),
    'label "x"',
  );
});

test("Registry refuses values of an unknown label", () => {
  refusesAll(
    { labels: ["a"], values: { b: ["1"] } },
    'values are listed for "b", which is not among the labels',
  );
  refusesAll({ values: { b: ["1"] } }, '"b"');
  refusesAll({ labels: ["a"], values: { toString: ["1"] } }, '"toString"');
});

test("Registry refuses values that are empty or no list", () => {
  for (const a of ["ok", [], { ok: true }, null, 5]) {
    refusesAll(
      { labels: ["a"], values: { a } },
      'values of "a" must be a list of at least one value',
    );
  }
});

test("Registry refuses an illegal maxSeries or expireAfter", () => {
  for (const maxSeries of [0, -1, 2.5, NaN, Infinity, "10", null]) {
    refusesAll(
      { maxSeries },
      `maxSeries is ${
        typeof maxSeries === "string" ? '"10"' : maxSeries
      }; give a whole number from 1 on`,
    );
  }
  for (const expireAfter of [0, -1, NaN, "soon"]) {
    refuses(
      (r) => r.gauge!({ ...GAUGE, expireAfter }),
      `expireAfter is ${
        expireAfter === "soon" ? '"soon"' : expireAfter
      }; give seconds above 0`,
    );
  }
});

test("Registry refuses a unit in which the name does not end", () => {
  refuses(
    (r) => r.gauge!({ name: "age", help: "X.", unit: "seconds" }),
    'unit "seconds"',
    'try "age_seconds"',
  );
  refuses(
    (r) => r.counter!({ name: "sent_total", help: "X.", unit: "bytes" }),
    'try "sent_bytes_total"',
  );
  refuses(
    (r) => r.info!({ name: "x_info", help: "X.", unit: "seconds" }),
    'leave out unit: "seconds"',
  );
  refuses(
    (r) => r.stateSet!({ ...GAUGE, states: ["a"], unit: "s" }),
    'leave out unit: "s"',
  );
});

test("Registry.summary() refuses illegal options of its window", () => {
  const summary = (more: object) => (r: Loose) =>
    r.summary!({ ...GAUGE, ...more });
  for (const quantiles of [[1.5], [-0.1], [NaN], [0.9, 0.5], [0.5, 0.5]]) {
    const message = `quantile ${quantiles.at(-1)} is out of range or order`;
    refuses(summary({ quantiles }), message, "[0.5, 0.99]");
  }
  for (const maxAge of [0, -1, NaN, Infinity]) {
    refuses(
      summary({ maxAge }),
      `maxAge is ${maxAge}; give seconds above 0`,
    );
  }
  for (const ageBuckets of [0, 1.5, 101, NaN]) {
    refuses(
      summary({ ageBuckets }),
      `ageBuckets is ${ageBuckets}; give a whole number from 1 to 100`,
    );
  }
});

test("Registry.stateSet() refuses illegal states", () => {
  for (const states of [[], ["a", "a"], [""], [5], ["a", null]]) {
    refuses(
      (r) => r.stateSet!({ ...GAUGE, states }),
      `Cannot declare stateset "x": states is ${JSON.stringify(states)}`,
      '["starting", "ready"]',
    );
  }
});
