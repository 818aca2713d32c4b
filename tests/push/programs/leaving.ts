/**
 * A program that waits for a push, but not for long, while another pusher pushes
 * by interval.
 */
import { argv } from "node:process";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { otlpMetrics } from "../../../src/push/mod.ts";

const endpoint = argv[2]!;
const registry = createRegistry();
otlpMetrics(registry, { endpoint, interval: 0.02, onError: () => {} });
const pusher = otlpMetrics(registry, {
  endpoint,
  interval: 0,
  onError: () => {},
});
console.log(await pusher.push(AbortSignal.timeout(300)));
