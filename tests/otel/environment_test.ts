/** The effect of each environment variable on the settings. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Environment, readEnvironment } from "../../src/otel/internal.ts";
import type { Candidate } from "../../src/trace/mod.ts";
import * as fc from "../support/property.ts";
import { BASE, LEGAL, type Values, WRONG } from "./environment_cases.ts";

const read = (values: Values): Environment =>
  readEnvironment((name) => values[name]);

/** A setting by its path, such as `signals.logs.batch`. */
function settingOf(environment: Environment, path: string): unknown {
  let value: unknown = environment;
  for (const name of path.split(".")) {
    value = (value as Record<string, unknown>)[name];
  }
  return value instanceof URL ? value.href : value;
}

for (const [values, setting, expected] of LEGAL) {
  test(`readEnvironment(): ${JSON.stringify(values)} gives ${setting}`, () => {
    const environment = read(values);
    assert.deepEqual(settingOf(environment, setting), expected);
    const complaints = [...environment.complaints.keys()];
    const isRefused = values[`${BASE}_PROTOCOL`] === "grpc";
    assert.deepEqual(complaints, isRefused ? [`${BASE}_PROTOCOL`] : []);
  });
}

const candidateOf = (
  traceId: string,
  parent?: boolean,
): Candidate => ({
  name: "a",
  kind: "server",
  traceId,
  parent: parent === undefined
    ? undefined
    : { traceId, spanId: "1".repeat(16), sampled: parent, traceState: "" },
  attributes: {},
});

const LOW = `${"1".repeat(31)}0`.replace(/.{14}$/, "0".repeat(14));
const HIGH = "f".repeat(32);

/** Decisions for: low and high ids, then parents that are and are not sampled. */
const SAMPLERS: readonly (readonly [Values, string])[] = [
  [{ OTEL_TRACES_SAMPLER: "always_on" }, "1111"],
  [{ OTEL_TRACES_SAMPLER: "always_off" }, "0000"],
  [{ OTEL_TRACES_SAMPLER: "traceidratio" }, "1111"],
  [
    { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.5" },
    "0101",
  ],
  [
    { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" },
    "0000",
  ],
  [{ OTEL_TRACES_SAMPLER: "ParentBased_Always_On" }, "1110"],
  [{ OTEL_TRACES_SAMPLER: "parentbased_always_off" }, "0010"],
  [{ OTEL_TRACES_SAMPLER: "parentbased_traceidratio" }, "1110"],
  [
    {
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "5e-1",
    },
    "0110",
  ],
];

for (const [values, expected] of SAMPLERS) {
  test(`readEnvironment(): ${JSON.stringify(values)} samples traces`, () => {
    const { sampler, complaints } = read(values);
    const decisions = [
      candidateOf(LOW),
      candidateOf(HIGH),
      candidateOf(LOW, true),
      candidateOf(HIGH, false),
    ].map((candidate) => sampler!(candidate) ? "1" : "0");
    assert.equal(decisions.join(""), expected);
    assert.equal(complaints.size, 0);
  });
}

for (const [values, words] of WRONG) {
  test(`readEnvironment() reports ${JSON.stringify(values)}`, () => {
    const { complaints } = read(values);
    assert.equal(complaints.size, 1);
    const [[name, text]] = [...complaints] as [[string, string]];
    assert.ok(name in values);
    assert.match(text, words);
    assert.doesNotMatch(text, /\n/);
  });
}

test("readEnvironment() ignores wrong values, and uses the rest", () => {
  const { sampler, signals } = read({
    OTEL_TRACES_SAMPLER: "x",
    OTEL_TRACES_EXPORTER: "zipkin,console",
    OTEL_EXPORTER_OTLP_HEADERS: "bad,good=1",
    OTEL_EXPORTER_OTLP_TIMEOUT: "2000",
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "soon",
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
  });
  assert.equal(sampler, undefined);
  assert.deepEqual(signals.spans.exporters, ["console"]);
  assert.deepEqual(signals.spans.headers, { good: "1" });
  assert.equal(signals.spans.timeout, 2);
  assert.equal(signals.spans.isGrpc, true);
  assert.equal(signals.spans.protocol, undefined);
});

test("readEnvironment() takes a function that throws, or returns no text, for unset variables", () => {
  const unset = read({});
  const throwing = () => {
    throw new Error("not permitted");
  };
  assert.deepEqual(readEnvironment(throwing), unset);
  assert.deepEqual(readEnvironment(() => 1 as never), unset);
});

const NAMES = [
  ...new Set(
    [...LEGAL, ...SAMPLERS, ...WRONG].flatMap(([values]) =>
      Object.keys(values)
    ),
  ),
];

test("readEnvironment() gives legal settings for any values, and shows no secret", () => {
  const word = fc.constantFrom(
    ..."true grpc http/json otlp none gzip b3 1 0 99999999999 1e400 a=b ="
      .split(
        " ",
      ),
    "%",
    "",
  );
  const value = fc.oneof(
    word,
    fc.string({ unit: "binary" }),
    fc.array(word).map((words) => words.join(",")),
  );
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...NAMES), value),
      fc.constantFrom("HEADERS", "TRACES_HEADERS", "ENDPOINT"),
      fc.string({ unit: "binary" }),
      (values, secretName, noise) => {
        const secret = "hunter2-hunter2";
        const given = {
          ...values,
          [`${BASE}_${secretName}`]: `${noise}:${secret}@x,${noise}=${secret}`,
        };
        const environment = read(given);
        for (const [name, text] of environment.complaints) {
          assert.ok(name in given, name);
          assert.ok(!text.includes(secret), text);
          assert.ok(text.length < 400 && !/[\n\r]/.test(text), text);
        }
        for (const signal of Object.values(environment.signals)) {
          for (const time of [signal.timeout, signal.interval]) {
            assert.ok(time === undefined || time > 0 && time < 1e6);
          }
          for (const size of [signal.capacity, signal.batch]) {
            assert.ok(size === undefined || size >= 1 && size <= 2 ** 20);
          }
          new Headers(signal.headers ?? {});
        }
        for (const limit of Object.values(environment.limits)) {
          assert.ok(limit === undefined || Number.isSafeInteger(limit));
        }
        const { sampler } = environment;
        assert.ok(
          sampler === undefined ||
            typeof sampler(candidateOf(LOW)) === "boolean",
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test("readEnvironment() decodes what was percent-encoded into resource attributes", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.dictionary(text, text), (attributes) => {
      const given = Object.entries(attributes).map(([name, value]) =>
        `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
      ).join(",");
      const { resource, complaints } = read({
        OTEL_RESOURCE_ATTRIBUTES: given,
      });
      assert.deepEqual(
        Object.entries(resource),
        Object.entries(attributes),
      );
      assert.equal(complaints.size, 0);
    }),
  );
});

test("every variable that is read has a test, and is in docs/opentelemetry.md", () => {
  const page = readFileSync(
    new URL("../../docs/opentelemetry.md", import.meta.url),
    "utf8",
  );
  const read = new Set<string>();
  const values: Values = { OTEL_TRACES_SAMPLER: "traceidratio" };
  readEnvironment((name) => {
    read.add(name);
    return values[name];
  });
  assert.ok(read.size > 60);
  for (const name of read) {
    // Those of one signal are read and described like the general ones.
    const general = name.replace(
      /_OTLP_(?:TRACES|METRICS|LOGS)_(HEADERS|PROTOCOL|COMPRESSION|TIMEOUT|CERTIFICATE|CLIENT_\w+)$/,
      "_OTLP_$1",
    );
    assert.ok(NAMES.includes(general), general);
    assert.ok(page.includes(`\`${general}\``), general);
  }
});
