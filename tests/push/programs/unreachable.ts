/** A program that holds a counter, but neither the registry nor its pushers. */
import { argv } from "node:process";
import { createRegistry } from "../../../src/metrics/mod.ts";
import {
  otlpMetrics,
  pushgateway,
  remoteWrite,
  victoriaMetrics,
} from "../../../src/push/mod.ts";

const address = argv[2]!;

function counterOf() {
  const registry = createRegistry({ selfMetrics: false });
  const by = { interval: 0 };
  otlpMetrics(registry, { endpoint: address, ...by });
  remoteWrite(registry, {
    url: `${address}/write`,
    job: "test",
    version: "1.0",
    staleMarkers: false,
    ...by,
  });
  pushgateway(registry, { url: address, job: "test", ...by });
  victoriaMetrics(registry, { url: address, ...by });
  return registry.counter({ name: "done_total", help: "Done." });
}

const done = counterOf();
setTimeout(() => {
  (globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true);
  done.inc();
  console.log("ready");
}, 50);
setInterval(() => done.inc(), 60_000);
