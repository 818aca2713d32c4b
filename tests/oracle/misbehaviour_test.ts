import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as fc from "../support/property.ts";
import {
  expose,
  openMetricsWith,
  prometheusText,
} from "../../src/encode/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import type { Source } from "../../src/model/mod.ts";
import { anyBadSource } from "../support/misbehaviour.ts";
import { needsPerEngine, PROMTOOL, PYTHONPATH, run } from "./programs.ts";

const READ = fileURLToPath(new URL("./read.py", import.meta.url));

const FORMATS = {
  "text-0.0.4": prometheusText,
  "openmetrics-1.0.0": openMetricsWith({ created: true }),
} as const;

/** Returns the exposition of a healthy counter beside a source that misbehaves. */
function bodyOf(bad: Source, dialect: keyof typeof FORMATS): string {
  const registry = createRegistry({ selfMetrics: false });
  registry.add(bad);
  registry.counter({ name: "fine_total", help: "Help." }).inc();
  return new TextDecoder().decode(expose(registry, FORMATS[dialect]));
}

function bodies(dialect: keyof typeof FORMATS): readonly string[] {
  const sources = fc.sample(anyBadSource, { numRuns: 500, seed: 7 });
  const all = sources.map((source) => bodyOf(source, dialect));
  return [...new Set(all)].filter((body) => body.includes("bad"));
}

for (const dialect of Object.keys(FORMATS) as (keyof typeof FORMATS)[]) {
  test(
    `prometheus_client reads ${dialect} beside a source that misbehaves`,
    needsPerEngine("PYTHONPATH"),
    async () => {
      const lines = bodies(dialect).map((body) =>
        JSON.stringify({ dialect, body })
      );
      assert.ok(lines.length > 20, `only ${lines.length} bodies`);
      const { stdout } = await run("python3", [READ], lines.join("\n"), {
        PYTHONPATH: PYTHONPATH!,
      });
      const answers = stdout.trim().split("\n");
      assert.equal(answers.length, lines.length);
      answers.forEach((answer, i) => {
        const { error } = JSON.parse(answer) as { error?: string };
        assert.equal(error, undefined, `${error}: ${lines[i]}`);
      });
    },
  );
}

test(
  "promtool reads text beside a source that misbehaves",
  needsPerEngine("PROMTOOL"),
  async () => {
    for (const body of bodies("text-0.0.4").slice(0, 20)) {
      const { code, stderr } = await run(
        PROMTOOL!,
        ["check", "metrics"],
        body,
      );
      // 3: readable, with advice about names.
      assert.ok(code === 0 || code === 3, `${stderr}${body}`);
    }
  },
);
