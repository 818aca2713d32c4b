import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { rounds } from "../support/rounds.ts";
import {
  ESCAPING_SCHEMES,
  expose,
  openMetrics2,
} from "../../src/encode/mod.ts";
import { ExpositionError, parseOpenMetrics2 } from "../../src/testing/mod.ts";
import { anyModel, sourceOf } from "../encode/arbitraries.ts";
import { open } from "./fixtures.ts";

/** Returns whether a body is accepted; asserts that errors have rule and line. */
function isRead(body: string | Uint8Array): boolean {
  const lines = typeof body === "string"
    ? body.split("\n").length
    : body.filter((byte) => byte === 0x0a).length + 1;
  try {
    parseOpenMetrics2(body);
    return true;
  } catch (error) {
    assert.ok(error instanceof ExpositionError, String(error));
    assert.ok(error.line >= 1 && error.line <= lines, error.message);
    assert.notEqual(error.rule, "");
    return false;
  }
}

const anyBytes = anyModel.map((model) =>
  expose(sourceOf(model), openMetrics2.escapedBy("allow-utf-8"))
);
const anyBody = anyBytes.map((bytes) => new TextDecoder().decode(bytes));

test("law: parseOpenMetrics2() returns the same for bytes and text", () => {
  fc.assert(fc.property(anyBytes, (bytes) => {
    assert.deepEqual(
      parseOpenMetrics2(bytes),
      parseOpenMetrics2(new TextDecoder().decode(bytes)),
    );
  }));
});

test("law: parseOpenMetrics2() reads the same content in every escaping scheme, but for names", () => {
  const anyScheme = fc.constantFrom(...ESCAPING_SCHEMES);
  fc.assert(fc.property(anyModel, anyScheme, (model, scheme) => {
    const read = (name: typeof scheme) =>
      parseOpenMetrics2(
        expose(sourceOf(model), openMetrics2.escapedBy(name)),
        { escaped: name !== "allow-utf-8" },
      ).map(({ type, help, samples }) => ({
        type,
        help,
        samples: samples.map((sample) => ({
          ...sample,
          labels: [...sample.labels.values()],
        })),
      }));
    assert.deepEqual(read(scheme), read("allow-utf-8"));
  }));
});

/** Fragments of bodies. */
const anyFragment = fc.oneof(
  fc.constantFrom(...'{}[],: \n9-#"\\.@='.split(""), "", "+Inf", "NaN", "st@"),
  fc.constantFrom(
    "# TYPE a_total counter\n",
    "# TYPE h histogram\n",
    "# UNIT a b\n",
    '# HELP "a.b" A.\n',
    '{"a.b","c.d"="e"}',
    "a_total 1",
    " # {} 1 1",
    "h {count:1,sum:1,",
    "bucket:[+Inf:1]",
    "schema:0,zero_threshold:0,zero_count:0",
    ",positive_spans:[0:1]",
    ",positive_buckets:[1]",
    "quantile:[0.5:1]",
    "# EOF\n",
  ),
  fc.string({ unit: "binary", maxLength: 4 }),
);

test("law: parseOpenMetrics2() reads any text or refuses it with rule and line", () => {
  const anyText = fc.array(anyFragment, { maxLength: 30 })
    .map((fragments) => fragments.join(""));
  const ended = anyText.map((text) => `${text}\n# EOF\n`);
  fc.assert(
    fc.property(fc.oneof(anyText, ended), (text) => void isRead(text)),
    { numRuns: 1000 },
  );
});

test("law: parseOpenMetrics2() reads any bytes or refuses them with rule and line", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      isRead(bytes);
    }),
    { numRuns: 500 },
  );
});

test("law: parseOpenMetrics2() reads a changed body or refuses it with rule and line", () => {
  const anyChange = fc.record({
    at: fc.nat(),
    length: fc.nat({ max: 3 }),
    text: anyFragment,
  });
  fc.assert(
    fc.property(
      anyBody,
      fc.array(anyChange, { maxLength: 3 }),
      (body, changes) => {
        let text = body;
        for (const { at, length, text: inserted } of changes) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + inserted + text.slice(from + length);
        }
        isRead(text);
      },
    ),
    { numRuns: 1000 },
  );
});

test("law: parseOpenMetrics2() reads changed bytes or refuses them with rule and line", () => {
  const anyChange = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
  fc.assert(
    fc.property(
      anyBytes,
      fc.array(anyChange, { minLength: 1, maxLength: 3 }),
      (bytes, changes) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, byte] of changes) changed[at % changed.length] = byte;
        isRead(changed);
      },
    ),
    { numRuns: 500 },
  );
});

test("law: parseOpenMetrics2() refuses a body with a repeated line", () => {
  fc.assert(
    fc.property(anyBody, fc.nat(), (body, at) => {
      const lines = body.split("\n").slice(0, -1);
      const index = at % lines.length;
      const repeated = lines.toSpliced(index, 0, lines[index]!);
      assert.ok(!isRead(`${repeated.join("\n")}\n`));
    }),
    { numRuns: 300 },
  );
});

test("law: parseOpenMetrics2() refuses a truncated body", () => {
  fc.assert(fc.property(anyBody, fc.nat(), (body, at) => {
    assert.ok(!isRead(body.slice(0, at % body.length)));
  }));
});

const MANY = rounds(100_000, 20_000);
const LONG = 2_000_000;

/** Joins `MANY` items, each made from its index. */
function many(make: (i: number) => string, separator = "\n"): string {
  return Array.from({ length: MANY }, (_, i) => make(i)).join(separator);
}

/** Bodies, legal or not, that a parser of quadratic time could not read. */
const HUGE: readonly (readonly [what: string, () => string, boolean])[] = [
  ["families", () => open(many((i) => `a${i} 1`)), true],
  [
    "families with metadata only",
    () => open(many((i) => `# HELP a${i} A.`)),
    true,
  ],
  ["series", () => open(many((i) => `a{b="${i}"} 1`)), true],
  [
    "states",
    () => open("# TYPE a stateset", many((i) => `a{a="${i}"} 0`)),
    true,
  ],
  [
    "label sets of one state",
    () => open("# TYPE a stateset", many((i) => `a{a="x",b="${i}"} 0`)),
    true,
  ],
  ["labels", () => open(`a{${many((i) => `b${i}="c"`, ",")}} 1`), true],
  [
    "exemplars",
    () =>
      open("# TYPE a_total counter", `a_total 1${" # {} 1 1".repeat(MANY)}`),
    true,
  ],
  [
    "repeated quantiles",
    () => open(`a {count:1,sum:1,quantile:[${"0.5:1,".repeat(MANY)}`),
    false,
  ],
  [
    "classic buckets",
    () => {
      const buckets = many((i) => `${i}.0:0`, ",");
      return open(`a {count:0,sum:0,bucket:[${buckets},+Inf:0]}`);
    },
    true,
  ],
  [
    "spans and native buckets",
    () =>
      open(
        `a {count:${MANY},sum:0,schema:8,zero_threshold:0,zero_count:0,` +
          `positive_spans:[-100000:1${",1:1".repeat(MANY - 1)}],` +
          `positive_buckets:[1${",1".repeat(MANY - 1)}]}`,
      ),
    true,
  ],
  [
    "buckets in one span",
    () =>
      open(
        `a {count:${MANY},sum:0,schema:8,zero_threshold:0,zero_count:0,` +
          `negative_spans:[0:${MANY}],` +
          `negative_buckets:[1${",1".repeat(MANY - 1)}]}`,
      ),
    true,
  ],
  ["help", () => open(`# HELP a ${'\\"'.repeat(LONG / 2)}`), true],
  ["a quoted name", () => open(`{"${"a.".repeat(LONG / 2)}"} 1`), true],
  [
    "a name without a closing quote",
    () => open(`{"${"a.".repeat(LONG)}`),
    false,
  ],
  [
    "a family without a closing quote",
    () => open(`# TYPE "${"a.".repeat(LONG)}`),
    false,
  ],
  ["quotes", () => open(`{${'"\\"'.repeat(LONG / 3)}`), false],
  [
    "a label value without a closing quote",
    () => open(`a{b="${"\\\\".repeat(LONG)}`),
    false,
  ],
  ["spaces", () => open(`a${" ".repeat(LONG)}1`), false],
  ["braces", () => open("{".repeat(LONG)), false],
  ["digits", () => open(`a ${"1".repeat(LONG)}.`), false],
  ["blank lines", () => "\n".repeat(LONG), false],
  ["no line feed", () => "#".repeat(LONG), false],
];

for (const [what, bodyOf, legal] of HUGE) {
  test(
    `parseOpenMetrics2() reads a huge body in linear time: ${what}`,
    { timeout: 120_000 },
    () => {
      assert.equal(isRead(bodyOf()), legal);
    },
  );
}
