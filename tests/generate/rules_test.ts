import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { env } from "node:process";
import { test } from "node:test";
import {
  type AlertingRule,
  type PrometheusRules,
  prometheusRules,
  ruleTests,
  toYaml,
} from "../../src/generate/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { ownDescs, serviceRegistry, smallRegistry } from "./fixtures.ts";

const GOLDEN = new URL("./golden/small_rules.yml", import.meta.url);

const ORDERS = {
  name: "orders",
  target: 0.99,
  family: "shop_orders_total",
  bad: { payment: ["failed", "l.te"] },
} as const;

function alertsIn({ groups }: PrometheusRules): AlertingRule[] {
  return groups.flatMap(({ rules }) => rules)
    .filter((rule): rule is AlertingRule => "alert" in rule);
}

test("prometheusRules() makes the golden rules of a small registry", () => {
  const made = toYaml(prometheusRules(smallRegistry(), {
    job: "shop",
    objectives: [ORDERS],
    labels: { team: "shop" },
    annotations: { runbook_url: "https://runbooks.test/shop" },
  }));
  if (env["BAROGRAPH_WRITE_GOLDEN"]) writeFileSync(GOLDEN, made);
  assert.equal(made, readFileSync(GOLDEN, "utf8"));
});

test("there are alerts for everything that the families can tell", async () => {
  const registry = await serviceRegistry();
  const descs = [
    ...new Map(
      [...registry.descs, ...smallRegistry().descs, ...ownDescs()]
        .map((desc) => [desc.name, desc]),
    ).values(),
  ];
  const alerts = alertsIn(prometheusRules(descs, {
    job: "shop",
    thresholds: { heapBytes: 1e9 },
    objectives: [{ name: "availability", target: 0.999 }],
  }));
  assert.deepEqual([...new Set(alerts.map(({ alert }) => alert))], [
    "ErrorBudgetBurn",
    "TargetAbsent",
    "TargetDown",
    "RequestErrorsHigh",
    "RequestsSlow",
    "CallErrorsHigh",
    "CallsSlow",
    "EventLoopDelayed",
    "FileDescriptorsLow",
    "HeapLarge",
    "LastSuccessStale",
    "SeriesOverflow",
    "ObservationsRejected",
    "SourceFailing",
    "ScrapesFailing",
    "TelemetryLost",
    "TracingFailing",
    "FleetFailing",
  ]);
  for (const { labels, annotations, alert } of alerts) {
    assert.match(labels["severity"]!, /^(?:page|ticket)$/, alert);
    assert.match(annotations["summary"]!, /\S/, alert);
    assert.match(annotations["description"]!, /\S/, alert);
  }
});

test("without families and a job there are no rules", () => {
  assert.deepEqual(prometheusRules([]), { groups: [] });
  assert.deepEqual(ruleTests([]).tests, []);
});

test("an objective has recorded shares and four burn rates", () => {
  const rules = prometheusRules(smallRegistry(), { objectives: [ORDERS] });
  const [{ name, rules: group }] = rules.groups as [
    PrometheusRules["groups"][0],
  ];
  assert.equal(name, "barograph-objectives");
  assert.deepEqual(group[0], {
    record: "job:slo_errors:ratio_rate5m",
    expr: "sum by (job) (rate(shop_orders_total" +
      '{payment=~"failed|l\\\\.te"}[5m])) / ' +
      "sum by (job) (rate(shop_orders_total[5m]))",
    labels: { slo: "orders" },
  });
  const burns = alertsIn(rules).filter(({ alert }) =>
    alert === "ErrorBudgetBurn"
  );
  assert.deepEqual(burns.map(({ expr }) => expr), [
    'job:slo_errors:ratio_rate1h{slo="orders"} > 0.144 and ' +
    'job:slo_errors:ratio_rate5m{slo="orders"} > 0.144',
    'job:slo_errors:ratio_rate6h{slo="orders"} > 0.06 and ' +
    'job:slo_errors:ratio_rate30m{slo="orders"} > 0.06',
    'job:slo_errors:ratio_rate1d{slo="orders"} > 0.03 and ' +
    'job:slo_errors:ratio_rate2h{slo="orders"} > 0.03',
    'job:slo_errors:ratio_rate3d{slo="orders"} > 0.01 and ' +
    'job:slo_errors:ratio_rate6h{slo="orders"} > 0.01',
  ]);
});

test("a share that cannot be exceeded has no alert", () => {
  const rules = prometheusRules(smallRegistry(), {
    objectives: [{ ...ORDERS, target: 0.8 }],
  });
  const windows = alertsIn(rules).map(({ labels }) => labels["long_window"])
    .filter((window) => window !== undefined);
  assert.deepEqual(windows, ["1d", "3d"]); // 14.4 and 6 times 0.2 is above 1
});

test("an objective of durations counts those above its bound", () => {
  const objective = {
    name: "checkout",
    target: 0.95,
    family: "shop_checkout_seconds",
    below: 0.5,
    where: { payment: "card" },
  };
  const { groups } = prometheusRules(smallRegistry(), {
    objectives: [objective],
  });
  assert.equal(
    groups[0]!.rules[0]!.expr,
    "1 - sum by (job) (rate(shop_checkout_seconds_bucket" +
      '{payment="card",le="0.5"}[5m])) / ' +
      'sum by (job) (rate(shop_checkout_seconds_count{payment="card"}[5m]))',
  );
});

test("an objective of native durations asks for their fraction", () => {
  const registry = createRegistry();
  registry.histogram({
    name: "job_seconds",
    help: "X.",
    unit: "seconds",
    native: true,
  }).observe(1);
  const { groups } = prometheusRules(registry, {
    objectives: [{
      name: "jobs",
      target: 0.9,
      family: "job_seconds",
      below: 0.3,
    }],
  });
  assert.match(
    groups[0]!.rules[0]!.expr,
    /^1 - \(histogram_fraction\(-Inf, 0\.3, sum by \(job\) \(rate\(job_seconds/,
  );
});

test("labels that are not classic are quoted in queries and templates", async () => {
  const registry = await serviceRegistry({ names: "semconv", rule: "utf-8" });
  const slow = alertsIn(prometheusRules(registry))
    .find(({ alert }) => alert === "RequestsSlow")!;
  assert.match(
    slow.expr,
    /^histogram_quantile\(0\.99, sum by \(le, job, "http/,
  );
  assert.equal(
    slow.annotations["summary"],
    'Requests of {{ index $labels "http.route" }} are slow',
  );
});

test("both conventions of the same requests have one alert", async () => {
  const registry = await serviceRegistry({ names: "both" });
  const slow = alertsIn(prometheusRules(registry))
    .filter(({ alert }) => alert === "RequestsSlow");
  assert.equal(slow.length, 1);
  assert.match(slow[0]!.expr, /http_request_duration_seconds_bucket/);
});

test("prometheusRules() names wrong options and what to give instead", async () => {
  const small = smallRegistry();
  const service = await serviceRegistry();
  const http = { name: "a", target: 0.9 };
  for (
    const [source, options, message] of [
      [small, { jobs: "x" }, /no option "jobs"; give any of name, job/],
      [small, { objectives: [{ name: "a" }] }, /give a name and a target/],
      [small, { objectives: [{ target: 0.9 }] }, /give a name and a target/],
      [
        small,
        { objectives: [{ ...ORDERS, target: 99 }] },
        /target is 99; give/,
      ],
      [
        small,
        { objectives: [ORDERS, ORDERS] },
        /two objectives are named "ord/,
      ],
      [small, { objectives: [http] }, /there are no HTTP requests; observe a/],
      [
        small,
        { objectives: [{ ...http, family: "x" }] },
        /there is no family "x"; declare it/,
      ],
      [
        small,
        { objectives: [{ ...http, family: "shop_orders_total" }] },
        /does not say which events are bad; give bad, such as/,
      ],
      [
        small,
        { objectives: [{ ...ORDERS, bad: { outcome: "x" } }] },
        /"shop_orders_total" has no label "outcome"; give any of payment/,
      ],
      [small, { objectives: [{ ...ORDERS, below: 1 }] }, /both bad and below/],
      [
        small,
        { objectives: [{ ...http, family: "shop_carts", below: 1 }] },
        /"shop_carts" is a gauge; give a histogram/,
      ],
      [
        service,
        { objectives: [{ ...http, below: 0.3 }] },
        /below is 0\.3, which is no bucket bound of .*; give one of 0\.005/,
      ],
      [small, { thresholds: { latency: -1 } }, /latency is -1; give seconds/],
      [small, { thresholds: { slow: 1 } }, /no option "slow"; give any of err/],
      [small, { labels: { "a-b": "x" } }, /labels is .*; give texts by name/],
      [small, { annotations: { a: 1 } }, /annotations is .*; give texts by/],
      [7, {}, /give a source/],
    ] as const
  ) {
    assert.throws(
      () => prometheusRules(source as never, options as never),
      { message },
    );
  }
});

test("ruleTests() has two tests for each alert, and names the rule file", () => {
  const options = { job: "shop", objectives: [ORDERS] };
  const { rule_files, tests } = ruleTests(smallRegistry(), {
    ...options,
    ruleFile: "shop.rules.yml",
  });
  assert.deepEqual(rule_files, ["shop.rules.yml"]);
  const alerts = alertsIn(prometheusRules(smallRegistry(), options));
  const proofs = tests.flatMap((one) => one.promql_expr_test);
  assert.equal(proofs.length, 2 * alerts.length);
  for (const { alert, labels } of alerts) {
    const own = proofs.filter(({ expr }) =>
      Object.entries({ ...labels, alertname: alert }).every(([name, value]) =>
        expr.includes(`${name}="${value}"`)
      )
    );
    assert.deepEqual(own.map(({ exp_samples }) => exp_samples.length), [1, 0]);
  }
});

test("text of users cannot be a template", () => {
  const alerts = alertsIn(prometheusRules(smallRegistry(), {
    job: "{{ shop }}",
    objectives: [{ ...ORDERS, name: "{{ x }}" }],
  }));
  for (const { annotations, labels } of alerts) {
    for (const text of Object.values({ ...annotations, ...labels })) {
      assert.doesNotMatch(text, /\{\{ (?:shop|x)/);
    }
  }
});
