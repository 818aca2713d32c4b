/** The released client, with types for the parts that the benches use. */
import * as client from "@prometheus-io/client";

export interface RivalSeries {
  inc(by?: number): void;
  observe(value: number): void;
}

export interface RivalMetric {
  inc(labels?: object | number): void;
  observe(labels: object, value: number): void;
  labels(labels: object): RivalSeries;
}

export interface RivalRegistry {
  readonly contentType: string;
  metrics(): Promise<string>;
}

interface Options {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly registers: readonly RivalRegistry[];
}

interface Rival {
  readonly Registry: new () => RivalRegistry;
  readonly Counter: new (options: Options) => RivalMetric;
  readonly Histogram: new (options: Options) => RivalMetric;
}

export const { Registry, Counter, Histogram } = client as unknown as Rival;
