/** Readers can read every name that a registry accepts, in every escaping. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import {
  allFormats,
  ESCAPING_SCHEMES,
  expose,
  prometheusText,
} from "../../src/encode/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import {
  capture,
  FamilyConflictError,
  familyDesc,
  Labels,
  type Source,
} from "../../src/model/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { expectedOf } from "../support/expected.ts";
import { read } from "../support/readers.ts";

const FORMATS = allFormats({ created: true }).flatMap((format) =>
  ESCAPING_SCHEMES.map((scheme) => format.escapedBy(scheme))
);

/** Names that conflict when escaped, look escaped, or break lines. */
const anyName = fc.oneof(
  fc.constantFrom(
    ..."a.b|a_b|a-b|a:b|a_dot_b|U__a_2e_b|a__b|le|quantile|__name__|1a".split(
      "|",
    ),
    ...[
      '"',
      "\\",
      "\n",
      "{",
      "}",
      "a,b",
      "a=b",
      "# EOF",
      "é",
      "日",
      "月",
      "🚀",
    ],
  ),
  fc.string({ unit: fc.constantFrom(...'ab._:-1 é\n"\\{}=,'), maxLength: 5 }),
  fc.string({ unit: "binary", maxLength: 6 }),
);

const anyDeclaration = fc.record({
  type: fc.constantFrom<"counter" | "gauge" | "histogram" | "summary" | "info">(
    "counter",
    "gauge",
    "histogram",
    "summary",
    "info",
  ),
  name: anyName,
  unit: fc.constantFrom("", "seconds", "per_second"),
  labels: fc.array(anyName, { maxLength: 3 }),
});

type Declaration = typeof anyDeclaration extends fc.Arbitrary<infer T> ? T
  : never;

const SUFFIX: Partial<Record<Declaration["type"], string>> = {
  counter: "_total",
  info: "_info",
};

interface AnyInstrument {
  with(labels: Readonly<Record<string, string>>): AnyInstrument;
  set(value: unknown): void;
  inc(): void;
  observe(value: number): void;
}

/** Declares a family and records a value; returns false if that is refused. */
function isDeclared(registry: Registry, declaration: Declaration): boolean {
  const { type, labels } = declaration;
  const unit = type === "info" ? "" : declaration.unit;
  const suffix = SUFFIX[type] ?? "";
  const name = declaration.name + (unit && `_${unit}`) + suffix;
  const options = { name, help: "Help.", labels, ...(unit && { unit }) };
  const buckets = type === "histogram" ? { buckets: [1], native: true } : {};
  const declare = registry as unknown as Readonly<
    Record<string, (options: object) => AnyInstrument>
  >;
  let instrument: AnyInstrument;
  try {
    instrument = declare[type]!({ ...options, ...buckets });
  } catch (error) {
    assert.match(String(error), /Error: Cannot declare /);
    return false;
  }
  const values = Object.fromEntries(labels.map((label, i) => [label, `${i}`]));
  if (type === "info") instrument.set(values);
  else {
    const series = labels.length === 0 ? instrument : instrument.with(values);
    if (type === "counter") series.inc();
    else if (type === "gauge") series.set(1);
    else series.observe(2);
  }
  return true;
}

test("law: every name that a registry accepts can be read, in every format and scheme", () => {
  let tries = 0;
  let accepted = 0;
  fc.assert(
    fc.property(
      fc.array(anyDeclaration, { maxLength: 8 }),
      fc.constantFrom(...FORMATS),
      (declarations, format) => {
        tries++;
        const registry = createRegistry({
          selfMetrics: false,
          names: "utf-8",
          clock: new FakeClock(),
        });
        for (const declaration of declarations) {
          if (isDeclared(registry, declaration)) accepted++;
        }
        const failed = (part: Source, error: unknown) =>
          assert.fail(`${part.descs[0]!.name}: ${error}`);
        const body = expose(registry, format, { observer: { failed } });
        const seen = read(body, format);
        assert.deepEqual(seen, expectedOf(capture(registry), format));
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(accepted > tries, `${accepted} were accepted in ${tries} tries`);
});

test("expose() omits and reports unannounced families with conflicting names", () => {
  const parts = ["a.b", "a_b", "a-b"].map((name): Source => {
    const desc = familyDesc({ name, type: "gauge", help: "Help." }, "utf-8");
    return {
      descs: [], // writes a family that it does not announce
      collect(sink) {
        sink.family(desc);
        sink.number(Labels.NONE, 1, 0);
      },
    };
  });
  const whole: Source = { descs: [], parts, collect: () => {} };
  for (const scheme of ESCAPING_SCHEMES) {
    const errors: unknown[] = [];
    const format = prometheusText.escapedBy(scheme);
    const body = expose(whole, format, {
      observer: { failed: (_, error) => void errors.push(error) },
    });
    const conflicts = scheme === "underscores" ? 2 : 0;
    assert.equal(errors.length, conflicts, scheme);
    assert.equal(read(body, format).length, 3 - conflicts, scheme);
    for (const error of errors) assert.ok(error instanceof FamilyConflictError);
  }
});
