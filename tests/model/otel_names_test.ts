/** Names of OpenTelemetry as names of Prometheus: `src/model/otel_names.ts`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { familyDesc, type MetricType } from "../../src/model/mod.ts";
import {
  descFrom,
  OTEL_TRANSLATIONS,
  otelFamilyName,
  otelLabelName,
  otelLabels,
  otelScopeLabels,
  otelUnitWord,
  otelValueText,
} from "../../src/model/internal.ts";
import * as fc from "../support/property.ts";

const [SUFFIXES, NO_SUFFIXES, , UTF8] = OTEL_TRANSLATIONS;

test("otelUnitWord() knows the units of UCUM, fractions and annotations", () => {
  for (
    const [unit, word] of [
      ["", ""],
      ["1", ""],
      ["s", "seconds"],
      ["ms", "milliseconds"],
      ["By", "bytes"],
      ["KiBy", "kibibytes"],
      ["%", "percent"],
      ["Cel", "celsius"],
      ["m/s", "meters_per_second"],
      ["By/h", "bytes_per_hour"],
      ["1/s", "per_second"],
      ["{request}/s", "per_second"],
      ["{request}", ""],
      ["s{cpu}", "seconds"],
      ["By/{packet}", "bytes"],
      ["furlong", "furlong"],
      ["m^2", "m_2"],
      ["°F", "F"],
    ] as const
  ) assert.equal(otelUnitWord(unit), word, unit);
});

test("otelFamilyName() appends units and _total, once each", () => {
  const cases: [string, string, MetricType, boolean, string, string][] = [
    ["foo.bar", "By", "counter", false, "foo_bar_bytes_total", "bytes"],
    ["foo.bytes", "By", "counter", false, "foo_bytes_total", "bytes"],
    ["foo.bytes.total", "By", "counter", false, "foo_bytes_total", "bytes"],
    ["jobs_total", "", "counter", false, "jobs_total", ""],
    [
      "http.server.request.duration",
      "s",
      "histogram",
      false,
      "http_server_request_duration_seconds",
      "seconds",
    ],
    ["cpu.utilization", "1", "gauge", true, "cpu_utilization_ratio", "ratio"],
    ["queue", "1", "gauge", false, "queue", ""],
    ["a..b--c", "", "gauge", true, "a_b_c", ""],
    ["nanobytes", "By", "gauge", true, "nanobytes_bytes", "bytes"],
    ["bytes", "By", "gauge", true, "bytes", ""],
    ["1bad", "", "gauge", true, "metric_1bad", ""],
    ["_x", "", "gauge", true, "metric_x", ""],
    ["ns:rate", "", "gauge", true, "ns:rate", ""],
    ["x.", "s", "gauge", true, "x_seconds", "seconds"],
    ["target", "s", "info", false, "target_info", ""],
  ];
  for (const [name, unit, type, isGauge, expected, word] of cases) {
    assert.deepEqual(
      otelFamilyName({ name, unit, type, isGauge }, SUFFIXES!),
      { name: expected, unit: word },
      name,
    );
  }
});

test("otelFamilyName() follows each of the four translations", () => {
  const metric = {
    name: "foo.bar",
    unit: "By",
    type: "counter",
    isGauge: false,
  } as const;
  const names = OTEL_TRANSLATIONS.map((way) =>
    otelFamilyName(metric, way).name
  );
  assert.deepEqual(names, [
    "foo_bar_bytes_total",
    "foo_bar_total",
    "foo.bar_bytes_total",
    "foo.bar_total",
  ]);
  assert.equal(otelFamilyName(metric, NO_SUFFIXES!).unit, "");
});

test("otelLabels() joins the values of keys that meet, in the order of the keys", () => {
  const labels = otelLabels(
    [["http_route", "/b"], ["http.route", "/a"], ["1x", "y"], ["_z", "w"]],
    SUFFIXES!,
  );
  assert.deepEqual([...labels], [
    ["key_1x", "y"],
    ["key_z", "w"],
    ["http_route", "/a;/b"],
  ]);
  const utf8 = otelLabels([["a.b", "1"], ["a_b", "2"], ["ä", "3"]], UTF8!);
  assert.deepEqual([...utf8], [["a.b", "1;2"], ["ä", "3"]]);
});

test("otelLabels() renames what the caller writes itself", () => {
  const taken = new Set(["job", "le"]);
  const labels = otelLabels(
    [["job", "a"], ["exported.job", "b"], ["le", "c"]],
    SUFFIXES!,
    taken,
  );
  assert.deepEqual([...labels], [
    ["exported_job", "b;a"],
    ["exported_le", "c"],
  ]);
});

test("otelValueText() writes texts as they are and all else as JSON", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  for (
    const [value, text] of [
      ["a", "a"],
      [null, ""],
      [undefined, ""],
      [true, "true"],
      [1.5, "1.5"],
      [NaN, "NaN"],
      [10n, "10"],
      [[1, "x"], '[1,"x"]'],
      [{ a: null }, '{"a":null}'],
      [circle, ""],
      ["\ud800", "\ufffd"],
    ] as const
  ) assert.equal(otelValueText(value), text);
});

test("otelScopeLabels() has the name, version, schema and attributes", () => {
  const labels = otelScopeLabels({
    name: "my.lib",
    version: "1.2",
    attributes: [["short.name", "l"], ["name", "hidden"]],
  }, SUFFIXES!);
  assert.deepEqual([...labels], [
    ["otel_scope_name", "my.lib"],
    ["otel_scope_version", "1.2"],
    ["otel_scope_short_name", "l"],
  ]);
  assert.equal(otelScopeLabels({ name: "" }, SUFFIXES!).size, 0);
});

test("every name, unit and key becomes one that a family may have", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.stringMatching(/^[_a-z0-9.:\/]{0,12}$/),
    fc.constantFrom("_total", "total", "_info", "\ud800", "a\0b", "%"),
  );
  fc.assert(
    fc.property(
      fc.record({
        name: anyText,
        unit: fc.oneof(anyText, fc.constantFrom("s", "By", "1", "m/s")),
        type: fc.constantFrom<MetricType>(
          "counter",
          "gauge",
          "histogram",
          "info",
        ),
        isGauge: fc.boolean(),
        keys: fc.uniqueArray(anyText, { maxLength: 4 }),
        way: fc.constantFrom(...OTEL_TRANSLATIONS),
      }),
      ({ keys, way, ...metric }) => {
        const labels = otelLabels(keys.map((key) => [key, "v"]), way);
        const { name, unit } = otelFamilyName(metric, way);
        const init = {
          name,
          unit,
          type: metric.type,
          help: "x",
          labelNames: [...labels.keys()].filter((key) => key !== "le"),
        };
        if (way === SUFFIXES || way === NO_SUFFIXES) familyDesc(init);
        else descFrom(init, "utf-8");
        for (const key of keys) assert.match(otelLabelName(key), /^[a-z]\w*$/i);
      },
    ),
    {
      examples: [[{
        name: "a",
        unit: "",
        type: "gauge",
        isGauge: true,
        keys: ["0", "%", "0a", "%a"],
        way: "NoTranslation",
      }]],
    },
  );
});
