/**
 * Recorders: metrics for one kind of program, declared once as data and recorded
 * through named functions.
 *
 * - One declaration yields every backend: metrics, a no-op, totals, several
 *   backends at once, and a slot whose backend can be replaced at run time.
 * - Any object with some of these functions is a backend, too.
 * - A backend behind `tee`, `global` or `attach` may throw: its failures are
 *   counted, and do not reach the caller.
 */
import {
  flag,
  fn,
  ofType,
  oneOf,
  ownValue,
  quoted,
  type ReadOptions,
  readOptions,
  type SchemaOf,
  text,
  wrongOption,
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

/** Describes one metric family of a recorder, for documentation. */
export interface FamilyFacts {
  /** The full name. */
  readonly name: string;
  /** The metric type. */
  readonly type: "counter" | "gauge" | "histogram";
  /** The help text: one sentence. */
  readonly help: string;
  /** The label names, each with its closed value set, if it has one. */
  readonly labels: readonly (readonly [
    name: string,
    values: readonly string[] | undefined,
  ])[];
  /** Bucket bounds of a histogram; undefined for `DEFAULT_BUCKETS`. */
  readonly buckets: readonly number[] | undefined;
  /** Whether the family is declared only with the option `seconds`. */
  readonly twin: boolean;
}

/** A recorder: its backends, and the description of its metrics. */
export interface Recorder<I extends InstrumentSpecs, R> {
  /** The name of the recorder in error messages. */
  readonly title: string;
  /**
   * Returns a backend that records into metrics on `registry`. Default: the
   * default registry. Calls with the same options share the metrics.
   *
   * @throws {TypeError | RangeError} If an option or a metric is wrong.
   * @throws {FamilyConflictError} If the registry has one of these families
   *   with other terms.
   */
  on(registry?: BareRegistry, options?: RecorderOptions<I>): R;
  /** Returns a backend that does nothing. */
  noop(): R;
  /** Returns a backend that keeps totals over all labels; `read` returns them. */
  stats(): R & { readonly read: () => StatsOf<I> };
  /** Returns a backend for tests that stores name and arguments of each call. */
  recording(): R & {
    readonly calls: readonly (readonly [keyof R & string, ...unknown[]])[];
  };
  /** Returns a backend that passes each call to all `backends` that have the function. */
  tee(...backends: readonly Partial<R>[]): R & FanOut;
  /** A slot for use anywhere in the program. Default: a backend that does nothing. */
  readonly global: Slot<R>;
  /** Passes events to the function of `backend` with their name, until disposed. */
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
 * Only `on` checks the names and terms of instruments: a wrong one throws there.
 *
 * @throws {TypeError} If an option or the type of an instrument is wrong.
 */
export function defineRecorder<
  const I extends InstrumentSpecs,
  R extends Records<R>,
>(given: RecorderSpec<I, R>): Recorder<I, R> {
  checkSpec(given);
  // Own properties, so that nothing is inherited.
  const spec = { subsystem: undefined, ...given } as RecorderSpec<I, R>;
  const { title, instruments, records } = spec;
  const build = (made: Readonly<Record<string, unknown>>): R =>
    records(made as InstrumentsOf<I>);
  const names = Object.keys(
    build(declareOn(noopRegistry, spec, readAll(spec, {}))),
  ) as (keyof R & string)[];
  const noop = forwarding<R>(names, () => {});
  return {
    title,
    on: (registry = defaultBareRegistry(), options = {}) => {
      if (typeof registry?.declare !== "function") {
        throw new TypeError(
          `Cannot record ${title}: the first argument must be a registry; ` +
            `try on(createRegistry(), options)`,
        );
      }
      return build(declareOn(registry, spec, readAll(spec, options)));
    },
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

/** Rules of `RecorderSpec`. */
const SPEC = {
  title: text("shop"),
  namespace: text("shop"),
  subsystem: text("worker"),
  instruments: ofType<InstrumentSpecs>(
    ["object"],
    "instruments, such as { sales: { type, name, help } }",
    {},
  ),
  records: fn<RecorderSpec<InstrumentSpecs, unknown>["records"]>(
    "({ sales }) => ({ sold: () => sales.inc() })",
  ),
} as const;

const TYPE = oneOf(["counter", "gauge", "histogram"], "counter");

/** @throws {TypeError} If an option or the type of an instrument is wrong. */
function checkSpec(spec: object): void {
  const action = "Cannot define a recorder";
  const { records, instruments } = readOptions(action, SPEC, spec);
  if (records === undefined) {
    throw wrongOption(action, "records", records, SPEC.records);
  }
  for (const [key, instrument] of Object.entries(instruments)) {
    const type: unknown = instrument?.type;
    if (TYPE.accepts(type)) continue;
    throw wrongOption(action, `the type of ${quoted(key)}`, type, TYPE);
  }
}

/** Rules of `RecorderOptions`, for any instruments. */
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

/**
 * Checks the options, and the instruments that they name.
 *
 * @throws {TypeError} If an option or an instrument in it is wrong.
 */
function readAll<I extends InstrumentSpecs, R>(
  { title, instruments }: RecorderSpec<I, R>,
  options: RecorderOptions<I>,
): AllOptions {
  const action = `Cannot record ${title}`;
  const read = readOptions(action, OPTIONS, options as AllOptions);
  for (const option of ["buckets", "current"] as const) {
    const type = option === "buckets" ? "histogram" : "gauge";
    const known = Object.entries(instruments)
      .filter(([, instrument]) => instrument.type === type)
      .map(([key]) => key);
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
  for (const [key, instrument] of Object.entries(spec.instruments)) {
    const { type, twin = false, buckets = DEFAULT_BUCKETS, ...terms } = {
      twin: undefined, // own, so that nothing is inherited
      buckets: undefined,
      ...instrument,
    };
    const target = twin && !seconds ? noopRegistry : scope;
    const named = { ...terms, namespace, subsystem };
    const read = ownValue(current, key);
    if (read !== undefined) {
      const options = { ...named, read } as CallbackOptions<Names, NoSets>;
      callbackGauge(options, target);
      made[key] = gauge(named, noopRegistry);
    } else if (type === "histogram") {
      const bounds = ownValue(options.buckets, key) as typeof buckets ??
        buckets;
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
  return Object.values(instruments).map((instrument) => ({
    name: [namespace, subsystem, instrument.name].filter(Boolean).join("_"),
    type: instrument.type,
    help: instrument.help,
    labels: (instrument.labels ?? []).map((label) => [
      label,
      instrument.values?.[label]?.map(String),
    ]),
    buckets: instrument.buckets,
    twin: instrument.twin ?? false,
  }));
}
