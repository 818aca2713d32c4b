import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { env } from "node:process";
import { test } from "node:test";
import { grafanaDashboard, type GrafanaRow } from "../../src/generate/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { familyDesc } from "../../src/model/mod.ts";
import {
  ownDescs,
  panelsIn,
  serviceRegistry,
  smallRegistry,
  targetsIn,
} from "./fixtures.ts";

const GOLDEN = new URL("./golden/small_dashboard.json", import.meta.url);

/** Returns the expressions of the panel with a title. */
function queriesOf(
  dashboard: ReturnType<typeof grafanaDashboard>,
  title: string,
): string[] {
  const found = panelsIn(dashboard).filter((panel) => panel.title === title);
  return found.flatMap(({ targets }) => targets.map(({ expr }) => expr));
}

function rowsOf({ panels }: ReturnType<typeof grafanaDashboard>): string[] {
  return panels.filter(({ type }) => type === "row").map(({ title }) => title);
}

test("grafanaDashboard() makes the golden dashboard of a small registry", () => {
  const made = grafanaDashboard(smallRegistry(), { title: "Shop" });
  const text = `${JSON.stringify(made, undefined, 2)}\n`;
  if (env["BAROGRAPH_WRITE_GOLDEN"]) writeFileSync(GOLDEN, text);
  assert.equal(text, readFileSync(GOLDEN, "utf8"));
});

test("grafanaDashboard() does not depend on the order of families", () => {
  const descs = [...smallRegistry().descs, ...ownDescs()];
  assert.deepEqual(
    grafanaDashboard(descs),
    grafanaDashboard(descs.toReversed()),
  );
});

test("grafanaDashboard() derives a stable uid from the title", () => {
  const uid = (title: string) => grafanaDashboard(ownDescs(), { title }).uid;
  assert.equal(uid("Shop"), uid("Shop"));
  assert.match(uid("Shop"), /^shop-[0-9a-f]{8}$/);
  assert.notEqual(uid("Größe"), uid("Grüße"));
  assert.match(uid("店"), /^dashboard-[0-9a-f]{8}$/);
  assert.equal(uid("x".repeat(200)).length, 40);
  const own = grafanaDashboard(ownDescs(), { uid: "my_Shop-1" });
  assert.equal(own.uid, "my_Shop-1");
});

test("grafanaDashboard() names wrong arguments and what to give instead", () => {
  for (
    const [described, options, message] of [
      [ownDescs(), { titel: "x" }, /no option "titel"; give any of title/],
      [
        ownDescs(),
        { title: " " },
        /title is " "; give a title, such as "Shop"/,
      ],
      [ownDescs(), { uid: "a/b" }, /uid is "a\/b"; give up to 40 letters/],
      [ownDescs(), { refresh: "often" }, /refresh is "often"; give a duration/],
      [ownDescs(), { histograms: "x" }, /give "classic" or "native" or "both"/],
      [ownDescs(), { tags: "x" }, /tags is "x"; give a list of words/],
      [[], {}, /there are no families; declare metrics first/],
      [{}, {}, /give a source, such as createRegistry\(\), or a list/],
      [[{}], {}, /give a source/],
      [null, {}, /give a source/],
    ] as const
  ) {
    assert.throws(
      () => grafanaDashboard(described as never, options as never),
      { name: "TypeError", message },
    );
  }
});

test("a dashboard has a row for each part of a service", async () => {
  const registry = await serviceRegistry({ names: "both" });
  const dashboard = grafanaDashboard([...registry.descs, ...ownDescs()]);
  assert.deepEqual(rowsOf(dashboard), [
    "HTTP requests",
    "HTTP requests (semantic conventions)",
    "HTTP calls",
    "Process and runtime",
    "Fleet",
    "Telemetry",
  ]);
  const collapsed = dashboard.panels.filter((panel): panel is GrafanaRow =>
    "collapsed" in panel && panel.collapsed
  );
  assert.deepEqual(
    collapsed.map(({ title }) => title),
    ["HTTP requests (semantic conventions)", "Telemetry"],
  );
});

test("subsystems have a row each, single families one together", () => {
  const descs = ["shop_a_total", "shop_b_total", "alone_total", "one_total"]
    .map((name) => familyDesc({ name, type: "counter", help: "X." }));
  const dashboard = grafanaDashboard(descs);
  assert.deepEqual(rowsOf(dashboard), ["shop", "Others"]);
  assert.deepEqual(
    panelsIn(dashboard).map(({ title }) => title),
    [
      "A, per second",
      "B, per second",
      "Alone, per second",
      "One, per second",
    ],
  );
});

test("requests have rates, failures and durations under each convention", async () => {
  for (
    const [names, failed] of [
      ["prometheus", 'http_requests_total{T,status_class=~"5.."}'],
      [
        "semconv",
        "http_server_request_duration_seconds_count{T," +
        'http_response_status_code=~"5.."}',
      ],
    ] as const
  ) {
    const dashboard = grafanaDashboard(await serviceRegistry({ names }));
    const route = names === "semconv" ? "http_route" : "route";
    const [all] = failed.split("T");
    const target = 'job=~"$job",instance=~"$instance"';
    const rate = (selector: string) =>
      `sum by (${route}) (rate(${selector}[$__rate_interval]))`
        .replace("T", target);
    assert.deepEqual(queriesOf(dashboard, "Requests by route"), [
      rate(`${all}T}`),
    ]);
    assert.deepEqual(queriesOf(dashboard, "Failed by route"), [
      `${rate(failed)} / ${rate(`${all}T}`)}`,
    ]);
    assert.ok(queriesOf(dashboard, "Duration: quantiles").length >= 3);
  }
});

test("metrics below a prefix and with constant labels are found", () => {
  const registry = createRegistry();
  const scope = registry.scope({ prefix: "eu_", labels: { region: "eu" } });
  scope.counter({
    name: "http_requests_total",
    help: "Requests.",
    labels: ["method", "route", "status_code"],
  });
  scope.histogram({
    name: "http_request_duration_seconds",
    help: "Durations.",
    unit: "seconds",
    labels: ["method", "route", "status_code"],
  });
  const dashboard = grafanaDashboard(registry);
  assert.equal(rowsOf(dashboard)[0], "HTTP requests (eu)");
  const [byRoute] = queriesOf(dashboard, "Requests by route");
  assert.match(byRoute!, /^sum by \(route, region\) \(rate\(eu_http_requests/);
});

test("native histograms are queried as such, and both kinds as either", () => {
  const registry = createRegistry({ selfMetrics: false });
  const declare = (name: string, buckets?: readonly number[]) =>
    registry.histogram({
      name,
      help: "X.",
      unit: "seconds",
      native: true,
      ...buckets === undefined ? {} : { buckets },
    });
  declare("shop_native_seconds");
  declare("shop_both_seconds", [1, 2]);
  const dashboard = grafanaDashboard(registry);
  const [native] = queriesOf(dashboard, "Native: quantiles");
  const [both] = queriesOf(dashboard, "Both: quantiles");
  const target = 'job=~"$job",instance=~"$instance"';
  assert.equal(
    native,
    "histogram_quantile(0.5, sum(rate(shop_native_seconds" +
      `{${target}}[$__rate_interval])))`,
  );
  assert.equal(
    both,
    "(histogram_quantile(0.5, sum(rate(shop_both_seconds" +
      `{${target}}[$__rate_interval]))) or ` +
      "histogram_quantile(0.5, sum by (le) (rate(shop_both_seconds_bucket" +
      `{${target}}[$__rate_interval]))))`,
  );
  const heatmaps = panelsIn(dashboard).filter(({ type }) => type === "heatmap");
  assert.deepEqual(
    heatmaps.map(({ title, targets }) => [
      title,
      targets.map(({ format, hide }) => [format, hide]),
    ]),
    [
      ["Both: distribution", [["heatmap", false], ["time_series", true]]],
      ["Native: distribution", [["time_series", false]]],
    ],
  );
});

test("names that are not classic are quoted, or escaped as asked", async () => {
  const registry = await serviceRegistry({ names: "semconv", rule: "utf-8" });
  const queries = (escaping: "allow-utf-8" | "underscores") =>
    queriesOf(grafanaDashboard(registry, { escaping }), "Requests by route");
  const target = 'job=~"$job",instance=~"$instance"';
  assert.deepEqual(queries("allow-utf-8"), [
    'sum by ("http.route") (rate({"http.server.request.duration_seconds_count",' +
    `${target}}[$__rate_interval]))`,
  ]);
  assert.deepEqual(queries("underscores"), [
    "sum by (http_route) (rate(http_server_request_duration_seconds_count{" +
    `${target}}[$__rate_interval]))`,
  ]);
});

test("variables of Grafana in names are no variables", () => {
  const desc = familyDesc({
    name: "a $job [[job]] _total",
    type: "counter",
    help: "X.",
    labelNames: ["${instance}"],
  }, "utf-8");
  const [target] = targetsIn(grafanaDashboard([desc]));
  assert.equal(
    target!.expr,
    'sum by ("\\x24{instance}") (rate({"a \\x24job [\\x5bjob]] _total",' +
      'job=~"$job",instance=~"$instance"}[$__rate_interval]))',
  );
});

test("labels that the server sets itself have the name that it gives them", () => {
  const desc = familyDesc({
    name: "runs_total",
    type: "counter",
    help: "X.",
    labelNames: ["job"],
  });
  const [target] = targetsIn(grafanaDashboard([desc]));
  assert.match(target!.expr, /^sum by \(exported_job\)/);
  assert.equal(target!.legendFormat, "{{exported_job}}");
});

test("options choose the job, the tags and the refresh", () => {
  const { templating, tags, refresh } = grafanaDashboard(ownDescs(), {
    job: "shop",
    tags: ["a"],
    refresh: "10s",
  });
  assert.deepEqual(templating.list[1]!.current!.value, ["shop"]);
  assert.deepEqual([tags, refresh], [["a"], "10s"]);
});

test("times are shown as ages, and losses as figures that turn red", () => {
  const small = grafanaDashboard(smallRegistry());
  const [age] = queriesOf(small, "Backup last success timestamp, age");
  assert.match(age!, /^time\(\) - backup_last_success_timestamp_seconds\{/);
  const own = grafanaDashboard(ownDescs());
  const overflows = panelsIn(own).find(({ title }) =>
    title === "Series overflows"
  )!;
  assert.equal(overflows.type, "stat");
  const { steps } = overflows.fieldConfig.defaults["thresholds"] as {
    steps: { color: string; value: number | null }[];
  };
  assert.deepEqual(steps.map(({ color }) => color), ["green", "red"]);
});
