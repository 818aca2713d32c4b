/** Calls every factory at global scope. */
import {
  callbackGauge,
  counter,
  createTelemetry,
  gauge,
  histogram,
  info,
  metricsHandler,
  observe,
  stateSet,
  summary,
} from "../../../mod.ts";
import { createBus } from "../../../src/bus/mod.ts";
import { prometheusText } from "../../../src/encode/mod.ts";
import {
  bearer,
  eventsHandler,
  formatHandler,
  healthHandler,
  readyHandler,
} from "../../../src/http/mod.ts";
import {
  instrumentEvents,
  instrumentFetch,
  instrumentHandler,
} from "../../../src/instrument/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import {
  otlpMetrics,
  pushgateway,
  remoteWrite,
  spanExporter,
  victoriaMetrics,
} from "../../../src/push/mod.ts";
import { eventLoopDelay, runtimeMetrics } from "../../../src/runtime/mod.ts";
import { initTracing } from "../../../src/telemetry/mod.ts";
import { createTracer, ratio } from "../../../src/trace/mod.ts";
import { withTelemetry } from "../../../src/workers/mod.ts";

const collector = { endpoint: "http://127.0.0.1:9", onError: () => {} };
const help = "Help.";

counter({ name: "a_total", help }).inc();
gauge({ name: "b", help, labels: ["x"] }).with({ x: 1 }).set(1);
histogram({ name: "c_seconds", help, native: true, buckets: [1] }).observe(1);
summary({ name: "d", help, quantiles: [0.5] }).observe(1);
info({ name: "e_info", help, labels: ["x"] }).set({ x: "1" });
stateSet({ name: "f", help, states: ["x", "y"] }).set("y");
callbackGauge({ name: "g", help, read: (report) => report(1) });

const registry = createRegistry();
registry.add(runtimeMetrics());
registry.add(eventLoopDelay());
const bus = createBus<{ joined: string }>();
bus.publish("joined", "lobby");
bus.subscribe({ after: 0 });
const tracer = createTracer({ name: "shop", sampler: ratio(0.5) });
const tracing = initTracing(collector.endpoint, { onError: () => {} });
spanExporter(collector);
const receiver = { url: "http://127.0.0.1:9", interval: 0, onError: () => {} };
const pushers = [
  otlpMetrics(registry, { ...collector, interval: 0 }),
  remoteWrite(registry, { ...receiver, job: "a" }),
  pushgateway(registry, { ...receiver, job: "a" }),
  victoriaMetrics(registry, receiver),
];
eventsHandler(bus);
readyHandler();
const fetching = instrumentFetch({ tracer });
instrumentEvents({ tracer });
instrumentHandler(() => new Response(), { tracer });
observe(() => new Response());
const telemetry = createTelemetry({ collector, registry });
telemetry.observe(() => new Response());
telemetry.fetch();

const endpoints: Record<string, (request: Request) => Promise<Response>> = {
  "/metrics": metricsHandler(),
  "/runtime": metricsHandler(registry),
  "/text": formatHandler(registry, [prometheusText], {
    authorize: bearer("abc"),
  }),
  "/health": healthHandler(),
  "/push": async () => {
    const signal = AbortSignal.timeout(500);
    const pushed = pushers.map((pusher) => pusher.push(signal));
    const accepted = await Promise.all(pushed);
    const counts = pushers.map((pusher) => pusher.stats());
    return Response.json(
      counts.map((
        { exported, retries },
        i,
      ) => [accepted[i], exported, retries]),
    );
  },
  "/bus": () => Promise.resolve(new Response(bus.position(1))),
  "/span": () => {
    const span = tracing.tracer.start("work");
    span.end();
    return Promise.resolve(Response.json(span.context));
  },
  "/fetch": async () => {
    try {
      await fetching("http://127.0.0.1:9/");
      return new Response("answered");
    } catch {
      return new Response("refused");
    }
  },
};

export default withTelemetry({
  fetch: (request: Request) => {
    const endpoint = endpoints[new URL(request.url).pathname];
    return endpoint?.(request) ?? new Response(null, { status: 404 });
  },
}, { collector, registry, metrics: "/own" });
