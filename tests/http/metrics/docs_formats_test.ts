/** Compares the answers in docs/formats.md with those of the handler. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { metricsHandler } from "../../../src/http/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";

const PAGE = readFileSync(
  new URL("../../../docs/formats.md", import.meta.url),
  "utf8",
);

/** Returns the handler of the first block of the page. */
function handler() {
  const registry = createRegistry({ selfMetrics: false });
  registry.counter({
    name: "orders_total",
    help: "Orders accepted.",
  }).inc(3, { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" });
  registry.histogram({
    name: "checkout_duration_seconds",
    help: "Duration of checkouts.",
    unit: "seconds",
    buckets: [0.1, 1],
    native: true,
  }).observe(0.3);
  return metricsHandler(registry);
}

/** Returns the answer to a scrape with this `Accept` header. */
async function answer(accept: string): Promise<Response> {
  const headers = { accept };
  return await handler()(new Request("http://localhost/metrics", { headers }));
}

const blocks = [...PAGE.matchAll(/^```console\n\$ curl(.*)\n([^]*?)^```/gm)];

test("docs/formats.md shows an answer in each text format", () => {
  assert.equal(blocks.length, 3);
});

for (const [, args, expected] of blocks) {
  const accept = /-H 'Accept: ([^']*)'/.exec(args!)?.[1] ?? "*/*";
  test(`docs/formats.md shows the answer to Accept: ${accept}`, async () => {
    const parts = expected!.split("…").map((part) =>
      part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    );
    const body = await (await answer(accept)).text();
    assert.match(body, new RegExp(`^${parts.join("\\S+")}$`));
  });
}

test("docs/formats.md says which format each Accept header gets", async () => {
  const types: Readonly<Record<string, RegExp>> = {
    "text 0.0.4": /^text\/plain; version=0\.0\.4/,
    "text 1.0.0": /^text\/plain; version=1\.0\.0/,
    "OpenMetrics 1.0":
      /^application\/openmetrics-text; version=(1\.0\.0|0\.0\.1)/,
    "OpenMetrics 2.0": /^application\/openmetrics-text; version=2\.0\.0/,
  };
  const rows = PAGE.split("\n").filter((line) => /^\|.*`[^`]*\/.*`/.test(line));
  let compared = 0;
  for (const row of rows) {
    const [cell, format] = row.split("|").slice(1).map((text) => text.trim());
    const type = types[format!];
    if (type === undefined) continue;
    for (const [, header] of cell!.matchAll(/`([^`]+\/[^`]+)`/g)) {
      const response = await answer(header!);
      assert.match(response.headers.get("content-type")!, type, `${header}`);
      compared++;
    }
  }
  assert.ok(compared >= 5, `${compared}`);
});
