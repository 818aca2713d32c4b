/**
 * The figures of a target between two scrapes: rates of counters, quantiles of
 * histograms, levels of gauges, and the number of series.
 */
import type { ParsedFamily, ParsedSample } from "../../testing/mod.ts";
import type { Unit } from "./text.ts";

/** One scrape. */
export interface Scrape {
  /** Monotonic seconds. */
  readonly time: number;
  readonly families: readonly ParsedFamily[];
}

/** A series with its figure. */
export interface SeriesFigure {
  readonly labels: string;
  readonly value: number;
}

/** A family with its figure, and those of its series, the largest first. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
  readonly series: readonly SeriesFigure[];
}

/** A distribution between two scrapes. */
export interface Distribution {
  readonly name: string;
  readonly unit: Unit;
  /** Observations per second. */
  readonly rate: number;
  /** Quantiles 0.5, 0.95 and 0.99; undefined without buckets or observations. */
  readonly quantiles: readonly (number | undefined)[];
  /** Mean; undefined without observations. */
  readonly mean: number | undefined;
}

/** Facts about the process, as far as the target exposes them. */
export interface ProcessFacts {
  /** The time of its start in unix seconds. */
  readonly start: number | undefined;
  /** Processor time per second. */
  readonly cpu: number | undefined;
  /** Resident memory in bytes. */
  readonly memory: number | undefined;
}

/** All figures between two scrapes. */
export interface Figures {
  readonly rates: readonly Figure[];
  readonly distributions: readonly Distribution[];
  readonly levels: readonly Figure[];
  /** Numbers of series. */
  readonly sizes: readonly Figure[];
  readonly process: ProcessFacts;
}

const QUANTILES = [0.5, 0.95, 0.99];

/** Returns the figures at `now`; rates need the scrape `before`. */
export function figuresOf(now: Scrape, before: Scrape | undefined): Figures {
  const seconds = before === undefined ? 0 : now.time - before.time;
  const earlier = new Map(
    before?.families.flatMap(({ samples }) => samples)
      .map((sample) => [keyOf(sample), sample.value]),
  );
  /** The increase per second; a counter that fell has begun again. */
  const rateOf = (sample: ParsedSample): number | undefined => {
    const last = earlier.get(keyOf(sample));
    if (seconds <= 0) return undefined;
    // A series that is new to a target which is not: it began at zero.
    const increase = sample.value - (last ?? 0);
    return (increase < 0 ? sample.value : increase) / seconds;
  };
  const rates: Figure[] = [];
  const distributions: Distribution[] = [];
  const levels: Figure[] = [];
  for (const family of now.families) {
    if (family.type === "counter") rates.push(rateFigure(family, rateOf));
    else if (/^(?:histogram|summary)$/.test(family.type)) {
      distributions.push(distributionOf(family, rateOf));
    } else if (isLevel(family)) levels.push(levelOf(family));
  }
  return {
    rates,
    distributions,
    levels,
    sizes: now.families.map(sizeOf),
    process: factsOf(now.families, rateOf),
  };
}

type RateOf = (sample: ParsedSample) => number | undefined;

function keyOf({ name, labels }: ParsedSample): string {
  return JSON.stringify([name, ...labels]);
}

/** Returns labels as a query has them. */
export function labelText(labels: ReadonlyMap<string, string>): string {
  return [...labels].map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(" ");
}

function unitOf(name: string): Unit {
  const word = /_(seconds|bytes|ratio)(?:_total)?$/.exec(name)?.[1];
  return word === undefined ? "count" : word as Unit;
}

/** Returns series by falling values. */
function sorted(series: readonly SeriesFigure[]): readonly SeriesFigure[] {
  return [...series].sort((a, b) => b.value - a.value);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Returns samples that count: neither their creation nor a gauge. */
function counted({ samples }: ParsedFamily): readonly ParsedSample[] {
  return samples.filter(({ name }) => !name.endsWith("_created"));
}

/** Returns the name of a family in queries: metadata can lack its ending. */
function queriedName(family: ParsedFamily): string {
  const isWhole = !/^(?:counter|info)$/.test(family.type);
  return isWhole ? family.name : counted(family)[0]?.name ?? family.name;
}

function rateFigure(family: ParsedFamily, rateOf: RateOf): Figure {
  const series = counted(family).map((sample) => ({
    labels: labelText(sample.labels),
    value: rateOf(sample) ?? NaN,
  }));
  const unit = unitOf(family.name);
  return {
    name: queriedName(family),
    unit: unit === "seconds" ? "ratio" : unit,
    value: sum(series.map(({ value }) => value)),
    series: sorted(series),
  };
}

function distributionOf(family: ParsedFamily, rateOf: RateOf): Distribution {
  const { name, samples } = family;
  const total = (suffix: string): number | undefined => {
    const own = samples.filter((sample) => sample.name === name + suffix)
      .map(rateOf);
    return own.includes(undefined) || own.length === 0
      ? undefined
      : sum(own as number[]);
  };
  const rate = total("_count") ?? NaN;
  const buckets = new Map<number, number>();
  for (const sample of samples) {
    if (sample.name !== `${name}_bucket`) continue;
    const bound = boundOf(sample.labels.get("le"));
    buckets.set(bound, (buckets.get(bound) ?? 0) + (rateOf(sample) ?? NaN));
  }
  const rising = [...buckets].sort(([a], [b]) => a - b);
  const observed = total("_sum");
  return {
    name,
    unit: unitOf(name),
    rate,
    quantiles: QUANTILES.map((q) => quantile(rising, q)),
    mean: rate > 0 && observed !== undefined ? observed / rate : undefined,
  };
}

function boundOf(text: string | undefined): number {
  return /^\+?inf$/i.test(text ?? "") ? Infinity : Number(text);
}

/** Returns a quantile of cumulative buckets as Prometheus does. */
function quantile(
  buckets: readonly (readonly [bound: number, count: number])[],
  q: number,
): number | undefined {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (!(total > 0) || buckets.length < 2) return undefined;
  const rank = q * total;
  const at = buckets.findIndex(([, count]) => count >= rank);
  const [bound, count] = buckets[at]!;
  const [lower, below] = at === 0 ? [0, 0] : buckets[at - 1]!;
  if (bound === Infinity) return lower;
  if (at === 0 && bound <= 0) return bound;
  return lower + (bound - lower) * (rank - below) / (count - below);
}

/** Returns whether a family has values that can rise and fall. */
function isLevel({ name, type }: ParsedFamily): boolean {
  return /^(?:gauge|unknown|untyped)$/.test(type) &&
    !/_info$|_(?:timestamp|start_time)_seconds$|_created$/.test(name);
}

function levelOf({ name, samples }: ParsedFamily): Figure {
  const series = sorted(
    samples.map(({ labels, value }) => ({ labels: labelText(labels), value })),
  );
  return {
    name,
    unit: unitOf(name),
    value: sum(series.map(({ value }) => value)),
    series,
  };
}

function sizeOf(family: ParsedFamily): Figure {
  return {
    name: queriedName(family),
    unit: "count",
    value: family.samples.length,
    series: [],
  };
}

function factsOf(
  families: readonly ParsedFamily[],
  rateOf: RateOf,
): ProcessFacts {
  const sample = (...names: readonly string[]): ParsedSample | undefined =>
    families.flatMap(({ samples }) => samples)
      .find(({ name }) => names.includes(name));
  const cpu = sample("process_cpu_seconds_total");
  return {
    start: sample("process_start_time_seconds")?.value,
    cpu: cpu && rateOf(cpu),
    memory: sample(
      "process_resident_memory_bytes",
      "process_memory_usage_bytes",
    )
      ?.value,
  };
}
