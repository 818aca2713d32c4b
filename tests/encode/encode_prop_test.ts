import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import {
  allFormats,
  ESCAPING_SCHEMES,
  expose,
  exposeChunks,
  exposeStream,
  type Format,
  openMetricsWith,
  prometheusText,
} from "../../src/encode/mod.ts";
import { capture, familyDesc, replay } from "../../src/model/mod.ts";
import { parseExposition, poison } from "../../src/testing/mod.ts";
import { expectedOf } from "../support/expected.ts";
import { read } from "../support/readers.ts";
import { anyModel, anyText, sourceOf } from "./arbitraries.ts";

const openMetrics = openMetricsWith({ created: true });
/** Each format with its default escaping, and with each scheme. */
const formats: readonly Format[] = allFormats({ created: true }).flatMap(
  (format) => [
    format,
    ...ESCAPING_SCHEMES.map((scheme) => format.escapedBy(scheme)),
  ],
);
const RUNS = { numRuns: 400 };

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

test("law: expose() writes a replayed capture as the same bytes in every format", () => {
  fc.assert(
    fc.property(anyModel, fc.constantFrom(...formats), (model, format) => {
      const source = sourceOf(model);
      const direct = expose(source, format);
      assert.deepEqual(expose(poison(source), format), direct);
      const snapshot = capture(poison(source));
      for (const copy of [snapshot, structuredClone(snapshot)]) {
        assert.deepEqual(expose(poison(replay(copy)), format), direct);
      }
    }),
    RUNS,
  );
});

test("law: the chunks of exposeChunks() and exposeStream() add up to expose()", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyModel,
      fc.constantFrom(...formats),
      async (model, format) => {
        const source = sourceOf(model);
        const whole = expose(source, format);
        // A chunk of at least one byte: each family is a chunk.
        const options = { chunk: 1 };
        const chunks = [...exposeChunks(poison(source), format, options)];
        const stream = exposeStream(poison(source), format);
        for (const body of [new Blob(chunks), new Response(stream)]) {
          assert.deepEqual(new Uint8Array(await body.arrayBuffer()), whole);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("law: a strict reader of expose() finds all values in every format and scheme", () => {
  fc.assert(
    fc.property(anyModel, fc.constantFrom(...formats), (model, format) => {
      const source = sourceOf(model);
      const body = expose(poison(source), format);
      const expected = expectedOf(capture(source), format);
      assert.deepEqual(read(body, format), expected);
    }),
    { numRuns: 3000 },
  );
});

test("law: both text formats write le the same", () => {
  fc.assert(fc.property(anyModel, (model) => {
    const bounds = (format: Format) =>
      textOf(expose(sourceOf(model), format)).match(/[{,]le="[^"]*"/g)?.join();
    assert.equal(bounds(prometheusText), bounds(openMetrics));
  }));
});

test("law: parseExposition() reads any label value and help that expose() escapes", () => {
  fc.assert(
    fc.property(anyText, anyText, (value, text) => {
      const help = `Help ${text}`;
      const desc = familyDesc({
        name: "x",
        type: "gauge",
        help,
        labelNames: ["a"],
      });
      const source = sourceOf([{
        desc,
        points: [{
          verb: "number",
          values: [value],
          start: 0,
          value: 1,
          exemplar: undefined,
        }],
      }]);
      for (const isOpen of [false, true]) {
        const body = expose(source, isOpen ? openMetrics : prometheusText);
        const dialect = isOpen ? "openmetrics-1.0.0" : "text-0.0.4";
        const [family] = parseExposition(body, dialect);
        assert.equal(family!.help, help);
        assert.equal(family!.samples[0]!.labels.get("a") ?? "", value);
      }
    }),
    { numRuns: 1000 },
  );
});
