/** Exporters to collectors on this machine, which may be up to anything. */
import assert from "node:assert/strict";
import { type SpanExporter, spanExporter } from "../../src/push/mod.ts";
import { give } from "./set_up.ts";

/** An exporter that has patience, and tries again at once. */
export function exporterTo(port: number, more: object = {}): SpanExporter {
  return spanExporter({
    endpoint: `http://127.0.0.1:${port}`,
    timeout: 60,
    random: () => 0,
    ...more,
  });
}

/** Handing over and shutting down take no longer than they may. */
export async function undisturbed(exporter: SpanExporter): Promise<void> {
  const start = performance.now();
  give(exporter, 1, 1000);
  assert.ok(performance.now() - start < 1000, "handing over never waits");
  const ending = performance.now();
  await exporter.shutdown(0.5);
  assert.ok(performance.now() - ending < 5000, "the deadline is kept");
  const { exported, lost, rejected, queued } = exporter.stats();
  assert.equal(exported + lost + rejected + queued, 1000);
  assert.equal(queued, 0);
}
