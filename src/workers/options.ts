/** The options of `withTelemetry`, and their parts. */
import {
  fn,
  ofType,
  type ReadOptions,
  readOptions,
  type SchemaOf,
  seconds,
  withMethods,
} from "../base/internal.ts";
import { SPAN_OPTIONS } from "../push/internal.ts";
import type { Telemetry } from "../telemetry/mod.ts";
import { OBSERVE_OPTIONS, TELEMETRY_OPTIONS } from "../telemetry/internal.ts";
import type { AsyncStorageClass } from "../trace/mod.ts";
import type { WorkerCollectorOptions, WorkerOptions } from "./api.ts";

const ACTION = "Cannot observe a Worker";

const {
  collector: _collector,
  origins: _origins,
  redact: _redact,
  ...TELEMETRY_RULES
} = TELEMETRY_OPTIONS;

const { events: _events, ...OBSERVE_RULES } = OBSERVE_OPTIONS;

const OWN_RULES = {
  telemetry: withMethods<Telemetry>(
    ["observe", "close"],
    "a telemetry, such as createTelemetry()",
  ),
  collector: ofType<string | WorkerCollectorOptions>(
    ["string", "object"],
    'an address, such as "https://otlp.example", or { endpoint, … }',
  ),
  flushInterval: seconds(10),
  onFlush: fn<NonNullable<WorkerOptions["onFlush"]>>("(telemetry, env) => {}"),
  AsyncLocalStorage: ofType<AsyncStorageClass>(
    ["function"],
    "the class of node:async_hooks",
  ),
};

const SCHEMA = {
  ...TELEMETRY_RULES,
  ...OBSERVE_RULES,
  ...OWN_RULES,
} satisfies SchemaOf<WorkerOptions>;

const {
  batch: _batch,
  interval: _interval,
  signals: _signals,
  random: _random,
  timers: _timers,
  clock: _clock,
  ...COLLECTOR_RULES
} = SPAN_OPTIONS;

/** The options that a given telemetry excludes. */
const CREATING = (Object.keys(TELEMETRY_RULES)).filter((name) =>
  !["service", "version", "clock", "timers"].includes(name)
);

/** Checked options, by the function that takes them. */
export interface WorkerParts {
  readonly telemetry: Telemetry | undefined;
  readonly creating: ReadOptions<typeof TELEMETRY_RULES>;
  readonly observing: ReadOptions<typeof OBSERVE_RULES>;
  readonly own: ReadOptions<typeof OWN_RULES>;
  /** Options of the collector, if there is one. */
  readonly collector: ReadOptions<typeof COLLECTOR_RULES> | undefined;
}

/**
 * Checks the options of `withTelemetry`.
 *
 * @throws {TypeError | RangeError} If an option is wrong or unknown.
 */
export function readWorkerOptions(options: WorkerOptions): WorkerParts {
  const read = readOptions(ACTION, SCHEMA, options);
  const { telemetry, collector = "" } = read;
  const given = CREATING.find((name) =>
    (options as Record<string, unknown>)[name] !== undefined
  );
  if (telemetry !== undefined && given !== undefined) {
    throw new TypeError(
      `${ACTION}: there are both telemetry and ${given}; ` +
        `give ${given} to createTelemetry()`,
    );
  }
  const target = typeof collector === "string"
    ? { endpoint: collector }
    : collector;
  const sending = readOptions(`${ACTION}: collector`, COLLECTOR_RULES, target);
  return {
    telemetry,
    creating: pick(read, TELEMETRY_RULES),
    observing: pick(read, OBSERVE_RULES),
    own: pick(read, OWN_RULES),
    collector: target.endpoint === "" ? undefined : sending,
  };
}

/** Returns the options of `from` that `rules` names. */
function pick<T extends object, K extends keyof T & string>(
  from: T,
  rules: Readonly<Record<K, unknown>>,
): Pick<T, K> {
  return Object.fromEntries(
    Object.keys(rules).map((name) => [name, from[name as K]]),
  ) as Pick<T, K>;
}
