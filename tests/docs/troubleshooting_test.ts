/** Tests that docs/troubleshooting.md has every self-metric. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  exposeBus,
  exposeExporter,
  exposePusher,
  exposeTracer,
} from "../../src/bridge/mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { MISSING } from "../../src/model/internal.ts";
import { capture } from "../../src/model/mod.ts";
import { logExporter, otlpMetrics, spanExporter } from "../../src/push/mod.ts";
import { otlpReceiver } from "../../src/receiver/mod.ts";
import { createTracer } from "../../src/trace/mod.ts";

const ROOT = new URL("../../", import.meta.url);

/** Names in the source, which no registry of one process has all of. */
function namesInSource(): string[] {
  return readdirSync(new URL("src", ROOT), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(".ts") && !file.endsWith("page_text.ts"))
    .flatMap((file) => {
      const text = readFileSync(new URL(`src/${file}`, ROOT), "utf8");
      return [...text.matchAll(/name: "(barograph_[a-z_]+)"/g)];
    })
    .map(([, name]) => name!);
}

interface Row {
  readonly type: string;
  readonly labels: string;
}

function rowsOfPage(): Map<string, Row> {
  const page = readFileSync(new URL("docs/troubleshooting.md", ROOT), "utf8");
  const rows = page.matchAll(
    /^\| `(barograph_\w+)` +\| (\w+) +\| +([^|]*?) *\|/gm,
  );
  return new Map(
    [...rows].map(([, name, type, labels]) => [
      name!,
      { type: type!, labels: labels!.replaceAll("`", "") },
    ]),
  );
}

test("the page has every self-metric, with its type and labels", async () => {
  const registry = createRegistry();
  const endpoint = "http://127.0.0.1:9";
  const options = { endpoint, signals: false, onError: () => {} };
  using bus = createBus();
  using _bus = exposeBus(registry, bus);
  using _tracer = exposeTracer(registry, createTracer());
  const spans = spanExporter(options);
  const logs = logExporter(options);
  const points = otlpMetrics(createRegistry(), { ...options, interval: 0 });
  using _spans = exposeExporter(registry, spans);
  using _logs = exposeExporter(registry, logs, "logs");
  using _points = exposePusher(registry, points);
  using _receiver = otlpReceiver(registry);
  const families = new Map<string, Row>();
  for (const { desc } of [...capture(registry).families, { desc: MISSING }]) {
    if (!desc.name.startsWith("barograph_")) continue;
    const labels = desc.labelNames.join(", ");
    families.set(desc.name, { type: desc.type, labels });
  }
  const rows = rowsOfPage();
  for (const [name, row] of families) assert.deepEqual(rows.get(name), row);
  const known = new Set([...families.keys(), ...namesInSource()]);
  assert.deepEqual([...rows.keys()].sort(), [...known].sort());
  await Promise.all([spans, logs, points].map((each) => each.shutdown(0)));
});

test("the page has the types and labels of the metrics of fleets", () => {
  const file = new URL("src/fleet/fleet_metrics.ts", ROOT);
  const families = readFileSync(file, "utf8").matchAll(
    /name: "(barograph_\w+)",\n +type: "(\w+)",([^}]*)}/g,
  );
  const rows = rowsOfPage();
  let count = 0;
  for (const [, name, type, rest] of families) {
    const labels = /labelNames: \["(\w+)"\]/.exec(rest!)?.[1] ?? "";
    assert.deepEqual(rows.get(name!), { type, labels }, `${name}`);
    count++;
  }
  assert.equal(count, 8);
});
