import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { lint } from "../../src/testing/mod.ts";

function rulesOf(declare: (registry: Registry) => unknown): string[] {
  const registry = createRegistry();
  declare(registry);
  return lint(registry).map(({ rule }) => rule);
}

const help = "Something that is measured.";

test("good names, units and help texts have nothing to mend", () => {
  assert.deepEqual(
    rulesOf((registry) => {
      registry.counter({ name: "jobs_total", help, labels: ["queue"] });
      registry.histogram({
        name: "job_duration_seconds",
        unit: "seconds",
        help,
      });
      registry.stateSet({ name: "phase", help, states: ["a"] });
      registry.info({ name: "build_info", help, labels: ["version"] });
    }),
    [],
  );
});

test("what the house itself exposes has nothing to mend", () => {
  const registry = createRegistry();
  instrumentHandler(() => new Response(), { registry })(
    new Request("http://localhost/"),
  );
  assert.deepEqual(lint(registry), []);
});

const BAD: readonly (readonly [string, (registry: Registry) => unknown])[] = [
  ["snake-case", (r) => r.gauge({ name: "queueLength", help })],
  ["type-word", (r) => r.gauge({ name: "queue_gauge", help })],
  ["base-unit", (r) => r.gauge({ name: "latency_ms", help })],
  ["base-unit", (r) => r.gauge({ name: "latency_milliseconds", help })],
  ["base-unit", (r) => r.counter({ name: "sent_kilobytes_total", help })],
  ["total", (r) => r.gauge({ name: "jobs_total", help })],
  ["info", (r) => r.gauge({ name: "build_info", help })],
  ["reserved-suffix", (r) => r.gauge({ name: "jobs_count", help })],
  ["unit", (r) => r.gauge({ name: "age_seconds", help })],
  ["help-sentence", (r) => r.gauge({ name: "x", help: "no full stop" })],
  [
    "help-echo",
    (r) => r.gauge({ name: "queue_length", help: "Queue length." }),
  ],
  ["label-case", (r) => r.gauge({ name: "x", help, labels: ["queueName"] })],
  ["label-reserved", (r) => r.gauge({ name: "x", help, labels: ["le"] })],
  [
    "label-in-name",
    (r) => r.gauge({ name: "x_by_queue", help, labels: ["queue"] }),
  ],
  ["cardinality", (r) => r.gauge({ name: "x", help, labels: ["user_id"] })],
  ["buckets", (r) =>
    r.histogram({
      name: "x",
      help,
      buckets: Array.from({ length: 40 }, (_, i) => i),
    })],
];

for (const [i, [rule, declare]] of BAD.entries()) {
  test(`lint finds ${rule} (case ${i + 1})`, () => {
    assert.deepEqual(rulesOf(declare), [rule]);
  });
}

test("a finding names the family, the level and what to write", () => {
  const registry = createRegistry();
  registry.gauge({ name: "queueLength", help });
  assert.deepEqual(lint(registry), [{
    family: "queueLength",
    rule: "snake-case",
    level: "error",
    message: 'write "queue_length"',
  }]);
  assert.deepEqual(lint(registry, { allow: ["queueLength"] }), []);
});
