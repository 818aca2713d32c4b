/**
 * A program for `hardened_test.ts`: hardens or pollutes the global objects, uses
 * the library, and prints the exposition, then `done`.
 */
import process from "node:process";
import { expose, openMetrics, prometheusText } from "../../src/encode/mod.ts";
import {
  createRegistry,
  defaultRegistry,
  type Registry,
} from "../../src/metrics/mod.ts";
import { servicePlatform } from "../../src/recorders/presets/service_platform.ts";
import { runtimeMetrics } from "../../src/runtime/mod.ts";
import { createTelemetry, observe } from "../../mod.ts";

/** Names of options, labels and exemplars that other code has added. */
const EVIL = {
  method: "evil",
  zone: "evil",
  trace_id: "evil",
  "not a name": "evil",
  labels: ["evil"],
  values: { evil: ["evil"] },
  known: [{ evil: "evil" }],
  unit: "evil",
  namespace: "evil",
  subsystem: "evil",
  prefix: "evil-",
  names: "evil",
  buckets: [666],
  native: true,
  quantiles: [0.666],
  maxSeries: 1,
  expireAfter: 1e-9,
  merge: "evil",
  strict: true,
  selfMetrics: false,
  exemplars: () => ({ trace_id: "evil" }),
  clock: {},
  timers: {},
  attributes: { evil: "evil" },
  service: "evil",
  route: "evil",
  seconds: true,
  twin: true,
};

const [, , mode] = process.argv;
if (mode === "frozen") {
  // Node defines a property of the global object when it loads `fetch`.
  void globalThis.Request;
  Object.freeze(Object.prototype);
  Object.freeze(globalThis);
} else Object.assign(Object.prototype, EVIL);

function record(registry: Registry): void {
  const labels = ["method", "constructor"] as const;
  const requests = registry.counter({ name: "a_total", help: "A.", labels });
  requests.with({ method: "GET", constructor: "x" } as never).inc(1, {});
  requests.with({} as never).inc(2, { span_id: "abc", valueOf: "x" } as never);
  requests.at("GET", "y").inc();
  registry.histogram({ name: "b", help: "B." }).observe(1);
  registry.summary({ name: "c", help: "C." }).observe(1);
  registry.gauge({ name: "d", help: "D." }).set(1);
  registry.stateSet({ name: "e", help: "E.", states: ["on"] }).set("on");
  registry.info({ name: "f_info", help: "F.", labels: ["v"] }).set({ v: 1 });
  registry.callbackGauge({
    name: "g",
    help: "G.",
    read: (report) => report(1),
  });
  registry.scope({ labels: { zone: "eu" } }).gauge({ name: "h", help: "H." });
  const platform = servicePlatform.on(registry);
  servicePlatform.tee(platform).natsReconnect();
  registry.add(runtimeMetrics());
}

const registry = createRegistry();
record(registry);
record(defaultRegistry());
for (const format of [prometheusText, openMetrics]) {
  console.log(new TextDecoder().decode(expose(registry, format)));
}

const telemetry = createTelemetry({ registry: createRegistry() });
const handler = () => new Response("hello");
for (
  const app of [
    telemetry.observe(handler, { route: "/" }),
    observe(handler, { route: "/" }),
  ]
) {
  // Node takes a method that is not given from Object.prototype.
  const init = { method: "GET" };
  await app(new Request("http://localhost/", init));
  const response = await app(new Request("http://localhost/metrics", init));
  console.log(await response.text());
}
telemetry.tracer.start("s", { attributes: { constructor: "x" } })
  .setAttribute("valueOf", "y").addEvent("e", { toString: "z" } as never).end();
console.log("done");
