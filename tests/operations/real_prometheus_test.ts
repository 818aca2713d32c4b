/** A real Prometheus 3 runs with the files, and scrapes the running example. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { needsOnce, PROMETHEUS_3 } from "../oracle/programs.ts";
import { Prometheus, until } from "../oracle/prometheus.ts";
import { at, documentsOf, FOLDER, textOf } from "./files.ts";
import { type Shop, startShop } from "./shop_process.ts";

const timeout = 120_000;

const FAST = "scrape_interval: 500ms\n  scrape_timeout: 500ms";

/** Returns a configuration with the addresses of this machine. */
function here(
  name: string,
  addresses: Readonly<Record<string, string>>,
): string {
  let text = textOf(`prometheus/${name}`)
    .replaceAll("rules/*.rules.yml", `${FOLDER}prometheus/rules/*.rules.yml`)
    .replaceAll("targets/*.yml", `${FOLDER}prometheus/targets/*.yml`)
    .replace("scrape_interval: 15s", FAST);
  if (!text.includes(FAST)) text = `global:\n  ${FAST}\n${text}`;
  for (const [address, local] of Object.entries(addresses)) {
    assert.ok(text.includes(address), address);
    text = text.replaceAll(address, local);
  }
  return text;
}

/** Resolves when `query` has this value. */
async function untilValue(
  prometheus: Prometheus,
  query: string,
  value: string,
): Promise<void> {
  await until(async () => await prometheus.value(query) === value || undefined);
}

const targetOf = (shop: Shop): string => `127.0.0.1:${shop.ports.telemetry}`;

/** Orders something, so that there are series of requests. */
async function order(shop: Shop): Promise<void> {
  await (await fetch(`${shop.url}/orders`)).text();
}

test("prometheus.yml scrapes the shop, and its rules have no errors", {
  ...needsOnce("PROMETHEUS_3"),
  timeout,
}, async () => {
  await using shop = await startShop();
  await order(shop);
  await using prometheus = await Prometheus.start(
    PROMETHEUS_3!,
    ["native-histograms"],
    here("prometheus.yml", {
      "shop:9464": targetOf(shop),
      "alertmanager:9093": "127.0.0.1:9",
    }),
  );
  await prometheus.untilUp('up{job="shop"}');
  assert.equal(
    await prometheus.value('shop_orders_total{job="shop",payment="card"}'),
    "1",
  );
  const { groups } = await prometheus.get<{
    groups: { rules: { name: string; lastError?: string }[] }[];
  }>("rules");
  const rules = groups.flatMap(({ rules }) => rules);
  assert.ok(rules.some(({ name }) => name === "ErrorBudgetBurn"));
  assert.deepEqual(rules.filter(({ lastError }) => lastError), []);
});

/** Returns what Kubernetes discovery reports of a port of the Deployment. */
function discovered(containerPort: number, address: string): object {
  const [deployment] = documentsOf("kubernetes/shop.yaml");
  const metadata = at(deployment, "spec", "template", "metadata");
  const snake = (name: string) => name.replace(/[^a-zA-Z0-9]/g, "_");
  const labelled = (kind: "annotation" | "label") =>
    Object.entries(at(metadata, `${kind}s`) as Record<string, string>)
      .map(([name, value]) => [
        `__meta_kubernetes_pod_${kind}_${snake(name)}`,
        value,
      ]);
  return {
    targets: [address],
    labels: {
      ...Object.fromEntries([...labelled("annotation"), ...labelled("label")]),
      __meta_kubernetes_namespace: "default",
      __meta_kubernetes_pod_name: "shop-0",
      __meta_kubernetes_pod_phase: "Running",
      __meta_kubernetes_pod_container_port_number: String(containerPort),
    },
  };
}

test("kubernetes.yml finds one target in a pod of shop.yaml", {
  ...needsOnce("PROMETHEUS_3"),
  timeout,
}, async () => {
  await using shop = await startShop();
  const [deployment] = documentsOf("kubernetes/shop.yaml");
  const ports = at(
    deployment,
    ...["spec", "template", "spec", "containers", 0, "ports"],
  ) as { name: string; containerPort: number }[];
  const targets = ports.map(({ name, containerPort }) => {
    const isShop = name === "http";
    const port = isShop ? shop.ports.shop : shop.ports.telemetry;
    return discovered(containerPort, `127.0.0.1:${port}`);
  });
  const discovery = /kubernetes_sd_configs:\n.*- role: pod.*\n/;
  const text = here("kubernetes.yml", {});
  assert.match(text, discovery);
  await using prometheus = await Prometheus.start(
    PROMETHEUS_3!,
    [],
    text.replace(discovery, `static_configs: ${JSON.stringify(targets)}\n`),
  );
  const query = 'up{job="shop",namespace="default",pod="shop-0"}';
  await prometheus.untilUp(query);
  assert.equal((await prometheus.targets()).length, 1);
});

test("targets.yml keeps labels of targets, and sends the token", {
  ...needsOnce("PROMETHEUS_3"),
  timeout,
}, async () => {
  const token = "t0k3n";
  await using shop = await startShop();
  await using closed = await startShop({ BAROGRAPH_TOKEN: token });
  await using prometheus = await Prometheus.start(
    PROMETHEUS_3!,
    [],
    here("targets.yml", {
      "host-a:9464": targetOf(shop),
      "host-d:9464": targetOf(closed),
      "credentials_file: /run/secrets/barograph_token": `credentials: ${token}`,
    }),
  );
  await prometheus.untilUp('up{job="shop",site="berlin"} == 1');
  await prometheus.untilUp('up{job="shop-private"}');
  await untilValue(prometheus, 'count(up{job="shop-canary",version!=""})', "2");
});

/** An Alertmanager and a Mimir: what both have received. */
interface Receiver extends AsyncDisposable {
  readonly address: string;
  /** The labels of each alert. */
  readonly alerts: Record<string, string>[];
  /** The number of remote writes. */
  readonly writes: () => number;
}

async function startReceiver(): Promise<Receiver> {
  const alerts: Record<string, string>[] = [];
  let writes = 0;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    if (request.url === "/api/v1/push") writes++;
    else {
      const received = JSON.parse(body) as { labels: Record<string, string> }[];
      alerts.push(...received.map(({ labels }) => labels));
    }
    response.end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    alerts,
    writes: () => writes,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

test("an HA pair sends one alert, and series that name their replica", {
  ...needsOnce("PROMETHEUS_3"),
  timeout,
}, async () => {
  await using shop = await startShop();
  await using receiver = await startReceiver();
  const rules = textOf("prometheus/rules/fleet.rules.yml")
    .replace("barograph_fleet_member_age_seconds > 10", 'up{job="shop"} == 1');
  const folder = mkdtempSync(join(tmpdir(), "barograph-ha-"));
  writeFileSync(`${folder}/fast.rules.yml`, rules);
  const text = here("ha.yml", {
    "host-a:9464": targetOf(shop),
    "alertmanager-a:9093": receiver.address,
    "alertmanager-b:9093": receiver.address,
    "mimir:9009": receiver.address,
  }).replace(`${FOLDER}prometheus/rules`, folder)
    .replace(FAST, `${FAST}\n  evaluation_interval: 500ms`);
  const start = (replica: string) =>
    Prometheus.start(PROMETHEUS_3!, [], text, [], { HOSTNAME: replica });
  try {
    await using a = await start("a");
    await using b = await start("b");
    for (const [name, prometheus] of Object.entries({ a, b })) {
      const up = 'up{job="shop"} == 1';
      await prometheus.untilUp(up);
      const query = new URLSearchParams({ "match[]": 'up{job="shop"}' });
      const federated = await fetch(`${prometheus.url}/federate?${query}`);
      const series = await federated.text();
      assert.ok(series.includes(`__replica__="${name}"`), series);
      assert.ok(series.includes('cluster="eu-1"'), series);
    }
    await until(() =>
      Promise.resolve(
        receiver.alerts.length > 1 && receiver.writes() > 1 || undefined,
      )
    );
    const distinct = new Set(
      receiver.alerts.map((labels) =>
        JSON.stringify(Object.entries(labels).sort())
      ),
    );
    assert.equal(distinct.size, 1);
    assert.ok(!("__replica__" in receiver.alerts[0]!));

    await using above = await Prometheus.start(
      PROMETHEUS_3!,
      [],
      here("federation.yml", {
        "prometheus-a:9090": a.url.replace("http://", ""),
        "prometheus-b:9090": b.url.replace("http://", ""),
      }),
    );
    await untilValue(above, 'count(up{job="shop"} == 1)', "2");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
