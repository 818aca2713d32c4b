/**
 * Recorders: the metrics of a kind of program, declared once as data and
 * recorded by functions with names.
 *
 * - One declaration yields every backend: metrics, a no-op, totals, several
 *   backends at once, and a slot whose backend can be swapped at run time.
 * - An object with the same functions is a backend too.
 * - Recording never throws, whatever a backend does.
 */
import {
  flag,
  ofType,
  type ReadOptions,
  readOptions,
  type SchemaOf,
  text,
} from "../base/internal.ts";
import {
  type BareRegistry,
  callbackGauge,
  type CallbackOptions,
  counter,
  DEFAULT_BUCKETS,
  gauge,
  histogram,
  type LabelValue,
  type Names,
  noopRegistry,
  type NoSets,
} from "../metrics/mod.ts";
import { defaultBareRegistry } from "../metrics/internal.ts";
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

/** The description of one metric family of a recorder, for documentation. */
export interface FamilyFacts {
  /** The full name. */
  readonly name: string;
  /** The metric type. */
  readonly type: "counter" | "gauge" | "histogram";
  /** The help text: one sentence. */
  readonly help: string;
  /** The label names, each with its values if they are a closed set. */
  readonly labels: readonly (readonly [
    name: string,
    values: readonly string[] | undefined,
  ])[];
  /** Bucket bounds of a histogram; undefined for the default ones. */
  readonly buckets: readonly number[] | undefined;
  /** Whether the option `seconds` is needed to declare it. */
  readonly twin: boolean;
}

/** A recorder: its backends, and the description of its metrics. */
export interface Recorder<I extends InstrumentSpecs, R> {
  /** The name of the recorder in error messages. */
  readonly title: string;
  /**
   * Returns a backend that records into metrics on `registry`. Default: the
   * default registry. The same options return the same metrics.
   *
   * @throws {TypeError | RangeError} If an option or a metric is wrong.
   * @throws {FamilyConflictError} If the registry has one of these families
   *   with other terms.
   */
  on(registry?: BareRegistry, options?: RecorderOptions<I>): R;
  /** Returns a backend that does nothing. */
  noop(): R;
  /** Returns a backend that adds up over all labels; `read` takes a snapshot. */
  stats(): R & { readonly read: () => StatsOf<I> };
  /** Returns a backend for tests, which keeps the name and arguments of calls. */
  recording(): R & {
    readonly calls: readonly (readonly [keyof R & string, ...unknown[]])[];
  };
  /** Returns a backend that passes each record to those backends that take it. */
  tee(...backends: readonly Partial<R>[]): R & FanOut;
  /** The slot of the process. Default: a backend that does nothing. */
  readonly global: Slot<R>;
  /** Passes events that are named like the functions to `backend`. */
  attach(emitter: Emitter, backend: Partial<R>): Disposable & FanOut;
  /** Describes the metric families, for documentation. */
  families(): readonly FamilyFacts[];
}

/**
 * Defines a recorder.
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
 * Instruments are checked by `on`, not here.
 */
export function defineRecorder<
  const I extends InstrumentSpecs,
  R extends Records<R>,
>(spec: RecorderSpec<I, R>): Recorder<I, R> {
  const { title, instruments, records } = spec;
  const build = (made: Readonly<Record<string, unknown>>): R =>
    records(made as InstrumentsOf<I>);
  const names = Object.keys(
    build(declareOn(noopRegistry, spec, readAll(spec, {}))),
  ) as (keyof R & string)[];
  const noop = forwarding<R>(names, () => {});
  return {
    title,
    on: (registry = defaultBareRegistry(), options = {}) =>
      build(declareOn(registry, spec, readAll(spec, options))),
    noop: () => noop,
    stats: () => {
      const { instruments: made, read } = tallies(instruments);
      return { ...build(made), read };
    },
    recording: () => {
      const calls: (readonly [keyof R & string, ...unknown[]])[] = [];
      const backend = forwarding<R>(
        names,
        (name, args) => void calls.push([name, ...args]),
      );
      return { ...backend, calls };
    },
    tee: (...backends) => fanOut(names, backends),
    global: slot(names, noop),
    attach: (emitter, backend) => listenTo(names, emitter, backend),
    families: () => factsOf(spec),
  };
}

/** The rules of `RecorderOptions`, whatever the instruments. */
const OPTIONS = {
  namespace: text("shop"),
  subsystem: text("worker"),
  labels: ofType<Readonly<Record<string, LabelValue>>>(
    ["object"],
    'labels, such as { zone: "eu" }',
  ),
  buckets: ofType<Readonly<Record<string, readonly number[]>>>(
    ["object"],
    "bounds by instrument, such as { duration: [0.1, 1] }",
    {},
  ),
  seconds: flag(false),
  current: ofType<
    Readonly<Record<string, CallbackOptions<Names, NoSets>["read"]>>
  >(
    ["object"],
    "callbacks by instrument, such as { open: (report) => report(1) }",
    {},
  ),
} satisfies SchemaOf<RecorderOptions<InstrumentSpecs>>;

type AllOptions = ReadOptions<typeof OPTIONS>;

/** @throws {TypeError} If an option or one of its keys is wrong. */
function readAll<I extends InstrumentSpecs, R>(
  { title, instruments }: RecorderSpec<I, R>,
  options: RecorderOptions<I>,
): AllOptions {
  const action = `Cannot record ${title}`;
  const read = readOptions(action, OPTIONS, options as AllOptions);
  for (const option of ["buckets", "current"] as const) {
    const type = option === "buckets" ? "histogram" : "gauge";
    const known = Object.entries(instruments)
      .filter(([, one]) => one.type === type).map(([key]) => key);
    for (const key of Object.keys(read[option])) {
      if (known.includes(key)) continue;
      throw new TypeError(
        `${action}: ${option} has "${key}", which is not a ${type}; ` +
          `give any of ${known.join(", ")}`,
      );
    }
  }
  return read;
}

const DECLARE = { counter, gauge } as const;

function declareOn<I extends InstrumentSpecs, R>(
  registry: BareRegistry,
  spec: RecorderSpec<I, R>,
  options: AllOptions,
): Record<string, unknown> {
  const { namespace = spec.namespace, labels, seconds, current } = options;
  const subsystem = options.subsystem ?? spec.subsystem ?? "";
  const scope = labels === undefined ? registry : registry.scope({ labels });
  const made: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(spec.instruments)) {
    const { type, twin = false, buckets = DEFAULT_BUCKETS, ...terms } = one;
    const target = twin && !seconds ? noopRegistry : scope;
    const named = { ...terms, namespace, subsystem };
    const read = current[key];
    if (read !== undefined) {
      const options = { ...named, read } as CallbackOptions<Names, NoSets>;
      callbackGauge(options, target);
      made[key] = gauge(named, noopRegistry);
    } else if (type === "histogram") {
      const bounds = options.buckets[key] ?? buckets;
      made[key] = histogram({ ...named, buckets: bounds }, target);
    } else made[key] = DECLARE[type](named, target);
  }
  return made;
}

function factsOf(
  { namespace, subsystem, instruments }: Pick<
    RecorderSpec<InstrumentSpecs, unknown>,
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
