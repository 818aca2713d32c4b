/** Scrapes an asynchronous source once; the program must then end by itself. */
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";

const registry = createRegistry();
registry.callbackGauge({
  name: "slow",
  help: "Slow.",
  refresh: async (report) => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    report(1);
  },
});
const metrics = metricsHandler(registry, { timeout: 600 });
const response = await metrics(new Request("http://localhost/metrics"));
console.log(await response.text());
