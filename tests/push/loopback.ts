/** Exporters to collectors on the loopback interface. */
import assert from "node:assert/strict";
import { type SpanExporter, spanExporter } from "../../src/push/mod.ts";
import { give } from "./set_up.ts";

/** Returns an exporter with a long timeout and retries without delay. */
export function exporterTo(port: number, options: object = {}): SpanExporter {
  return spanExporter({
    endpoint: `http://127.0.0.1:${port}`,
    timeout: 60,
    random: () => 0,
    ...options,
  });
}

/** Asserts that `export` does not wait and that `shutdown` keeps its deadline. */
export async function undisturbed(exporter: SpanExporter): Promise<void> {
  const start = performance.now();
  give(exporter, 1, 1000);
  assert.ok(performance.now() - start < 1000, "export() never waits");
  const ending = performance.now();
  await exporter.shutdown(0.5);
  assert.ok(
    performance.now() - ending < 5000,
    "shutdown() ends at its deadline",
  );
  const { exported, lost, rejected, queued } = exporter.stats();
  assert.equal(exported + lost + rejected + queued, 1000);
  assert.equal(queued, 0);
}
