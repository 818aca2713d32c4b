import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
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
import {
  capture,
  escapedDesc,
  type Exemplar,
  familyDesc,
  type MetricType,
  replay,
} from "../../src/model/mod.ts";
import {
  type ParsedFamily,
  type ParsedSample,
  parseExposition,
  poison,
} from "../../src/testing/mod.ts";
import {
  anyModel,
  anyText,
  type FamilyModel,
  sourceOf,
} from "./arbitraries.ts";

const openMetrics = openMetricsWith({ created: true });
/** Each of them as it comes, and by each scheme. */
const formats: readonly Format[] = allFormats({ created: true }).flatMap(
  (format) => [format, ...ESCAPING_SCHEMES.map((one) => format.escapedBy(one))],
);
const RUNS = { numRuns: 400 };

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

test("law: a replayed capture encodes to the same bytes in every format", () => {
  fc.assert(
    fc.property(anyModel, fc.constantFrom(...formats), (model, format) => {
      const source = sourceOf(model);
      const direct = expose(source, format);
      assert.deepEqual(expose(poison(source), format), direct);
      const snapshot = capture(poison(source));
      for (const kept of [snapshot, structuredClone(snapshot)]) {
        assert.deepEqual(expose(poison(replay(kept)), format), direct);
      }
    }),
    RUNS,
  );
});

test("law: the chunks of a stream make up the whole body", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyModel,
      fc.constantFrom(...formats),
      async (model, format) => {
        const source = sourceOf(model);
        const whole = expose(source, format);
        // Of one byte at least: each family is a chunk.
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

/** What a reader must find: name, labels, value, exemplar of each line. */
type Line = readonly [string, Record<string, string>, string, string];

function line(
  name: string,
  labels: Record<string, string>,
  value: number,
  exemplar = "",
): Line {
  return [name, labels, String(value === 0 ? 0 : value), exemplar];
}

function parsedLines(family: ParsedFamily): Line[] {
  return family.samples.map((sample: ParsedSample) =>
    line(
      sample.name,
      Object.fromEntries(sample.labels),
      sample.value,
      sample.exemplar === undefined ? "" : JSON.stringify([
        Object.fromEntries(sample.exemplar.labels),
        String(sample.exemplar.value),
        sample.exemplar.timestamp ?? 0,
      ]),
    )
  );
}

/** The lines of a family, by the published rules and nothing else. */
function expectedLines({ desc, points }: FamilyModel, open: boolean): Line[] {
  const { name, type, labelNames } = desc;
  const family = name.replace(/_(total|info)$/, "");
  return points.flatMap((point): Line[] => {
    const labels: Record<string, string> = {};
    labelNames.forEach((label, i) => {
      if (point.values[i] !== "") labels[label] = point.values[i]!;
    });
    const exemplarText = (exemplar: Exemplar | undefined) =>
      exemplar === undefined || !open || !isWritable(exemplar)
        ? ""
        : JSON.stringify([
          exemplar.labels,
          String(exemplar.value === 0 ? 0 : exemplar.value),
          exemplar.timestamp,
        ]);
    const counts = ["counter", "histogram", "summary"].includes(type);
    const created = open && counts && point.start > 0
      ? [line(`${family}_created`, labels, point.start)]
      : [];
    if (point.verb === "number") {
      const exemplar = type === "counter" ? point.exemplar : undefined;
      return [
        line(name, labels, point.value, exemplarText(exemplar)),
        ...created,
      ];
    }
    const { sum, count } = point.view;
    const tail = (g: string) => {
      const lines = [
        line(`${name}_${g}count`, labels, count),
        line(`${name}_${g}sum`, labels, sum),
      ];
      return open ? lines : lines.reverse();
    };
    if (point.verb === "summary") {
      const { quantiles, values } = point.view;
      const ranks = [...quantiles].flatMap((quantile, i) =>
        open && values[i]! < 0 ? [] : [
          line(name, { ...labels, quantile: rankText(quantile) }, values[i]!),
        ]
      );
      const [first, second] = tail("");
      const rest = open && !(sum >= 0) ? [first!] : [first!, second!];
      return [...ranks, ...rest, ...created];
    }
    const { bounds, counts: cells, exemplars } = point.view;
    let sofar = 0;
    const buckets = [...bounds, Infinity].map((bound, i) => {
      sofar += cells[i]!;
      const le = bound === Infinity ? "+Inf" : rankText(bound);
      const exemplar = exemplarText(exemplars[i]);
      return line(`${name}_bucket`, { ...labels, le }, sofar, exemplar);
    });
    const below = bounds.length > 0 && bounds[0]! < 0;
    const gauges = type === "gaugehistogram";
    const summed = !open || (below ? gauges && !Number.isNaN(sum) : sum >= 0);
    const g = open && gauges ? "g" : "";
    return [...buckets, ...(summed ? tail(g) : []), ...created];
  });
}

/** Section "Exemplars": legal names, and 128 code points at most. */
function isWritable({ labels }: Exemplar): boolean {
  const names = Object.keys(labels);
  return names.every((name) => /^[a-z]\w*$/i.test(name)) &&
    [...names, ...Object.values(labels)].flatMap((s) => [...s]).length <= 128;
}

/** The five types of text, and what becomes of the others. */
const TEXT_TYPES: Readonly<Record<MetricType, string>> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
  gaugehistogram: "histogram",
  summary: "summary",
  info: "gauge",
  stateset: "gauge",
  unknown: "untyped",
};

/** Read back by the parser's own canonical rule: any spelling it accepts. */
function rankText(value: number): string {
  const plain = String(value === 0 ? 0 : value);
  const exponent = Number(value.toExponential().split("e")[1]);
  if (value !== 0 && (exponent < -4 || exponent >= 6)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return plain.includes(".") ? plain : `${plain}.0`;
}

test("law: the parser reads back what the encoder wrote, however escaped", () => {
  const anyScheme = fc.constantFrom(...ESCAPING_SCHEMES);
  fc.assert(
    fc.property(anyModel, fc.boolean(), anyScheme, (model, open, scheme) => {
      const format = (open ? openMetrics : prometheusText).escapedBy(scheme);
      const body = expose(poison(sourceOf(model)), format);
      const dialect = open ? "openmetrics-1.0.0" : "text-0.0.4";
      const escaped = scheme !== "allow-utf-8";
      const families = parseExposition(body, dialect, { escaped });
      const spoken = model.filter(({ points }) => points.length > 0)
        .map(({ desc, points }) => ({
          desc: escapedDesc(desc, scheme),
          points,
        }));
      assert.equal(families.length, spoken.length);
      families.forEach((family, i) => {
        const { desc } = spoken[i]!;
        const stem = desc.name.replace(/_(total|info)$/, "");
        assert.equal(family.name, open ? stem : desc.name);
        assert.equal(family.type, open ? desc.type : TEXT_TYPES[desc.type]);
        assert.equal(family.unit, open ? desc.unit : "");
        assert.equal(family.help, desc.help);
        assert.deepEqual(parsedLines(family), expectedLines(spoken[i]!, open));
      });
    }),
    { numRuns: 800 },
  );
});

test("law: le is spelt the same in both formats", () => {
  fc.assert(fc.property(anyModel, (model) => {
    const spelt = (format: Format) =>
      textOf(expose(sourceOf(model), format)).match(/[{,]le="[^"]*"/g)?.join();
    assert.equal(spelt(prometheusText), spelt(openMetrics));
  }));
});

test("law: escaping round-trips any text, as label value and as help", () => {
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
      for (const open of [false, true]) {
        const body = expose(source, open ? openMetrics : prometheusText);
        const dialect = open ? "openmetrics-1.0.0" : "text-0.0.4";
        const [family] = parseExposition(body, dialect);
        assert.equal(family!.help, help);
        assert.equal(family!.samples[0]!.labels.get("a") ?? "", value);
      }
    }),
    { numRuns: 1000 },
  );
});
