import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { rounds } from "../support/rounds.ts";
import {
  expose,
  openMetricsWith,
  prometheusText,
} from "../../src/encode/mod.ts";
import { type Dialect, parseExposition } from "../../src/testing/mod.ts";
import { anyModel, sourceOf } from "../encode/arbitraries.ts";
import { OPEN, open, refusal, TEXT } from "./fixtures.ts";

const openMetrics = openMetricsWith({ created: true });

const anyDialect = fc.constantFrom<Dialect>(TEXT, "text-1.0.0", OPEN);

/** A legal body and its format; some names are quoted. */
const anyBody = fc.tuple(anyModel, anyDialect).map(([model, dialect]) => {
  const format = (dialect === OPEN ? openMetrics : prometheusText)
    .escapedBy("allow-utf-8");
  const bytes = expose(sourceOf(model), format);
  return { body: new TextDecoder().decode(bytes), bytes, dialect };
});

test("law: parseExposition() refuses a body with a repeated line", () => {
  fc.assert(
    fc.property(anyBody, fc.nat(), ({ body, dialect }, at) => {
      const lines = body.split("\n").slice(0, -1);
      fc.pre(lines.length > 0);
      const index = at % lines.length;
      const repeated = lines.toSpliced(index, 0, lines[index]!);
      assert.notEqual(refusal(`${repeated.join("\n")}\n`, dialect), undefined);
    }),
    { numRuns: 300 },
  );
});

test("law: parseExposition() refuses a truncated OpenMetrics body", () => {
  fc.assert(fc.property(anyBody, fc.nat(), ({ body, dialect }, at) => {
    fc.pre(dialect === OPEN);
    assert.notEqual(refusal(body.slice(0, at % body.length), OPEN), undefined);
  }));
});

test("law: parseExposition() refuses a sample after another family", () => {
  fc.assert(fc.property(anyModel, anyDialect, (model, dialect) => {
    const format = dialect === OPEN ? openMetrics : prometheusText;
    const [first, second] = model.filter(({ points }) => points.length > 0)
      .map((family) => {
        const bytes = expose(sourceOf([family]), format);
        return new TextDecoder().decode(bytes).replace(/# EOF\n$/, "");
      });
    fc.pre(second !== undefined);
    const lines = first!.split(/(?<=\n)/);
    const samples = lines.filter((line) => !line.startsWith("#"));
    fc.pre(samples.length > 1);
    const moved = [...lines.slice(0, -1), second, lines.at(-1)!];
    if (dialect === OPEN) moved.push("# EOF\n");
    assert.notEqual(refusal(moved.join(""), dialect), undefined);
  }));
});

test("law: parseExposition() returns the same for bytes and text", () => {
  fc.assert(fc.property(anyBody, ({ body, bytes, dialect }) => {
    assert.deepEqual(
      parseExposition(bytes, dialect),
      parseExposition(body, dialect),
    );
  }));
});

/** Fragments of expositions. */
const anyFragment = fc.oneof(
  fc.constantFrom(
    "# TYPE a counter\n",
    "# TYPE a histogram\n",
    "# TYPE a summary\n",
    "# TYPE a stateset\n",
    "# HELP a A.\n",
    '# HELP "a.b" A.\n',
    '{"a.b","c.d"="e"} 1\n',
    "# UNIT a b\n",
    "# EOF\n",
    "a",
    "a_total",
    'a_bucket{le="1.0"} 1',
    'a_bucket{le="+Inf"} 1\n',
    'a{quantile="0.5"}',
    "a_count 1\n",
    "a_sum 1\n",
    "a_created 1\n",
    "{",
    "}",
    'x="1"',
    ",",
    " 1",
    " 1700000000",
    " # {} 1",
    "\n",
    "\\",
    "\u0000",
    "\ud800",
  ),
  fc.string({ unit: "binary", maxLength: 3 }),
);

/** Returns whether a body is accepted; asserts that errors have rule and line. */
function isRead(body: string | Uint8Array, dialect: Dialect): boolean {
  const lines = typeof body === "string"
    ? body.split("\n").length
    : body.filter((byte) => byte === 0x0a).length + 1;
  const error = refusal(body, dialect);
  if (error === undefined) return true;
  assert.ok(error.line >= 1 && error.line <= lines, error.message);
  assert.notEqual(error.rule, "");
  return false;
}

test("law: parseExposition() reads any text or refuses it with rule and line", () => {
  const anyText = fc.array(anyFragment, { maxLength: 30 })
    .map((fragments) => fragments.join(""));
  const anyBytes = fc.uint8Array({ maxLength: 30 });
  fc.assert(
    fc.property(fc.oneof(anyText, anyBytes), anyDialect, (body, dialect) => {
      isRead(body, dialect);
    }),
    { numRuns: 1000 },
  );
});

test("law: parseExposition() reads a changed body or refuses it with rule and line", () => {
  const anyChange = fc.record({
    at: fc.nat(),
    length: fc.nat({ max: 3 }),
    text: fc.oneof(
      anyFragment,
      fc.constantFrom(...'{}, \n9-#"\\.=+_'.split("")),
    ),
  });
  fc.assert(
    fc.property(
      anyBody,
      fc.array(anyChange, { maxLength: 3 }),
      ({ body, dialect }, changes) => {
        let text = body;
        for (const { at, length, text: inserted } of changes) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + inserted + text.slice(from + length);
        }
        isRead(text, dialect);
      },
    ),
    { numRuns: 1000 },
  );
});

test("law: parseExposition() reads changed bytes or refuses them with rule and line", () => {
  const anyChange = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
  fc.assert(
    fc.property(
      anyBody,
      fc.array(anyChange, { minLength: 1, maxLength: 3 }),
      ({ bytes, dialect }, changes) => {
        fc.pre(bytes.length > 0);
        const changed = Uint8Array.from(bytes);
        for (const [at, byte] of changes) changed[at % changed.length] = byte;
        isRead(changed, dialect);
      },
    ),
    { numRuns: 500 },
  );
});

test("law: parseExposition() reads text 1.0.0 like 0.0.4", () => {
  const anyText = fc.array(anyFragment, { maxLength: 30 })
    .map((fragments) => fragments.join(""));
  const read = (body: string, dialect: Dialect) => {
    const error = refusal(body, dialect);
    return error === undefined
      ? parseExposition(body, dialect)
      : [error.line, error.rule];
  };
  const anyLegal = anyBody.map(({ body }) => body);
  fc.assert(
    fc.property(fc.oneof(anyText, anyLegal), (body) => {
      assert.deepEqual(read(body, "text-1.0.0"), read(body, TEXT));
    }),
    { numRuns: 300 },
  );
});

const MANY = rounds(100_000, 20_000);

/** Joins `MANY` items, each made from its index. */
function many(make: (i: number) => string, separator = "\n"): string {
  return Array.from({ length: MANY }, (_, i) => make(i)).join(separator);
}

/** Legal bodies that a parser of quadratic time could not read. */
const HUGE: readonly (readonly [what: string, () => string])[] = [
  ["families", () => open(many((i) => `a${i} 1`))],
  ["families with metadata only", () => open(many((i) => `# HELP a${i} A.`))],
  ["names in quotes", () => open(many((i) => `{"a.${i}","b.c"="d"} 1`))],
  ["labels", () => open(`a{${many((i) => `b${i}="c"`, ",")}} 1`)],
  [
    "label sets",
    () => open("# TYPE a counter", many((i) => `a_total{b="${i}"} 1`)),
  ],
  [
    "states",
    () => open("# TYPE a stateset", many((i) => `a{a="${i}"} 0`)),
  ],
  [
    "buckets of one label set",
    () =>
      open(
        "# TYPE a histogram",
        many((i) => `a_bucket{le="${i}.0"} ${i}`),
        `a_bucket{le="+Inf"} ${MANY}`,
        `a_count ${MANY}`,
        "a_sum 1",
      ),
  ],
];

for (const [what, bodyOf] of HUGE) {
  test(
    `parseExposition() reads a huge body in linear time: ${what}`,
    { timeout: 120_000 },
    () => {
      assert.ok(isRead(bodyOf(), OPEN));
    },
  );
}
