/**
 * Prints the default metrics of a process under the names of Prometheus clients,
 * and under those of the OpenTelemetry conventions.
 *
 *     deno run -A examples/runtime_metrics.ts
 *     bun examples/runtime_metrics.ts
 *     node examples/runtime_metrics.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createRegistry } from "../mod.ts";
import { expose, prometheusText } from "../src/encode/mod.ts";
import { runtimeMetrics } from "../src/runtime/mod.ts";

for (const names of ["prometheus", "semconv"] as const) {
  const registry = createRegistry({ selfMetrics: false });
  const runtime = runtimeMetrics({ names, build: { version: "1.2.0" } });
  registry.add(runtime);

  // Delays of the event loop and garbage collections are measured meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 100));

  console.log(`names: "${names}"`);
  const text = new TextDecoder().decode(expose(registry, prometheusText));
  for (const line of text.split("\n")) {
    if (line !== "" && !line.startsWith("#")) console.log(`  ${line}`);
  }
  runtime[Symbol.dispose](); // ends the measurements
}
