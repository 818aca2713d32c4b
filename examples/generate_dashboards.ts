/**
 * Writes a Grafana dashboard, Prometheus rules and promtool tests of the rules
 * into a folder, from the metrics that this program declares.
 *
 *     deno run --allow-net --allow-write --allow-env examples/generate_dashboards.ts out
 *     bun examples/generate_dashboards.ts out
 *     node examples/generate_dashboards.ts out
 *
 * Runs on Deno, Bun and Node.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import { createRegistry, createTelemetry } from "../mod.ts";
import {
  grafanaDashboard,
  prometheusRules,
  ruleTests,
  toYaml,
} from "../src/generate/mod.ts";

const registry = createRegistry();
await using telemetry = createTelemetry({ service: "shop", registry });
telemetry.observe(() => new Response("hello"), { route: "/" });
registry.counter({
  name: "shop_deliveries_total",
  help: "Deliveries, by how they ended.",
  labels: ["outcome"],
});

const options = {
  job: "shop",
  objectives: [
    { name: "availability", target: 0.999 },
    {
      name: "deliveries",
      target: 0.95,
      family: "shop_deliveries_total",
      bad: { outcome: ["failed", "late"] },
    },
  ],
};
const ruleFile = "shop.rules.yml";
const files = {
  "shop.json": JSON.stringify(grafanaDashboard(registry, { title: "Shop" })),
  [ruleFile]: toYaml(prometheusRules(registry, options)),
  "shop.rules_test.yml": toYaml(ruleTests(registry, { ...options, ruleFile })),
};

const [, , folder] = argv;
if (folder !== undefined) mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(files)) {
  if (folder !== undefined) writeFileSync(`${folder}/${name}`, text);
  console.log(`${name}: ${text.split("\n").length} lines`);
}
