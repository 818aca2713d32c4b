/** Registries to generate for, and views of what is generated. */
import { parser } from "@prometheus-io/lezer-promql";
import { createTelemetry } from "../../src/telemetry/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import type {
  GrafanaDashboard,
  GrafanaPanel,
  GrafanaTarget,
} from "../../src/generate/mod.ts";
import { type FamilyDesc, familyDesc } from "../../src/model/mod.ts";

/** A registry with a family of each type, in one subsystem. */
export function smallRegistry(): Registry {
  const registry = createRegistry({ selfMetrics: false });
  const orders = registry.counter({
    name: "shop_orders_total",
    help: "Orders accepted, by payment method.",
    labels: ["payment"],
  });
  orders.with({ payment: "card" }).inc();
  registry.histogram({
    name: "shop_checkout_seconds",
    help: "Time from the cart to the order.",
    unit: "seconds",
    labels: ["payment"],
    buckets: [0.1, 0.5, 2],
  }).with({ payment: "card" }).observe(0.3);
  registry.gauge({ name: "shop_carts", help: "Open carts." });
  registry.summary({
    name: "shop_basket_size",
    help: "Items of an order.",
    quantiles: [0.5],
  });
  registry.info({
    name: "shop_build_info",
    help: "Build.",
    labels: ["version"],
  });
  registry.stateSet({
    name: "shop_phase",
    help: "Phase of the shop.",
    states: ["open", "closed"],
  });
  registry.gauge({
    name: "backup_last_success_timestamp_seconds",
    help: "The last backup.",
    unit: "seconds",
  });
  return registry;
}

/** Options of `serviceRegistry`. */
export interface ServiceOptions {
  readonly names?: "prometheus" | "semconv" | "both";
  readonly rule?: "classic" | "utf-8";
  readonly native?: boolean;
  /** Bounds of durations. Default: those of the library. */
  readonly buckets?: readonly number[];
}

/** A registry of a service that has answered a request and called another one. */
export async function serviceRegistry(
  { names = "prometheus", rule = "classic", native = false, buckets }:
    ServiceOptions = {},
): Promise<Registry> {
  const registry = createRegistry({ names: rule });
  const telemetry = createTelemetry({ registry, names, environment: false });
  const handler = telemetry.observe(
    async () => {
      const call = telemetry.fetch({
        fetch: () => Promise.resolve(new Response("3")),
      });
      await (await call("http://stock.test/stock")).text();
      return new Response("ok");
    },
    { native, ...buckets === undefined ? {} : { buckets } },
  );
  await (await handler(new Request("http://shop.test/orders"))).text();
  await telemetry.close();
  return registry;
}

/** Descriptions of everything that the library writes about itself and runtimes. */
export function ownDescs(): FamilyDesc[] {
  const counters = [
    "series_overflows",
    "rejected_observations",
    "source_failures",
    "scrapes",
    "spans_lost",
    "spans_rejected",
    "logs_lost",
    "points_lost",
    "trace_failures",
    "fleet_publish_failures",
    "fleet_read_failures",
  ].map((name) =>
    familyDesc({
      name: `barograph_${name}_total`,
      type: "counter",
      help: "Something about the telemetry.",
      labelNames: /failures|rejected_o/.test(name)
        ? ["reason"]
        : name === "scrapes"
        ? ["outcome"]
        : [],
    })
  );
  const gauges = [
    "process_open_fds",
    "process_max_fds",
    "nodejs_heap_size_used_bytes",
    "nodejs_heap_size_total_bytes",
    "process_resident_memory_bytes",
    "barograph_fleet_members",
  ].map((name) =>
    familyDesc({ name, type: "gauge", help: "Something about the process." })
  );
  return [
    ...counters,
    ...gauges,
    familyDesc({
      name: "nodejs_eventloop_delay_seconds",
      type: "histogram",
      help: "Delay.",
      unit: "seconds",
    }),
    familyDesc({
      name: "nodejs_gc_duration_seconds",
      type: "histogram",
      help: "Collections.",
      unit: "seconds",
      labelNames: ["kind"],
    }),
    familyDesc({
      name: "process_cpu_seconds_total",
      type: "counter",
      help: "Processor time.",
      unit: "seconds",
    }),
  ];
}

/** Returns all panels, those of collapsed rows too, without the rows. */
export function panelsIn({ panels }: GrafanaDashboard): GrafanaPanel[] {
  return panels.flatMap((panel) =>
    "collapsed" in panel ? panel.panels : [panel]
  );
}

/** Returns all queries of a dashboard. */
export function targetsIn(dashboard: GrafanaDashboard): GrafanaTarget[] {
  return panelsIn(dashboard).flatMap(({ targets }) => targets);
}

/** Returns a query as Grafana sends it. */
export function interpolated(expression: string): string {
  return expression.replaceAll("$__rate_interval", "1m")
    .replaceAll(/\$(?:job|instance)\b/g, ".+");
}

/** Returns the parts of an expression that are no PromQL. */
export function syntaxErrors(expression: string): string[] {
  const errors: string[] = [];
  parser.parse(expression).iterate({
    enter({ type, from, to }) {
      if (type.isError) errors.push(expression.slice(from, to + 20));
    },
  });
  return errors;
}
