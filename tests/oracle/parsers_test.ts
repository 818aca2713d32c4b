import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as fc from "../support/property.ts";
import {
  expose,
  type Format,
  openMetricsWith,
  prometheusText,
  prometheusText1,
} from "../../src/encode/mod.ts";
import type { Source } from "../../src/model/mod.ts";
import {
  type Dialect,
  type ParsedFamily,
  parseExposition,
} from "../../src/testing/mod.ts";
import { anyModel, sourceOf } from "../encode/arbitraries.ts";
import { nastyRegistry } from "./corpus.ts";
import { needsPerEngine, PROMTOOL, PYTHONPATH, run } from "./programs.ts";

const READ = fileURLToPath(new URL("./read.py", import.meta.url));

/** Formats with classic names: these parsers accept no others. */
const FORMATS = {
  "text-0.0.4": prometheusText,
  "text-1.0.0": prometheusText1.escapedBy("values"),
  "openmetrics-1.0.0": openMetricsWith({ created: true }),
  "openmetrics-1.0.0 by dots": openMetricsWith({ created: true })
    .escapedBy("dots"),
} as const;

function bodyOf(source: Source, format: Format): string {
  return new TextDecoder().decode(expose(source, format));
}

/** Returns bodies of the corpus and of as many sources as can be read in a second. */
function bodies(format: Format): readonly string[] {
  const models = fc.sample(anyModel, { numRuns: 300, seed: 42 });
  return [
    bodyOf(nastyRegistry(), format),
    ...models.map((model) => bodyOf(sourceOf(model), format)),
  ];
}

/** A sample as in Python's output: sorted labels, numbers by value. */
type Sample = readonly [string, string, unknown, number, unknown];

function sampleOf(
  type: string,
  name: string,
  labels: Record<string, string>,
  value: number,
  exemplar: unknown,
): Sample {
  const sorted = Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1);
  return [type, name, sorted, value === 0 ? 0 : value, exemplar];
}

function float(text: string): number {
  if (text === "nan") return NaN;
  return Number(text.replace("inf", "Infinity"));
}

function samplesOf(families: readonly ParsedFamily[]): Sample[] {
  return families.flatMap(({ type, samples }) =>
    samples.map(({ name, labels, value, exemplar }) =>
      sampleOf(
        type === "untyped" ? "unknown" : type,
        name,
        Object.fromEntries(labels),
        value,
        exemplar === undefined
          ? null
          : [Object.fromEntries(exemplar.labels), exemplar.value + 0],
      )
    )
  );
}

interface Answer {
  readonly error?: string;
  readonly samples?: readonly [
    string,
    string,
    string,
    Record<string, string>,
    string,
    readonly [Record<string, string>, string] | null,
  ][];
}

for (const [name, format] of Object.entries(FORMATS)) {
  const dialect = name.split(" ")[0] as Dialect;
  test(
    `Python's prometheus_client reads the same samples as parseExposition(), in ${name}`,
    needsPerEngine("PYTHONPATH"),
    async () => {
      const all = bodies(format);
      const input = all.map((body) => JSON.stringify({ dialect, body }))
        .join("\n");
      const { code, stdout, stderr } = await run("python3", [READ], input, {
        PYTHONPATH: PYTHONPATH!,
        PYTHONIOENCODING: "utf-8",
      });
      assert.equal(code, 0, stderr);
      const answers = stdout.trimEnd().split("\n");
      assert.equal(answers.length, all.length);
      answers.forEach((line, i) => {
        const { error, samples } = JSON.parse(line) as Answer;
        assert.equal(error, undefined, all[i]!);
        const theirs = samples!.map((
          [, type, name, labels, value, exemplar],
        ) =>
          sampleOf(
            type === "untyped" ? "unknown" : type,
            name,
            labels,
            float(value),
            exemplar && [exemplar[0], float(exemplar[1]) + 0],
          )
        );
        const expected = samplesOf(
          parseExposition(all[i]!, dialect, { escaped: true }),
        );
        assert.deepEqual(theirs, expected, all[i]!);
      });
    },
  );
}

test(
  "promtool reads every body in text",
  needsPerEngine("PROMTOOL"),
  async () => {
    // One body at a time, because names recur; exit code 3 means lint warnings.
    const sample = bodies(prometheusText).slice(0, 60);
    for (const body of sample) {
      const { code, stderr } = await run(PROMTOOL!, ["check", "metrics"], body);
      assert.ok(code === 0 || code === 3, `${stderr}\n${body}`);
      assert.doesNotMatch(stderr, /error while linting/);
    }
  },
);

test(
  "promtool has no warnings about instrumentHandler() and self-metrics",
  needsPerEngine("PROMTOOL"),
  async () => {
    const { createRegistry } = await import("../../src/metrics/mod.ts");
    const { instrumentHandler } = await import("../../src/instrument/mod.ts");
    const registry = createRegistry();
    instrumentHandler(() => new Response(), { registry })(
      new Request("http://localhost/"),
    );
    const body = bodyOf(registry, prometheusText);
    const { code, stderr } = await run(PROMTOOL!, ["check", "metrics"], body);
    assert.equal(code, 0, stderr);
  },
);
