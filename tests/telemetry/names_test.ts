/** The option `names` of a telemetry, and of its parts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import {
  createTelemetry,
  type TelemetryOptions,
} from "../../src/telemetry/mod.ts";
import { withTelemetry } from "../../src/workers/mod.ts";

/** Returns which of the families that tell the names apart are declared. */
function namesIn(registry: Registry): readonly string[] {
  const telling = [
    "http_requests_total",
    "http_server_active_requests",
    "http_client_requests_total",
    "process_resident_memory_bytes",
    "process_memory_usage_bytes",
  ];
  const declared = new Set(registry.descs.map(({ name }) => name));
  return telling.filter((name) => declared.has(name));
}

async function declared(
  options: TelemetryOptions,
  own: { readonly names?: "prometheus" | "semconv" | "both" } = {},
): Promise<readonly string[]> {
  const registry = createRegistry();
  await using telemetry = createTelemetry({ registry, ...options });
  telemetry.observe(() => new Response(), own);
  telemetry.fetch(own);
  return namesIn(registry);
}

test("the names of a telemetry are the default of its parts", async () => {
  const own = [
    "http_requests_total",
    "http_client_requests_total",
    "process_resident_memory_bytes",
  ];
  const conventional = [
    "http_server_active_requests",
    "process_memory_usage_bytes",
  ];
  assert.deepEqual(await declared({}), own);
  assert.deepEqual(await declared({ names: "semconv" }), conventional);
  assert.deepEqual(
    (await declared({ names: "both" })).toSorted(),
    [...own, ...conventional].sort(),
  );
});

test("the options of parts take precedence over the names of the telemetry", async () => {
  const runtime = { names: "prometheus" } as const;
  assert.deepEqual(
    await declared({ names: "semconv", runtime }, { names: "prometheus" }),
    [
      "http_requests_total",
      "http_client_requests_total",
      "process_resident_memory_bytes",
    ],
  );
});

test("a later telemetry of a registry brings its names", async () => {
  const registry = createRegistry();
  await using _first = createTelemetry({ registry });
  await using _second = createTelemetry({ registry, names: "semconv" });
  assert.deepEqual(namesIn(registry), ["process_memory_usage_bytes"]);
});

test("withTelemetry() leaves the names to a telemetry that it is given", async () => {
  const registry = createRegistry();
  await using telemetry = createTelemetry({
    registry,
    names: "semconv",
    runtime: false,
  });
  const worker = withTelemetry(
    { fetch: () => new Response() },
    { telemetry },
  );
  const context = { waitUntil() {}, passThroughOnException() {} };
  await worker.fetch(new Request("http://localhost/"), {}, context as never);
  assert.deepEqual(namesIn(registry), ["http_server_active_requests"]);
  const created = createRegistry();
  const other = withTelemetry(
    { fetch: () => new Response() },
    { registry: created, names: "both", runtime: false },
  );
  await other.fetch(new Request("http://localhost/"), {}, context as never);
  assert.deepEqual(namesIn(created), [
    "http_requests_total",
    "http_server_active_requests",
  ]);
});
