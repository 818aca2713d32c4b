import assert from "node:assert/strict";
import { test } from "node:test";
import { grafanaDashboard, prometheusRules } from "../../src/generate/mod.ts";
import { type FamilyDesc, familyDesc } from "../../src/model/mod.ts";
import * as fc from "../support/property.ts";
import { interpolated, panelsIn, syntaxErrors, targetsIn } from "./fixtures.ts";

const TYPES = [
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
  "unknown",
] as const;

/** Names that confuse queries, legends and templates. */
const anyName = fc.oneof(
  fc.stringMatching(/^[a-z][a-z_]{0,12}$/),
  fc.stringMatching(/^[a-z][a-zA-Z0-9 ."'\\{}$\[\]()=~äß店\n]{0,12}$/),
  fc.constantFrom(
    "http_requests",
    "http_request_duration_seconds",
    "nodejs_eventloop_delay_seconds",
    "barograph_series_overflows",
    "x_last_success_timestamp_seconds",
    "process_open_fds",
    "process_max_fds",
    "job",
    "on",
    "nan",
    "offset",
    "quantile",
  ),
);

const anyLabel = fc.oneof(
  anyName,
  fc.constantFrom("route", "method", "status_class", "instance", "family"),
);

/** Descriptions of any families that one registry could have. */
const anyDescs: fc.Arbitrary<FamilyDesc[]> = fc.uniqueArray(
  fc.record({
    name: anyName,
    type: fc.constantFrom(...TYPES),
    help: fc.string({ maxLength: 10 }),
    labels: fc.uniqueArray(anyLabel, { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 12, selector: ({ name }) => name },
).map((all) =>
  all.flatMap(({ name, type, help, labels }) => {
    const ending = type === "counter"
      ? "_total"
      : type === "info"
      ? "_info"
      : "";
    const full = name.endsWith(ending) ? name : name + ending;
    try {
      return [familyDesc({
        name: full,
        type,
        help: `Help ${help}`,
        labelNames: type === "stateset" ? [...labels, full] : labels,
      }, "utf-8")];
    } catch {
      return []; // illegal for this type
    }
  })
).filter((descs) => descs.length > 0);

const anyOptions = fc.record({
  escaping: fc.constantFrom("allow-utf-8", "underscores", "dots", "values"),
  histograms: fc.constantFrom("classic", "native", "both"),
});

test("law: every query of any registry is PromQL, and ids are unique", () => {
  fc.assert(
    fc.property(anyDescs, anyOptions, (descs, options) => {
      const dashboard = grafanaDashboard(descs, options);
      for (const { expr } of targetsIn(dashboard)) {
        assert.deepEqual(syntaxErrors(interpolated(expr)), [], expr);
        assert.doesNotMatch(interpolated(expr), /\$|\[\[/);
      }
      const panels = panelsIn(dashboard);
      const rows = dashboard.panels.filter(({ type }) => type === "row");
      const ids = [...panels, ...rows].map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      for (const { targets } of panels) {
        const letters = targets.map(({ refId }) => refId);
        assert.equal(new Set(letters).size, letters.length);
      }
    }),
    { numRuns: 400 },
  );
});

test("law: every family of any registry is described in a panel", () => {
  fc.assert(
    fc.property(anyDescs, (descs) => {
      const dashboard = grafanaDashboard(descs, { escaping: "allow-utf-8" });
      const text = targetsIn(dashboard).map(({ expr }) => expr).join("\n");
      for (const { name } of descs) {
        const written = JSON.stringify(name).slice(1, -1)
          .replaceAll("$", "\\x24").replaceAll("[[", "[\\x5b");
        assert.ok(text.includes(written), name);
      }
    }),
    { numRuns: 500 },
  );
});

test("law: panels lie beside and below each other, never one on another", () => {
  fc.assert(
    fc.property(anyDescs, (descs) => {
      const places = grafanaDashboard(descs).panels.map(({ gridPos }) =>
        gridPos
      );
      for (const [i, a] of places.entries()) {
        assert.ok(a.x >= 0 && a.x + a.w <= 24);
        for (const b of places.slice(0, i)) {
          const apart = a.x >= b.x + b.w || b.x >= a.x + a.w ||
            a.y >= b.y + b.h || b.y >= a.y + a.h;
          assert.ok(apart, JSON.stringify([a, b]));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("law: every rule of any registry is PromQL", () => {
  fc.assert(
    fc.property(anyDescs, anyOptions, (descs, options) => {
      const { groups } = prometheusRules(descs, { ...options, job: 'a"b' });
      for (const { expr } of groups.flatMap(({ rules }) => rules)) {
        assert.deepEqual(syntaxErrors(expr), [], expr);
      }
    }),
    { numRuns: 400 },
  );
});
