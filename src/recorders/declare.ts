/**
 * Vocabularies: what a kind of program tells of itself, declared once as data.
 *
 * - One spec yields every backend: metrics, nothing, totals, several at once,
 *   and one that can be swapped while the program runs.
 * - A user's own object with the same functions is a backend like any other.
 * - Telling never throws, whatever a backend does.
 */
import {
  type CallbackOptions,
  defaultRegistry,
  type Names,
  noopRegistry,
  type NoSets,
  type Registry,
} from "../metrics/mod.ts";
import {
  type Emitter,
  type FanOut,
  fanOut,
  forwarding,
  listenTo,
  type Slot,
  slot,
} from "./fan_out.ts";
import type {
  InstrumentsOf,
  InstrumentSpecs,
  RecorderOptions,
  RecorderSpec,
  Records,
  StatsOf,
} from "./spec.ts";
import { tallies } from "./tally.ts";

/** What a family of a vocabulary is, for people. */
export interface FamilyFacts {
  /** Its whole name. */
  readonly name: string;
  /** What it is. */
  readonly type: "counter" | "gauge" | "histogram";
  /** One sentence. */
  readonly help: string;
  /** Names of the labels, and their values where these are closed. */
  readonly labels: readonly (readonly [
    name: string,
    values: readonly string[] | undefined,
  ])[];
  /** Bounds of a histogram, if they are not the default ones. */
  readonly buckets: readonly number[] | undefined;
  /** Whether it is only there with the option `seconds`. */
  readonly twin: boolean;
}

/** A vocabulary, and its backends. */
export interface Recorder<I extends InstrumentSpecs, R> {
  /** What it is called. */
  readonly title: string;
  /**
   * Metrics on `registry`; on the default one unless given. The same options
   * again find the same metrics.
   *
   * @throws {TypeError | RangeError} If an option, or a metric, is wrong.
   * @throws {FamilyConflictError} If the registry has one of these families
   *   with other terms.
   */
  on(registry?: Registry, options?: RecorderOptions<I>): R;
  /** Does nothing. */
  noop(): R;
  /** Adds up, over all labels; `read` tells the totals of that moment. */
  stats(): R & { readonly read: () => StatsOf<I> };
  /** Keeps what it is told, for tests: the function, and what it was told. */
  recording(): R & {
    readonly told: readonly (readonly [keyof R & string, ...unknown[]])[];
  };
  /** Tells several; of their functions those that they have. */
  tee(...backends: readonly Partial<R>[]): R & FanOut;
  /** The backend of the process: one that does nothing, until it is swapped. */
  readonly global: Slot<R>;
  /** Tells `backend` of what an emitter emits by the names of the functions. */
  attach(emitter: Emitter, backend: Partial<R>): Disposable & FanOut;
  /** Its families, for people. */
  families(): readonly FamilyFacts[];
}

/**
 * Declares a vocabulary.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { defineRecorder } from "@barograph/barograph/recorders";
 *
 * const kitchen = defineRecorder({
 *   title: "kitchen",
 *   namespace: "kitchen",
 *   instruments: {
 *     dishes: {
 *       type: "counter",
 *       name: "dishes_total",
 *       help: "Dishes cooked.",
 *       labels: ["course"],
 *     },
 *   },
 *   records: ({ dishes }) => ({
 *     dishCooked: (course: string) => dishes.at(course).inc(),
 *   }),
 * });
 * kitchen.global.use(kitchen.on(createRegistry()));
 * kitchen.global.record.dishCooked("soup");
 * ```
 *
 * A metric that cannot be declared is refused by `on`.
 */
export function defineRecorder<
  const I extends InstrumentSpecs,
  R extends Records<R>,
>(spec: RecorderSpec<I, R>): Recorder<I, R> {
  const { title, instruments, records } = spec;
  const build = (made: Readonly<Record<string, unknown>>): R =>
    records(made as InstrumentsOf<I>);
  const names = Object.keys(
    build(declareOn(noopRegistry, spec, {})),
  ) as (keyof R & string)[];
  const nothing = forwarding<R>(names, () => {});
  return {
    title,
    on: (registry = defaultRegistry(), options = {}) => {
      checkOptions(spec, options);
      return build(declareOn(registry, spec, options));
    },
    noop: () => nothing,
    stats: () => {
      const { instruments: made, read } = tallies(instruments);
      return { ...build(made), read };
    },
    recording: () => {
      const told: (readonly [keyof R & string, ...unknown[]])[] = [];
      const backend = forwarding<R>(
        names,
        (name, what) => void told.push([name, ...what]),
      );
      return { ...backend, told };
    },
    tee: (...backends) => fanOut(names, backends),
    global: slot(names, nothing),
    attach: (emitter, backend) => listenTo(names, emitter, backend),
    families: () => factsOf(spec),
  };
}

type Any = RecorderSpec<InstrumentSpecs, unknown>;

/** Options by the keys of any vocabulary. */
interface AnyOptions {
  readonly buckets?: Readonly<Record<string, readonly number[]>>;
  readonly current?: Readonly<
    Record<string, CallbackOptions<Names, NoSets>["read"]>
  >;
}

function declareOn<I extends InstrumentSpecs, R>(
  registry: Registry,
  spec: RecorderSpec<I, R>,
  options: RecorderOptions<I>,
): Record<string, unknown> {
  const { namespace = spec.namespace, subsystem = spec.subsystem } = options;
  const { labels, seconds = false } = options;
  const scope = labels === undefined ? registry : registry.scope({ labels });
  const made: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(spec.instruments)) {
    const { type, twin = false, buckets, ...terms } = one;
    const where = twin && !seconds ? noopRegistry : scope;
    const named = {
      ...terms,
      namespace,
      ...(subsystem !== undefined && { subsystem }),
    };
    const { current, buckets: bounds } = options as AnyOptions;
    const read = current?.[key];
    if (read !== undefined) {
      const told = { ...named, read } as CallbackOptions<Names, NoSets>;
      where.callbackGauge(told);
      made[key] = noopRegistry.gauge(named);
      continue;
    }
    const chosen = bounds?.[key] ?? buckets;
    made[key] = type === "histogram"
      ? where.histogram({
        ...named,
        ...(chosen !== undefined && { buckets: chosen }),
      })
      : where[type](named);
  }
  return made;
}

const LEGAL = [
  "namespace",
  "subsystem",
  "labels",
  "buckets",
  "seconds",
  "current",
];

/** @throws {TypeError} With the offending option and what to give. */
function checkOptions<I extends InstrumentSpecs, R>(
  spec: RecorderSpec<I, R>,
  options: RecorderOptions<I>,
): void {
  const refuse = (why: string): never => {
    throw new TypeError(`Cannot record ${spec.title}: ${why}`);
  };
  for (const name of Object.keys(options)) {
    if (LEGAL.includes(name)) continue;
    refuse(`there is no option "${name}"; give any of ${LEGAL.join(", ")}`);
  }
  const { instruments } = spec as unknown as Any;
  for (const option of ["buckets", "current"] as const) {
    const type = option === "buckets" ? "histogram" : "gauge";
    const known = Object.keys(instruments)
      .filter((key) => instruments[key]!.type === type);
    for (const key of Object.keys(options[option] ?? {})) {
      if (known.includes(key)) continue;
      refuse(
        `${option} of "${key}", which is no ${type} of it; ` +
          `give any of ${known.join(", ")}`,
      );
    }
  }
}

function factsOf(
  { namespace, subsystem, instruments }: Pick<
    Any,
    "namespace" | "subsystem" | "instruments"
  >,
): FamilyFacts[] {
  return Object.values(instruments).map((one) => ({
    name: [namespace, subsystem, one.name].filter(Boolean).join("_"),
    type: one.type,
    help: one.help,
    labels: (one.labels ?? []).map((label) => [
      label,
      one.values?.[label]?.map(String),
    ]),
    buckets: one.buckets,
    twin: one.twin ?? false,
  }));
}
