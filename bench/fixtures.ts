/** Registries of several clients with many series, whose values can change. */
import { createRegistry } from "../src/metrics/mod.ts";
import type { Source } from "../src/model/mod.ts";
import * as promClient from "prom-client";
import * as rival from "./rival.ts";
import { type Changeable, labelsOf, NAMES, valueOf } from "./series.ts";

export { changer, labelsOf } from "./series.ts";

const help = "Bench.";

/** A registry with `size` series, each of which can be changed. */
export interface Series<Registry> extends Changeable {
  readonly registry: Registry;
}

/** Creates `size` counters with three labels. */
export function countersOf(size: number): Series<Source> {
  const registry = createRegistry();
  const family = registry.counter({
    name: "requests_total",
    help,
    labels: NAMES,
    maxSeries: size,
  });
  for (let i = 0; i < size; i++) family.with(labelsOf(i)).inc(i);
  return { size, registry, change: (i) => family.with(labelsOf(i)).inc() };
}

/** Creates `size` histograms with three labels and 11 buckets. */
export function histogramsOf(size: number): Series<Source> {
  const registry = createRegistry();
  const family = registry.histogram({
    name: "duration_seconds",
    help,
    labels: NAMES,
    maxSeries: size,
  });
  let k = 0;
  const change = (i: number) =>
    family.with(labelsOf(i)).observe(valueOf(i, k++));
  for (let i = 0; i < 5 * size; i++) change(i % size);
  return { size, registry, change };
}

/** Classes that the released client shares with its predecessor. */
type Client = Pick<typeof rival, "Registry" | "Counter" | "Histogram">;

const CLIENTS = {
  "@prometheus-io/client": rival,
  "prom-client 15.1.3": promClient as unknown as Client,
};

export type ClientName = keyof typeof CLIENTS;

/** Creates the same counters in another client. */
export function theirCounters(
  size: number,
  name: ClientName = "@prometheus-io/client",
): Series<rival.RivalRegistry> {
  const { Registry, Counter } = CLIENTS[name];
  const registry = new Registry();
  const counter = new Counter({
    name: "requests_total",
    help,
    labelNames: NAMES,
    registers: [registry],
  });
  for (let i = 0; i < size; i++) counter.labels(labelsOf(i)).inc(i);
  return { size, registry, change: (i) => counter.labels(labelsOf(i)).inc() };
}

/** Creates the same histograms in another client. */
export function theirHistograms(
  size: number,
  name: ClientName = "@prometheus-io/client",
): Series<rival.RivalRegistry> {
  const { Registry, Histogram } = CLIENTS[name];
  const registry = new Registry();
  const histogram = new Histogram({
    name: "duration_seconds",
    help,
    labelNames: NAMES,
    registers: [registry],
  });
  let k = 0;
  const change = (i: number) =>
    histogram.labels(labelsOf(i)).observe(valueOf(i, k++));
  for (let i = 0; i < 5 * size; i++) change(i % size);
  return { size, registry, change };
}
