/** promtool, of two generations, reads the rules and runs their tests. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Described,
  prometheusRules,
  type RuleOptions,
  ruleTests,
  toYaml,
} from "../../src/generate/mod.ts";
import { needsOnce, programOf, run } from "../oracle/programs.ts";
import { ownDescs, serviceRegistry, smallRegistry } from "./fixtures.ts";

/** Checks and tests rules with a promtool; both as YAML and as JSON. */
async function passes(
  promtool: string,
  described: Described,
  options: RuleOptions,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "barograph-rules-"));
  try {
    const rules = prometheusRules(described, options);
    writeFileSync(join(folder, "rules.yml"), toYaml(rules));
    writeFileSync(join(folder, "json.yml"), JSON.stringify(rules));
    const tests = ruleTests(described, options);
    writeFileSync(join(folder, "test.yml"), toYaml(tests));
    const check = ["check", "rules", "--lint=all", "--lint-fatal"];
    for (const file of ["rules.yml", "json.yml"]) {
      const checked = await run(promtool, [...check, join(folder, file)], "");
      assert.equal(checked.code, 0, checked.stdout + checked.stderr);
    }
    const tested = await run(
      promtool,
      ["test", "rules", join(folder, "test.yml")],
      "",
    );
    assert.equal(tested.code, 0, tested.stdout + tested.stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const name of ["PROMTOOL", "PROMTOOL_3"] as const) {
  test(
    `${name} proves that each alert fires and does not fire`,
    needsOnce(name),
    async () => {
      const names = [...smallRegistry().descs, ...ownDescs()];
      const own = new Set(names.map(({ name }) => name));
      const registry = await serviceRegistry();
      const descs = [
        ...names,
        ...registry.descs.filter(({ name }) => !own.has(name)),
      ];
      await passes(programOf(name)!, descs, {
        job: "shop",
        labels: { team: "{{ $labels.job }}" },
        annotations: { runbook_url: "https://runbooks.test/{{ $labels.job }}" },
        thresholds: { heapBytes: 1e9 },
        objectives: [{ name: "availability", target: 0.999 }],
      });
    },
  );
}

test(
  "promtool 3 proves rules over names in UTF-8 and native histograms",
  needsOnce("PROMTOOL_3"),
  async () => {
    const registry = await serviceRegistry({
      names: "semconv",
      rule: "utf-8",
      native: true,
      buckets: [],
    });
    await passes(programOf("PROMTOOL_3")!, registry, {
      objectives: [{ name: "latency", target: 0.9, below: 0.3 }],
    });
  },
);
