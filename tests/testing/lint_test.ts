import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { type FamilyDesc, familyDesc } from "../../src/model/mod.ts";
import {
  lint,
  type LintFinding,
  type LintOptions,
} from "../../src/testing/mod.ts";

type Declare = (registry: Registry) => unknown;

function findings(declare: Declare): readonly LintFinding[] {
  const registry = createRegistry();
  declare(registry);
  return lint(registry);
}

const help = "Something that is measured.";

test("lint() reports nothing for good names, units and help texts", () => {
  assert.deepEqual(
    findings((registry) => {
      registry.counter({ name: "jobs_total", help, labels: ["queue"] });
      registry.counter({ name: "job_failures_total", help, labels: ["job"] });
      registry.histogram({
        name: "job_duration_seconds",
        unit: "seconds",
        help,
      });
      registry.counter({ name: "sent_bytes_total", unit: "bytes", help });
      registry.stateSet({ name: "phase", help, states: ["a"] });
      registry.stateSet({ name: "state_seconds", help, states: ["a"] });
      registry.info({ name: "build_info", help, labels: ["version"] });
      registry.gauge({ name: "seconds", help: "Is it one? Who knows!" });
      registry.gauge({ name: "h2o_level", help, labels: ["standby"] });
    }),
    [],
  );
});

test("lint() reports nothing for the metrics of this module", () => {
  const registry = createRegistry();
  instrumentHandler(() => new Response(), { registry })(
    new Request("http://localhost/"),
  );
  assert.deepEqual(lint(registry), []);
});

/** A rule, its level and advice, and a declaration that breaks only this rule. */
type Bad = readonly [string, LintFinding["level"], RegExp, Declare];

const BAD: readonly Bad[] = [
  [
    "snake-case",
    "error",
    /write "queue_length"/,
    (r) => r.gauge({ name: "queueLength", help }),
  ],
  [
    "snake-case",
    "error",
    /write "http_requests_open"/,
    (r) => r.gauge({ name: "HTTPRequests_Open", help }),
  ],
  [
    "snake-case",
    "error",
    /write "queue_length"/,
    (r) => r.gauge({ name: "queue__length", help }),
  ],
  [
    "type-word",
    "error",
    /leave out "gauge"/,
    (r) => r.gauge({ name: "queue_gauge", help }),
  ],
  [
    "type-word",
    "error",
    /leave out "counter"/,
    (r) => r.counter({ name: "counter_jobs_total", help }),
  ],
  [
    "type-word",
    "error",
    /leave out "histogram"/,
    (r) => r.histogram({ name: "latency_histogram", help }),
  ],
  [
    "base-unit",
    "error",
    /measure in seconds.*"latency_seconds"/,
    (r) => r.gauge({ name: "latency_ms", help }),
  ],
  [
    "base-unit",
    "error",
    /"latency_seconds"/,
    (r) =>
      r.gauge({ name: "latency_milliseconds", unit: "milliseconds", help }),
  ],
  [
    "base-unit",
    "error",
    /"uptime_seconds"/,
    (r) => r.gauge({ name: "uptime_minutes", help }),
  ],
  [
    "base-unit",
    "error",
    /"sent_bytes_total"/,
    (r) => r.counter({ name: "sent_kilobytes_total", help }),
  ],
  [
    "base-unit",
    "error",
    /"load_ratio"/,
    (r) => r.gauge({ name: "load_percent", help }),
  ],
  [
    "reserved-suffix",
    "error",
    /"_total" to counters: "jobs"/,
    (r) => r.gauge({ name: "jobs_total", help }),
  ],
  [
    "reserved-suffix",
    "error",
    /"_info" to infos: "build"/,
    (r) => r.gauge({ name: "build_info", help }),
  ],
  [
    "reserved-suffix",
    "error",
    /"_count" to samples of .*: "jobs"/,
    (r) => r.gauge({ name: "jobs_count", help }),
  ],
  [
    "reserved-suffix",
    "error",
    /"_sum"/,
    (r) => r.histogram({ name: "jobs_sum", help }),
  ],
  [
    "reserved-suffix",
    "error",
    /"_bucket"/,
    (r) => r.summary({ name: "leaky_bucket", help }),
  ],
  [
    "reserved-suffix",
    "error",
    /"_created"/,
    (r) => r.gauge({ name: "files_created", help }),
  ],
  [
    "unit",
    "warning",
    /declare unit: "seconds"/,
    (r) => r.gauge({ name: "age_seconds", help }),
  ],
  [
    "unit",
    "warning",
    /declare unit: "bytes"/,
    (r) => r.counter({ name: "sent_bytes_total", help }),
  ],
  [
    "help-sentence",
    "warning",
    /full stop/,
    (r) => r.gauge({ name: "x", help: "no full stop" }),
  ],
  [
    "help-echo",
    "error",
    /help text that adds to the name/,
    (r) => r.gauge({ name: "queue_length", help: "Queue length." }),
  ],
  [
    "help-echo",
    "error",
    /help text that adds to the name/,
    (r) => r.counter({ name: "jobs_total", help: "Jobs." }),
  ],
  [
    "label-case",
    "error",
    /"queueName" as "queue_name"/,
    (r) => r.gauge({ name: "x", help, labels: ["queueName"] }),
  ],
  [
    "label-reserved",
    "error",
    /rename label "le"/,
    (r) => r.gauge({ name: "x", help, labels: ["le"] }),
  ],
  [
    "label-reserved",
    "error",
    /rename label "quantile"/,
    (r) => r.gauge({ name: "x", help, labels: ["quantile"] }),
  ],
  [
    "label-in-name",
    "error",
    /leave "by_queue" out/,
    (r) => r.gauge({ name: "x_by_queue", help, labels: ["queue"] }),
  ],
  [
    "label-in-name",
    "warning",
    /leave "method" out/,
    (r) =>
      r.counter({ name: "requests_method_total", help, labels: ["method"] }),
  ],
  ...["id", "user_id", "path", "url", "email", "request_uuid", "clientId"]
    .map((label): Bad => [
      label === "clientId" ? "label-case" : "cardinality",
      label === "clientId" ? "error" : "warning",
      new RegExp(`label "${label}"`),
      (r) => r.gauge({ name: "x", help, labels: [label] }),
    ]),
  ["buckets", "warning", /has 31 buckets/, (r) =>
    r.histogram({
      name: "x",
      help,
      buckets: Array.from({ length: 31 }, (_, i) => i),
    })],
];

for (const [i, [rule, level, message, declare]] of BAD.entries()) {
  test(`lint() reports ${rule} (case ${i + 1})`, () => {
    const [first, ...more] = findings(declare);
    assert.deepEqual([first?.rule, first?.level], [rule, level]);
    assert.match(first!.message, message);
    const alike = more.every((one) => one.rule === "cardinality");
    assert.ok(alike, JSON.stringify(more));
  });
}

test("lint() accepts 30 buckets", () => {
  assert.deepEqual(
    findings((registry) => {
      const buckets = Array.from({ length: 30 }, (_, i) => i);
      registry.histogram({ name: "x", help, buckets });
    }),
    [],
  );
});

test("lint() reports family, rule, level and advice", () => {
  const registry = createRegistry();
  registry.gauge({ name: "queueLength", help });
  assert.deepEqual(lint(registry), [{
    family: "queueLength",
    rule: "snake-case",
    level: "error",
    message: 'write "queue_length"',
  }]);
});

test("lint({ allow }) skips the named families only", () => {
  const registry = createRegistry();
  registry.gauge({ name: "queueLength", help });
  registry.gauge({ name: "queueDepth", help });
  const found = lint(registry, { allow: ["queueLength"] });
  assert.deepEqual(found.map(({ family }) => family), ["queueDepth"]);
});

test("lint() reports the empty help text of a custom source", () => {
  const desc: FamilyDesc = {
    ...familyDesc({ name: "x", type: "gauge", help }),
    help: " ",
  };
  const [finding] = lint({ descs: [desc], collect: () => {} });
  assert.equal(finding?.rule, "help-missing");
});

test("lint() checks the families of a source that throws", () => {
  const registry = createRegistry();
  registry.callbackGauge({
    name: "brokenGauge",
    help,
    read: () => {
      throw new Error("broken");
    },
  });
  const [first] = lint(registry);
  assert.equal(first?.rule, "snake-case");
});

test("lint() suggests names that it accepts", () => {
  for (const name of ["jobs_total", "build_info", "x_count"]) {
    const [finding] = findings((r) => r.gauge({ name, help }));
    const advice = /"([^"]*)"$/.exec(finding!.message)![1]!;
    assert.deepEqual(findings((r) => r.gauge({ name: advice, help })), []);
  }
});

test("lint() refuses a misspelt option and a wrong value", () => {
  const registry = createRegistry();
  assert.throws(
    () => lint(registry, { alow: ["x"] } as unknown as LintOptions),
    {
      name: "TypeError",
      message: 'Cannot lint: there is no option "alow"; give any of allow',
    },
  );
  assert.throws(
    () => lint(registry, { allow: [1] } as unknown as LintOptions),
    /^TypeError: Cannot lint: allow is .*; give a list of family names/,
  );
});
