/**
 * The rules of Grafana's dashboard-linter, as tests:
 * https://github.com/grafana/dashboard-linter/tree/main/docs/rules
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type GrafanaDashboard,
  grafanaDashboard,
} from "../../src/generate/mod.ts";
import {
  interpolated,
  ownDescs,
  panelsIn,
  serviceRegistry,
  smallRegistry,
  syntaxErrors,
  targetsIn,
} from "./fixtures.ts";

const DASHBOARDS: readonly GrafanaDashboard[] = [
  grafanaDashboard(smallRegistry()),
  grafanaDashboard(ownDescs()),
  grafanaDashboard(ownDescs(), { histograms: "native" }),
  grafanaDashboard(await serviceRegistry({ names: "both", native: true })),
  grafanaDashboard(await serviceRegistry({ names: "both", rule: "utf-8" })),
  grafanaDashboard(await serviceRegistry({ native: true, buckets: [] })),
];

function lint(
  rule: string,
  check: (dashboard: GrafanaDashboard) => void,
): void {
  test(`dashboards pass ${rule}`, () => {
    assert.ok(DASHBOARDS.every((one) => targetsIn(one).length > 5));
    for (const dashboard of DASHBOARDS) check(dashboard);
  });
}

const variable = ({ templating }: GrafanaDashboard, name: string) =>
  templating.list.find((one) => one.name === name)!;

lint("template-datasource", (dashboard) => {
  const { type, query, label } = variable(dashboard, "datasource");
  assert.deepEqual(
    [type, query, label],
    ["datasource", "prometheus", "Data source"],
  );
});

for (const [name, label] of [["job", "Job"], ["instance", "Instance"]]) {
  lint(`template-${name}`, (dashboard) => {
    const found = variable(dashboard, name!);
    assert.equal(found.label, label);
    assert.equal(found.type, "query");
    assert.deepEqual(found.datasource, {
      type: "prometheus",
      uid: "${datasource}",
    });
    assert.ok(found.multi);
    assert.ok(found.includeAll);
    assert.equal(found.allValue, ".+");
  });
}

lint("template-label-promql", ({ templating }) => {
  for (const { type, query } of templating.list) {
    if (type !== "query") continue;
    const [, selector] = /^label_values\((.+), \w+\)$/.exec(query)!;
    assert.deepEqual(syntaxErrors(interpolated(selector!)), [], query);
  }
});

lint("template-on-time-change-reload", ({ templating }) => {
  for (const { type, refresh } of templating.list) {
    if (type === "query") assert.equal(refresh, 2);
  }
});

lint("panel-datasource", (dashboard) => {
  for (const { datasource, title } of panelsIn(dashboard)) {
    assert.equal(datasource.uid, "${datasource}", title);
  }
});

lint("panel-title-description", (dashboard) => {
  for (const { title, description } of panelsIn(dashboard)) {
    assert.match(title, /\S/);
    assert.match(description, /\S/, title);
  }
});

lint("panel-units", (dashboard) => {
  for (const { fieldConfig, title } of panelsIn(dashboard)) {
    assert.match(String(fieldConfig.defaults["unit"]), /^[a-zA-Z]+$/, title);
  }
});

lint("panel-no-targets", (dashboard) => {
  for (const { targets, title } of panelsIn(dashboard)) {
    assert.ok(targets.length > 0, title);
  }
});

lint("target-promql", (dashboard) => {
  for (const { expr } of targetsIn(dashboard)) {
    assert.deepEqual(syntaxErrors(interpolated(expr)), [], expr);
  }
});

lint("target-rate-interval", (dashboard) => {
  for (const { expr } of targetsIn(dashboard)) {
    for (const [, range] of expr.matchAll(/\}\[([^\]]+)\]/g)) {
      assert.equal(range, "$__rate_interval", expr);
    }
  }
});

lint("target-job and target-instance", (dashboard) => {
  for (const { expr } of targetsIn(dashboard)) {
    const selectors = expr.match(/\{[^}]*\}/g) ?? [];
    assert.ok(selectors.length > 0, expr);
    for (const selector of selectors) {
      assert.ok(selector.includes('job=~"$job"'), expr);
      assert.ok(selector.includes('instance=~"$instance"'), expr);
    }
  }
});

/** The name of a selector, before its labels or as the first of them. */
const SELECTOR = /([A-Za-z_:][\w:]*)\{|\{"((?:[^"\\]|\\.)*)"[,}]/g;

lint("target-counter-agg", (dashboard) => {
  for (const { expr } of targetsIn(dashboard)) {
    for (const { 1: plain, 2: quoted, index } of expr.matchAll(SELECTOR)) {
      if (!/_(?:total|count|sum|bucket)$/.test(plain ?? quoted!)) continue;
      assert.match(expr.slice(0, index), /\b(?:rate|increase)\($/, expr);
    }
  }
});

lint("uneditable-dashboard", ({ editable }) => assert.equal(editable, false));

test("syntaxErrors() finds an error", () => {
  assert.notDeepEqual(syntaxErrors("sum by (le (rate(x[5m]))"), []);
});
