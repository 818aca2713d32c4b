/** promtool reads every query of dashboards and rules, of any names. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Buckets,
  type DashboardOptions,
  grafanaDashboard,
  prometheusRules,
} from "../../src/generate/mod.ts";
import {
  type FamilyDesc,
  familyDesc,
  type MetricType,
} from "../../src/model/mod.ts";
import { needsOnce, programOf, run } from "../oracle/programs.ts";
import {
  interpolated,
  ownDescs,
  serviceRegistry,
  smallRegistry,
  targetsIn,
} from "./fixtures.ts";

const TYPES: readonly MetricType[] = [
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
  "unknown",
];

/** Names that are words of PromQL, templates, or no classic names. */
const WORDS = [
  ...["on", "nan", "inf", "offset", "sum", "topk", "by", "and", "bool"],
  ...["a.b", "a{b}", "{{x}}", "$job", "[[a]]", "ü", 'x "y"', "\\", "job"],
  "x_last_success_timestamp_seconds",
];

/** Returns a family of each type for each word, with the word as a label too. */
function families(words: readonly string[]): FamilyDesc[] {
  return TYPES.flatMap((type) =>
    words.map((word) => {
      const name = type === "counter"
        ? `${word}_total`
        : type === "info"
        ? `${word}_info`
        : type === "gauge"
        ? word
        : `${type}.${word}`;
      return familyDesc({
        name,
        type,
        help: `Help of ${word}.`,
        labelNames: type === "stateset" ? ["on", name] : ["z", word],
      }, "utf-8");
    })
  );
}

/** Lets promtool check all queries as rules. */
async function check(
  promtool: string,
  descs: readonly FamilyDesc[],
  options: DashboardOptions,
): Promise<void> {
  const queries = targetsIn(grafanaDashboard(descs, options))
    .map(({ expr }, i) => ({ record: `query:${i}`, expr: interpolated(expr) }));
  const { escaping, histograms } = options;
  const { groups } = prometheusRules(descs, {
    escaping,
    histograms,
    job: 'j"{{b',
    labels: { team: "{{ $labels.job }}" },
  });
  assert.ok(queries.length > 10);
  const folder = mkdtempSync(join(tmpdir(), "barograph-queries-"));
  try {
    const file = join(folder, "rules.yml");
    const all = [{ name: "queries", rules: queries }, ...groups];
    writeFileSync(file, JSON.stringify({ groups: all }));
    const args = ["check", "rules", "--lint=none", file];
    const { code, stdout, stderr } = await run(promtool, args, "");
    assert.equal(code, 0, stdout + stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const BUCKETS: readonly Buckets[] = ["classic", "native", "both"];

test(
  "promtool 2 reads every query of escaped names",
  needsOnce("PROMTOOL"),
  async () => {
    const promtool = programOf("PROMTOOL")!;
    for (const escaping of ["underscores", "dots", "values"] as const) {
      // Two names may be escaped alike: each has another file.
      for (const histograms of BUCKETS) {
        await check(promtool, families(["a.b", "ü"]), { escaping, histograms });
      }
    }
    const service = await serviceRegistry({ names: "both", rule: "utf-8" });
    await check(promtool, service.descs, { escaping: "underscores" });
    await check(promtool, [...smallRegistry().descs, ...ownDescs()], {});
  },
);

test(
  "promtool 3 reads every query of any names",
  needsOnce("PROMTOOL_3"),
  async () => {
    for (const histograms of BUCKETS) {
      await check(programOf("PROMTOOL_3")!, families(WORDS), { histograms });
    }
  },
);
