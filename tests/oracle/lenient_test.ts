/**
 * The lenient mode of `parseExposition` and a real Prometheus read the same
 * bodies: legal ones in unusual forms, and broken ones.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Dialect,
  ExpositionError,
  parseExposition,
} from "../../src/testing/mod.ts";
import { serve } from "../runtimes/server.ts";
import * as fc from "../support/property.ts";
import { rounds } from "../support/rounds.ts";
import { needsPerEngine, PROMETHEUS_3 } from "./programs.ts";
import { configFor, Prometheus, until } from "./prometheus.ts";

const TYPES: Readonly<Record<Dialect, string>> = {
  "text-0.0.4": "text/plain; version=0.0.4",
  "text-1.0.0": "text/plain; version=1.0.0; escaping=allow-utf-8",
  "openmetrics-1.0.0": "application/openmetrics-text; version=1.0.0",
};

const oneOf = (...texts: readonly string[]) => fc.constantFrom(...texts);
/** Mostly the first text, as most lines of a body must be legal. */
const mostly = (first: string, ...others: readonly string[]) =>
  fc.oneof({ weight: 24, arbitrary: fc.constant(first) }, {
    weight: Math.ceil(1 + others.length / 4),
    arbitrary: oneOf(...others),
  });
const joined = (...parts: readonly fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((texts) => texts.join(""));

const blank = mostly("", " ", "\t", " \t ");
const metric = mostly("a", "a_bucket", "a_sum", "a_total", "_b:c", "1a", "é");
const quoted = mostly('"c.d"', '"a"', '""', '"e f\\"g"', '"\\', '"h\n"');
const label = mostly("x", "y", "le", "quantile", "__name__", "x:y", "1x");
const content = mostly(
  "v",
  "",
  "1",
  "0.5",
  '\\"',
  "\\\\",
  "\\n",
  "\\t",
  "\n",
  "é,}",
  "\\",
  "\u0000",
);
const number = mostly(
  "1",
  "1.5",
  ".5",
  "5.",
  "-0",
  "+1e+05",
  "1E5",
  "NaN",
  "nan",
  "+NaN",
  "Inf",
  "+inf",
  "-INFINITY",
  "1e400",
  "1e-400",
  "0x1",
  "0x1p3",
  "1_0",
  "1,5",
  "x",
  "",
  ".",
  "1e",
);
const pair = joined(
  blank,
  fc.oneof({ weight: 5, arbitrary: label }, quoted),
  blank,
  mostly("=", "", "=="),
  blank,
  oneOf('"'),
  content,
  mostly('"', ""),
  blank,
);
const labels = fc.tuple(
  fc.oneof(quoted, fc.constant("")),
  fc.array(fc.tuple(mostly(",", "", ",,", " "), pair), { maxLength: 3 }),
  mostly("}", ",}", " , }", "", ",,}"),
).map(([name, pairs, end]) => {
  const list = pairs.map(([comma, text], i) =>
    i === 0 && name === "" ? text : comma + text
  );
  return `{${name}${list.join("")}${end}`;
});
const exemplar = joined(
  mostly(" # ", "# ", " #", "  # "),
  labels,
  mostly(" ", "", "  "),
  number,
  mostly("", " 1", " 1.5", " NaN", " "),
);
const keyword = mostly("TYPE", "HELP", "UNIT", "EOF", "type");
const metadata = joined(
  blank,
  mostly("# ", "#", "#\t", "#  "),
  keyword,
  mostly(" ", "", "  ", "\t"),
  fc.oneof({ weight: 5, arbitrary: metric }, quoted),
  mostly(" ", "", "  ", "\t"),
  mostly(
    "gauge",
    "counter",
    "histogram",
    "summary",
    "untyped",
    "unknown",
    "info",
    "gauge ",
    "",
    "total",
    "\\x \\n \\",
  ),
  mostly("\n", "\r\n", " \n"),
);

function bodies(dialect: Dialect): fc.Arbitrary<string> {
  const open = dialect === "openmetrics-1.0.0";
  // Labels of a sample that is too old are not checked.
  const now = open ? Date.now() / 1000 : Date.now();
  const wrong = open ? " NaN" : " -5";
  const space = open ? mostly(" ", "", "  ") : mostly(" ", "", "\t", "  ");
  const sample = joined(
    blank,
    fc.oneof({ weight: 3, arbitrary: metric }, fc.constant("")),
    open ? fc.constant("") : blank,
    fc.oneof(labels, fc.constant("")),
    space,
    number,
    mostly("", ` ${now}`, ` 0${now}`, wrong, " 9223372036854775808", " x"),
    open ? fc.oneof({ weight: 2, arbitrary: fc.constant("") }, exemplar) : fc
      .oneof({ weight: 9, arbitrary: fc.constant("") }, exemplar),
    mostly("\n", " \n", "\r\n"),
  );
  const line = fc.oneof(
    { weight: 4, arbitrary: sample },
    { weight: 2, arbitrary: metadata },
    oneOf("a 2\n", 'a{le="1"} 3\n'),
    { weight: open ? 0 : 1, arbitrary: oneOf("\n", "# x\n", "#\n", " \n") },
  );
  const end = open
    ? mostly("# EOF\n", "# EOF", "", "# EOF\n\n", "#EOF\n")
    : mostly("", "a 1", "\n", " ");
  return fc.tuple(fc.array(line, { minLength: 1, maxLength: 4 }), end)
    .map(([lines, end]) => lines.join("") + end);
}

function accepts(body: string, dialect: Dialect): boolean {
  try {
    parseExposition(body, dialect, { lenient: true });
    return true;
  } catch (error) {
    assert.ok(error instanceof ExpositionError, String(error));
    return false;
  }
}

interface Target {
  readonly health: string;
  readonly lastError: string;
  readonly labels: { readonly job: string };
}

interface Targets {
  readonly activeTargets: readonly Target[];
}

/** Returns whether Prometheus has read a body; a scrape may also time out. */
function wasRead({ health, lastError }: Target): boolean {
  return health !== "unknown" && !lastError.startsWith('Get "');
}

for (const dialect of ["text-0.0.4", "openmetrics-1.0.0"] as const) {
  test(
    `law: the lenient mode accepts a body exactly if Prometheus 3 does, in ${dialect}`,
    { ...needsPerEngine("PROMETHEUS_3"), timeout: 120_000 },
    async () => {
      const numRuns = rounds(2000, 150);
      const all = fc.sample(bodies(dialect), { numRuns, seed: 42 });
      const server = serve((request) => {
        const index = Number(new URL(request.url).pathname.slice(2));
        const headers = { "content-type": TYPES[dialect] };
        return new Response(all[index], { headers });
      });
      try {
        const paths = all.map((_, i) => `b${i}`);
        const config = configFor(server.port, ...paths)
          .replaceAll("500ms", "5s");
        await using prometheus = await Prometheus.start(
          PROMETHEUS_3!,
          [],
          config,
        );
        const targets = await until(async () => {
          const { activeTargets } = await prometheus.get<Targets>("targets");
          const isDone = activeTargets.length === all.length &&
            activeTargets.every((target) => wasRead(target));
          return isDone ? activeTargets : undefined;
        });
        const counts = { up: 0, down: 0 };
        for (const { health, lastError, labels } of targets) {
          const body = all[Number(labels.job.slice(1))]!;
          const isUp = health === "up";
          counts[isUp ? "up" : "down"]++;
          assert.equal(
            accepts(body, dialect),
            isUp,
            `${JSON.stringify(body)}\n${lastError}`,
          );
        }
        assert.ok(Math.min(counts.up, counts.down) > all.length / 10);
      } finally {
        await server.stop();
      }
    },
  );
}
