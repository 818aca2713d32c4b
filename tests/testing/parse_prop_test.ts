import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  expose,
  openMetricsWith,
  prometheusText,
} from "../../src/encode/mod.ts";
import {
  type Dialect,
  ExpositionError,
  parseExposition,
} from "../../src/testing/mod.ts";
import { anyModel, sourceOf } from "../encode/arbitraries.ts";
import { OPEN, refusal, TEXT } from "./fixtures.ts";

const openMetrics = openMetricsWith({ created: true });

const anyDialect = fc.constantFrom<Dialect>(TEXT, OPEN);

/** A body that is legal, and its dialect. */
const anyBody = fc.tuple(anyModel, anyDialect).map(([model, dialect]) => {
  const format = dialect === OPEN ? openMetrics : prometheusText;
  const bytes = expose(sourceOf(model), format);
  return { body: new TextDecoder().decode(bytes), bytes, dialect };
});

test("law: any line written twice is refused", () => {
  fc.assert(
    fc.property(anyBody, fc.nat(), ({ body, dialect }, at) => {
      const lines = body.split("\n").slice(0, -1);
      fc.pre(lines.length > 0);
      const place = at % lines.length;
      const twice = lines.toSpliced(place, 0, lines[place]!);
      assert.notEqual(refusal(`${twice.join("\n")}\n`, dialect), undefined);
    }),
    { numRuns: 300 },
  );
});

test("law: an OpenMetrics body cut short anywhere is refused", () => {
  fc.assert(fc.property(anyBody, fc.nat(), ({ body, dialect }, at) => {
    fc.pre(dialect === OPEN);
    assert.notEqual(refusal(body.slice(0, at % body.length), OPEN), undefined);
  }));
});

test("law: a sample that stands behind another family is refused", () => {
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

test("law: bytes and text are read alike", () => {
  fc.assert(fc.property(anyBody, ({ body, bytes, dialect }) => {
    assert.deepEqual(
      parseExposition(bytes, dialect),
      parseExposition(body, dialect),
    );
  }));
});

/** What expositions are made of, in any order. */
const anyPiece = fc.oneof(
  fc.constantFrom(
    "# TYPE a counter\n",
    "# TYPE a histogram\n",
    "# TYPE a summary\n",
    "# TYPE a stateset\n",
    "# HELP a A.\n",
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

test("law: any text is read, or refused by rule and line", () => {
  const anyText = fc.array(anyPiece, { maxLength: 30 })
    .map((pieces) => pieces.join(""));
  const anyBytes = fc.uint8Array({ maxLength: 30 });
  fc.assert(
    fc.property(fc.oneof(anyText, anyBytes), anyDialect, (body, dialect) => {
      const lines = typeof body === "string"
        ? body.split("\n").length
        : body.filter((byte) => byte === 0x0a).length + 1;
      try {
        parseExposition(body, dialect);
      } catch (error) {
        assert.ok(error instanceof ExpositionError, String(error));
        assert.ok(error.line >= 1 && error.line <= lines, error.message);
        assert.notEqual(error.rule, "");
      }
    }),
    { numRuns: 1000 },
  );
});
