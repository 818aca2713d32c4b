/**
 * Some mistakes of newcomers passed in silence or had an error of the engine.
 * Each is now refused with the words to type instead.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, prometheusText } from "../../src/encode/mod.ts";
import { instrumentFetch } from "../../src/instrument/mod.ts";
import { counter, createRegistry } from "../../src/metrics/mod.ts";
import { familyDesc, type Source } from "../../src/model/mod.ts";
import { parseExposition, parseOpenMetrics2 } from "../../src/testing/mod.ts";

const strict = () => createRegistry({ strict: true });

test("a strict registry names the label and the values of its closed set", () => {
  const jobs = strict().counter({
    name: "jobs_total",
    help: "Jobs done.",
    labels: ["queue", "outcome"],
    values: { outcome: ["ok", "bad"] },
  });
  assert.throws(() => jobs.with({ queue: "a", outcome: "okk" as never }), {
    name: "RangeError",
    message:
      'Cannot record in counter "jobs_total": label "outcome" is "okk"; ' +
      'give "ok" or "bad"',
  });
  assert.throws(
    () => jobs.with({ queue: "a", outcome: "ok" }).inc("3" as never),
    /^RangeError: Cannot record "3" in counter "jobs_total": not a number/,
  );
});

test("a long closed set is listed in part, and a value without bound is not its fault", () => {
  const values = { a: Array.from({ length: 30 }, (_, i) => `v${i}`) };
  const options = { name: "x", help: "X.", labels: ["a"], values } as const;
  const family = strict().gauge(options);
  assert.throws(
    () => family.with({ a: "v30" }),
    /label "a" is "v30"; give "v0" or .* "v9" or …$/,
  );
  assert.throws(
    () => family.with({ a: "v".repeat(5000) }),
    /label value, give well-formed text of at most 4096 characters$/,
  );
});

test("counter() with a name and a help text says to give one object", () => {
  assert.throws(
    () => counter("x_total" as never, "Help." as never),
    /^TypeError: .*Help.*: give one object, such as \{ name: /,
  );
  assert.throws(() => counter("x_total" as never, null as never), TypeError);
});

test("familyDesc() lists the types", () => {
  assert.throws(
    () => familyDesc({ name: "x", type: "timer" as never, help: "X." }),
    /there is no type "timer"; give any of counter, .*histogram/,
  );
});

test("labels of a collector that are a plain object are refused with advice", () => {
  const desc = familyDesc({
    name: "x",
    type: "gauge",
    help: "X.",
    labelNames: ["a"],
  });
  const errors: unknown[] = [];
  const source: Source = {
    descs: [desc],
    collect(sink) {
      sink.family(desc);
      sink.number({ a: "1" } as never, 1, 0);
    },
  };
  expose(source, prometheusText, {
    observer: { failed: (_part, error) => void errors.push(error) },
  });
  assert.match(String(errors[0]), /\{"a":"1"\}; give new Labels\(names, val/);
});

test("instrumentFetch() refuses hosts to propagate to that no URL has", () => {
  const wrong = [
    "*",
    "*.",
    "localhost:*",
    "*localhost",
    ".localhost",
    "foo*bar",
    "*.*.internal",
    "*.internal:8080",
    "http://a.internal",
    "a.internal/x",
    "user@a.internal",
    "a b",
    "münchen.example",
    "127.1",
    "*.127.0.0.1",
    "a:b",
    "a:99999",
    "",
  ];
  for (const host of wrong) {
    assert.throws(
      () => instrumentFetch({ propagate: [host] }),
      /propagate is .*; give a list of hosts, .* for all hosts, leave propagate out$/,
      host,
    );
  }
  const right = ["a", "A.Internal:80", "[::1]", "[::1]:8080", "*.Internal"];
  instrumentFetch({
    propagate: [...right, "a_b", "10.0.0.1:443", "x.example."],
  });
});

test("the readers refuse unknown dialects and bodies that are no text", () => {
  assert.throws(() => parseExposition("", "openmetrics" as never), {
    name: "TypeError",
    message: 'Cannot read an exposition: the dialect is "openmetrics"; give ' +
      'any of "text-0.0.4", "text-1.0.0", "openmetrics-1.0.0"',
  });
  for (const body of [undefined, null, 1, {}, ["a 1\n"]]) {
    const read = [
      () => parseExposition(body as never, "text-0.0.4"),
      () => parseExposition(body as never, "text-0.0.4", { lenient: true }),
      () => parseOpenMetrics2(body as never),
    ];
    for (const one of read) assert.throws(one, /^TypeError: .*the body is/);
  }
});

test("Family.init() takes the closed set of a label without a list", () => {
  const jobs = strict().counter({
    name: "jobs_total",
    help: "Jobs done.",
    labels: ["queue", "outcome"],
    values: { outcome: ["ok", "bad"] },
  });
  jobs.init({ queue: ["a", "b"] });
  assert.equal(jobs.size, 4);
  // @ts-expect-error: the queue has no closed set
  assert.throws(() => jobs.init({ outcome: ["ok"] }), /"queue" has no list/);
});
